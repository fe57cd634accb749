"""Values and templates to the tree of output files, in memory."""

from __future__ import annotations

import marshal
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from generator.findings import Finding, Note, Span, error
from generator.findings.suggest import nearest
from generator.languages import EncodeError, Scalar, encode, language_of
from generator.languages.site import MARK, ShapeError
from generator.project import SUFFIX, TEMPLATES, is_partial
from generator.project.cache import digest
from generator.render.engine import Engine, Place, Rendered, TemplateFailure
from generator.render.shape import Outline, with_header
from generator.render.tree import Artifact, Tree
from generator.values.layers import Values
from generator.values.source import KeyPath, format_path, leaves

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
# Values in a path: a DNS-1123 label, or the suffix that makes one of it.
_PATH_PART = {
    "service": re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"),
    "suffix": re.compile(r"(-[a-z0-9-]*[a-z0-9])?"),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A file whose values are not filled in yet, and where each of them goes."""

    path: str
    format: str
    template: str
    outline: Outline
    values: tuple[Scalar, ...]
    places: tuple[Place, ...]


def render_tree(
    engine: Engine, values: Values, known: Mapping[str, str] = MappingProxyType({})
) -> tuple[Tree, list[Finding]]:
    """Render every template with `values`. Where there are findings, the tree lacks the files they are about.

    `known` are texts of files by what they were made from (`Artifact.made_from`), which need not be made again: a
    third of the time of a render.
    """
    artifacts: dict[str, Artifact] = {}
    findings: list[Finding] = []
    for name in engine.names():
        if is_partial(name):
            continue
        for path, context in outputs(name, values, findings):
            artifact = _artifact(engine, name, path, context, values, findings, known)
            if artifact is None:
                continue
            if path in artifacts:
                findings.append(_claimed_twice(path, name, artifacts[path].template))
            artifacts[path] = artifact
    tree = Tree(values.env, tuple(artifacts[path] for path in sorted(artifacts)))
    return tree, [replace(finding, environment=values.env) for finding in _unique(findings)]


def render_file(engine: Engine, values: Values, artifact: Artifact) -> str | None:
    """Return what `values` make of the file that `artifact` is, or None when they make none, or a wrong one."""
    findings: list[Finding] = []
    for path, context in outputs(artifact.template, values, findings):
        if path == artifact.path:
            draft = draft_file(engine, artifact.template, path, context, findings)
            text = _fill(engine, draft, values, findings) if draft else None
            return None if findings else text
    return None


def outputs(name: str, values: Values, findings: list[Finding]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each output path of the template `name`, with what the template can see."""
    path = name.removesuffix(SUFFIX)
    words = _PLACEHOLDER.findall(path)
    unknown = [word for word in words if word not in _PATH_PART]
    if unknown:
        hint = nearest(unknown[0], list(_PATH_PART)) or "a path may hold {service} and {suffix}"
        message = f"found {{{unknown[0]}}} in the template's path"
        at = Span(f"{TEMPLATES}/{name}", 1)
        findings.append(error("render/unknown-placeholder", message, at, hint=hint))
        return
    services = values.data.get("services", {})
    for key in services if "{service}" in path else [None]:
        parts = {"service": key, "suffix": values.data.get("suffix", "")}
        wrong = [word for word in words if not _PATH_PART[word].fullmatch(str(parts[word]))]
        if wrong:
            where: KeyPath = ("services", str(key)) if wrong[0] == "service" else ("suffix",)
            message = f"found {parts[wrong[0]]!r}, which cannot be a part of a file's name"
            notes = (Note("in the path of this template", Span(f"{TEMPLATES}/{name}", 1)),)
            hint = "use lower-case letters, digits and dashes"
            findings.append(error("render/unsafe-path", message, values.at(where), notes=notes, hint=hint))
            continue
        context = values.data if key is None else values.data | {"service": {"name": key} | services[key]}
        yield path.replace("{service}", str(key)).replace("{suffix}", parts["suffix"]), context


def draft_file(
    engine: Engine, name: str, path: str, context: Mapping[str, Any], findings: list[Finding]
) -> Draft | None:
    """Render one file up to its values; None where it is empty, or where something is wrong with it."""
    found = _rendered(engine, name, path, context, findings)
    return _draft(engine, name, path, *found, findings) if found else None


def _artifact(
    engine: Engine,
    name: str,
    path: str,
    context: Mapping[str, Any],
    values: Values,
    findings: list[Finding],
    known: Mapping[str, str],
) -> Artifact | None:
    found = _rendered(engine, name, path, context, findings)
    if found is None:
        return None
    made_from = _made_from(found[0], name, found[1])
    if made_from in known:
        return Artifact(path, found[0], known[made_from], name, made_from)
    draft = _draft(engine, name, path, *found, findings)
    text = _fill(engine, draft, values, findings) if draft else ""
    return Artifact(path, found[0], text, name, made_from) if draft else None


def _rendered(
    engine: Engine, name: str, path: str, context: Mapping[str, Any], findings: list[Finding]
) -> tuple[str, Rendered] | None:
    """Return the format of a file and what its template puts out; None for nothing, or where something is wrong."""
    try:
        rendered = engine.render(name, context)
    except TemplateFailure as failure:
        findings.append(failure.finding)
        return None
    if not rendered.shape.strip():
        return None
    kind = language_of(path, rendered.shape.lstrip("\n"))
    return kind, rendered


def _draft(
    engine: Engine, name: str, path: str, kind: str, rendered: Rendered, findings: list[Finding]
) -> Draft | None:
    try:
        outline = engine.outlines.outline(kind, name, rendered.shape)
    except ShapeError as problem:
        findings.append(_bad_shape(engine, name, path, with_header(rendered.shape, kind, name), problem))
        return None
    return Draft(path, kind, name, outline, rendered.values, rendered.places)


def _made_from(kind: str, name: str, rendered: Rendered) -> str:
    return digest(kind, name, rendered.digest, marshal.dumps(rendered.values, 2))  # 2: without references


def _fill(engine: Engine, draft: Draft, values: Values, findings: list[Finding]) -> str:
    first, *behind = draft.outline.texts
    text = [first]
    for site, value, place, piece in zip(
        draft.outline.sites, draft.values, draft.places, behind, strict=True
    ):
        try:
            text += encode(site, value), piece
        except EncodeError as problem:
            findings.append(_cannot_encode(engine.sources.span(place), problem, value, values))
    return "".join(text)


def _cannot_encode(at: Span, problem: EncodeError, value: Scalar, values: Values) -> Finding:
    """Return the finding, with the places of the values that the text comes from, as far as they can be told."""
    whole = [path for path, each in leaves(values.data) if each == value and type(each) is type(value)]
    notes = tuple(Note(f"{format_path(path)} has the value", values.at(path)) for path in whole[:3])
    return error("render/cannot-encode", str(problem), at, notes=notes, hint=problem.hint)


def _bad_shape(engine: Engine, name: str, path: str, shape: str, problem: ShapeError) -> Finding:
    lines = shape.split("\n")
    line = lines[problem.line - 1] if problem.line <= len(lines) else ""
    shown = line.replace(MARK, "…").strip()
    note = Note(f"the rendered {path} would have this as its line {problem.line}: {shown}")
    hint = "check the indentation and the quotes of the template here, and a line or two before"
    return error(
        "render/bad-shape",
        f"the result is not YAML: {problem}",
        engine.sources.find(name, line),
        notes=(note,),
        hint=hint,
    )


def _claimed_twice(path: str, name: str, other: str) -> Finding:
    return error(
        "render/claimed-twice",
        f"makes {path}, and so does another template",
        Span(f"{TEMPLATES}/{name}", 1),
        notes=(Note("the other one", Span(f"{TEMPLATES}/{other}", 1)),),
        hint="rename or delete one of the two",
    )


def _unique(findings: list[Finding]) -> list[Finding]:
    """Return the findings without repetition: one value or line breaks many files for one reason."""
    return list(
        {(finding.code, finding.message, finding.at): finding for finding in reversed(findings)}.values()
    )[::-1]
