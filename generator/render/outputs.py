"""Values and templates to the tree of output files, in memory."""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from generator.findings import Finding, Note, Span, error
from generator.findings.record import record
from generator.languages import EncodeError, Scalar
from generator.languages.fill import Filled, fill
from generator.languages.site import MARK, HclCode, ShapeError
from generator.project import SUFFIX, is_partial
from generator.project.cache import NO_CACHE, Cache, digest
from generator.project.content import is_binary, text_of
from generator.project.limits import EXCEEDED, limit_finding
from generator.render import composed
from generator.render.engine import AccessPath, Engine, Location, Rendered, RenderError
from generator.render.filters import Structure
from generator.render.paths import Output, outputs
from generator.render.shape import Shape, header, with_header, without_quotes
from generator.render.tree import Artifact, Tree
from generator.values.layers import Values
from generator.values.settings import NEEDED, Settings
from generator.values.source import KeyPath, format_path, leaves

_NOTHING = type("Nothing", (), {})  # no value is it
_TOGETHER = Note("it is put together from the values on this line")
if TYPE_CHECKING:
    from generator.render.structures import Placed


@record
class Draft:
    """A rendered file whose values are not encoded yet: one value and one location for each site of the shape.

    `placed` is what became of the lists and maps that filters write, if there are any.
    """

    path: str
    format: str
    template: str
    shape: Shape
    values: tuple[Scalar, ...]
    locations: tuple[Location, ...]
    placed: Placed | None = None
    head: str = ""


class Plans:
    """The files to render with some values, and for each a digest of the values that its template can name."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self._outputs: dict[str, tuple[list[Output], list[Finding]]] = {}
        self._digests: dict[str, tuple[Output, Iterable[AccessPath], str]] = {}
        self._written: dict[tuple[AccessPath, KeyPath | None], str] = {}

    def outputs(self, template: str, settings: Settings) -> tuple[list[Output], list[Finding]]:
        """Return the files that a template is to render."""
        if template not in self._outputs:
            self._outputs[template] = outputs(template, self.values, settings)
        return self._outputs[template]

    def digest(self, output: Output, named: Iterable[AccessPath]) -> str:
        """Return a digest of the values that a template can name by these paths."""
        known = self._digests.get(output.path)
        if known is None or known[0] is not output or known[1] is not named:
            values = "\0".join([self._value(output, path) for path in named])
            known = output, named, digest(repr(output.crlf), values)
            self._digests[output.path] = known
        return known[2]

    def _value(self, output: Output, path: AccessPath) -> str:
        """Return a value as a text that no other value has; most files see the same ones."""
        key = path, output.entries.get(path[0])
        if key not in self._written:
            self._written[key] = repr(_value_at(output.context, path))
        return self._written[key]


class Earlier:
    """What may be known of earlier renders of an environment.

    `texts` are those of files by `Artifact.made_from`, which are not encoded again: a third of the time of a render.
    A file is not even rendered again where `cache` has it, `keys` has the same key for its template, and the values
    that this can name, by `named`, are the same. `rules` is a digest of what else decides which files there are.
    """

    def __init__(
        self,
        values: Values,
        texts: Mapping[str, str] = MappingProxyType({}),
        keys: Mapping[str, str] = MappingProxyType({}),
        named: Mapping[str, Iterable[AccessPath]] = MappingProxyType({}),
        cache: Cache = NO_CACHE,
        rules: str = "",
    ) -> None:
        self.texts = texts
        self._env, self._keys, self._named, self._cache = values.env, keys, named, cache
        self._known: dict[str, tuple[str, Artifact]] = cache.recall("artifacts", values.env, "") or {}
        self._kept: dict[str, tuple[str, Artifact]] = {}
        known: Plans | None = cache.recall("plans", values.env, rules)
        self.plans = known if known and known.values is values else Plans(values)
        cache.keep("plans", values.env, rules, self.plans)

    def key(self, output: Output) -> str:
        """Return a digest of all that decides what a file becomes; "" where that is unknown."""
        key = self._keys.get(output.template)
        return key + self.plans.digest(output, self._named[output.template]) if key else ""

    def artifact(self, output: Output, key: str) -> Artifact | None:
        """Return a file that was rendered with this key."""
        known, artifact = self._known.get(output.path, ("", None))
        return artifact if key and key == known else None

    def keep(self, artifact: Artifact, key: str) -> None:
        """Keep a file without findings; not one with a secret that is allowed, which is to be found each time."""
        if key and artifact.made_from:
            self._kept[artifact.path] = key, artifact

    def end(self) -> None:
        """Forget the files that there are no more."""
        self._cache.keep("artifacts", self._env, "", self._kept)


def _value_at(context: Any, path: AccessPath) -> Any:
    """Return what an access path leads to; of a method, and of what a list or a scalar has, the whole."""
    for part in path:
        if not isinstance(context, dict) or (part not in context and hasattr(context, part)):
            break
        if part not in context:
            return _NOTHING
        context = context[part]
    return context


def render_tree(engine: Engine, values: Values, earlier: Earlier | None = None) -> tuple[Tree, list[Finding]]:
    """Render every template with `values`. Where there are findings, the tree lacks the files they are about."""
    earlier = earlier or Earlier(values)
    artifacts: dict[str, Artifact] = {}
    findings: list[Finding] = []
    for name in rendered_names(engine):
        if engine.is_stopped:
            break
        planned, wrong = earlier.plans.outputs(name, engine.settings)
        findings += wrong
        for output in planned:
            key = earlier.key(output)
            artifact, wrong = earlier.artifact(output, key), []
            if artifact is None:
                artifact, wrong = _artifact(engine, output, values, earlier.texts)
            findings += wrong
            if artifact is None:
                continue
            if not wrong:
                earlier.keep(artifact, key)
            if output.path in artifacts:
                findings.append(_claimed_twice(engine, output, artifacts[output.path].template))
            artifacts[output.path] = artifact
    earlier.end()
    tree = Tree(values.env, tuple(artifacts[path] for path in sorted(artifacts)), values.out)
    return tree, [replace(finding, environment=values.env) for finding in _unique(findings)]


def rendered_names(engine: Engine) -> list[str]:
    """Return the names of the templates that render files, and of the files that are copied, sorted."""
    return sorted([*(name for name in engine.names() if not is_partial(name)), *engine.copied()])


def render_file(engine: Engine, values: Values, name: str, path: str) -> str | None:
    """Return the text of the file at `path` of the template `name`; None if it is not rendered or has errors."""
    for output in outputs(name, values, engine.settings)[0]:
        if output.path == path:
            artifact, findings = _artifact(engine, output, values, {})
            return artifact.text if artifact and not findings else None
    return None


def draft_file(engine: Engine, output: Output) -> Draft | None:
    """Render one file up to its values, or return None when it is empty. Raises RenderError."""
    rendered = engine.render(output.template, output.context)
    return (
        _draft(engine, output, _language(engine, output, rendered), rendered)
        if rendered.text.strip()
        else None
    )


def _artifact(
    engine: Engine, output: Output, values: Values, known: Mapping[str, str]
) -> tuple[Artifact | None, list[Finding]]:
    if not output.template.endswith(SUFFIX):
        return _copied(engine, output)
    try:
        rendered = engine.render(output.template, output.context)
        if not rendered.text.strip():
            return None, []
        language = _language(engine, output, rendered)
        head = _header(engine, output, language)
        made_from = digest(
            language, output.template, head, engine.settings.quotes, rendered.digest, _packed(rendered)
        )
        text = known.get(made_from)
        findings: list[Finding] = []
        if text is None:
            draft = _draft(engine, output, language, rendered)
            text, findings = _fill(engine, draft, values)
            leaks, has_secret = _leaks(engine, draft, values)
            findings += leaks
            made_from = "" if has_secret else made_from  # it is to be found, or allowed, again
    except RenderError as problem:
        return None, [problem.finding]
    except EXCEEDED as problem:
        return None, [limit_finding(problem, Span(engine.sources.path(output.template), 1), output.path)]
    form = engine.sources.form(output.template)
    executable = language == "shell" or form.executable
    content = form.content(text, output.crlf)
    artifact = Artifact(output.path, language, text, output.template, made_from, executable, content)
    return artifact, findings


def _copied(engine: Engine, output: Output) -> tuple[Artifact | None, list[Finding]]:
    """Return a file that is copied byte for byte, as text for its readers."""
    try:
        data, executable = engine.sources.content(output.template)
    except RenderError as problem:
        return None, [problem.finding]
    text = text_of(data)
    language = "verbatim" if is_binary(data) else engine.settings.language_of(output.path, text)
    content = None if text.encode() == data else data
    return Artifact(output.path, language, text, output.template, "", executable, content), []


def _header(engine: Engine, output: Output, language: str) -> str:
    """Return the header of a file, unless the settings turn it off."""
    template = f"{engine.settings.folders.templates}/{output.template}"
    return header(language, template) if engine.settings.has_header(output.path) else ""


def _packed(rendered: Rendered) -> bytes:
    """Return the values of a file as bytes that no others have."""
    values = rendered.scalars()
    if values is not None and HclCode not in map(type, values):
        return marshal.dumps(values, 2)  # 2: without references
    plain = [each.plain() if isinstance(each, Structure) else each for each in rendered.values]
    return marshal.dumps([_data(each) for each in plain], 2)


def _data(value: Any) -> Any:
    """Return a value as plain data; code is not the text that it is written as."""
    if isinstance(value, dict):
        return {key: _data(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_data(inner) for inner in value]
    return {"hcl": str(value)} if isinstance(value, HclCode) else value


def _language(engine: Engine, output: Output, rendered: Rendered) -> str:
    return engine.settings.language_of(output.path, rendered.text.lstrip("\n"))


def _draft(engine: Engine, output: Output, language: str, rendered: Rendered) -> Draft:
    name, head = output.template, _header(engine, output, language)
    scalars = rendered.scalars()
    try:
        if scalars is None:
            from generator.render.structures import (
                place,  # few files have lists or maps, and an import takes time
            )

            shape, values, locations, placed = place(engine.shapes, language, head, rendered)
            return Draft(output.path, language, name, _styled(engine, shape), values, locations, placed, head)
        shape = engine.shapes.shape(language, head, rendered.text)
    except ShapeError as problem:
        text = with_header(rendered.text, language, head)
        raise RenderError(_bad_shape(engine, output, text, problem)) from None
    return Draft(output.path, language, name, _styled(engine, shape), scalars, rendered.locations, None, head)


def _styled(engine: Engine, shape: Shape) -> Shape:
    return without_quotes(shape) if engine.settings.quotes == NEEDED else shape


def fill_draft(draft: Draft) -> Filled:
    """Return the file of a draft, with its values encoded, without those that cannot be."""
    return fill(draft.shape.literals, draft.shape.sites, draft.values, draft.shape.scalars)


def _fill(engine: Engine, draft: Draft, values: Values) -> tuple[str, list[Finding]]:
    filled = fill_draft(draft)
    findings = []
    problems = dict(filled.problems) | (dict(draft.placed.problems) if draft.placed else {})
    for index, problem in sorted(problems.items()):
        structure = draft.placed.texts.get(index) if draft.placed else None
        value = structure.data if structure else draft.values[index]
        findings.append(_cannot_encode(engine.sources.span(draft.locations[index]), problem, value, values))
    return filled.text(), findings


def _leaks(engine: Engine, draft: Draft, values: Values) -> tuple[list[Finding], bool]:
    """Return the findings about secrets that values make together, and whether there is any, also an allowed one."""
    if draft.path.endswith(".example"):
        return [], False
    texts = composed.lines(draft.shape.literals, draft.values)
    found = engine.scanned.in_lines(engine.sources.path(draft.template), [line.text for line in texts])
    own = {value for _, value in leaves(values.data)} if found else set()
    findings: list[Finding] = []
    for line, secret in [(each, secret) for each in texts for secret in found.get(each.text, ())]:
        start = secret.at.column - 1
        numbers = line.values(start, start + len(secret.text))
        is_own = line.is_whole(start, start + len(secret.text)) and draft.values[numbers[0]] in own
        if not numbers or is_own:
            continue  # found in the template or in the values
        if engine.scanned.without_public([secret]):
            at = engine.sources.span(draft.locations[numbers[0]])
            findings.append(replace(secret.finding(), at=at, notes=(_TOGETHER,)))
    return findings, bool(found)


def _cannot_encode(at: Span, problem: EncodeError, value: Scalar, values: Values) -> Finding:
    """Return the finding, with notes at the values that are equal to `value`."""
    equal = [path for path, each in leaves(values.data) if each == value and type(each) is type(value)]
    notes = tuple(Note(f"{format_path(path)} has this value", values.at(path)) for path in equal[:3])
    return error("render/cannot-encode", str(problem), at, notes=notes, hint=problem.hint)


def _bad_shape(engine: Engine, output: Output, text: str, problem: ShapeError) -> Finding:
    lines = text.split("\n")
    line = lines[problem.line - 1] if problem.line <= len(lines) else ""
    shown = line.replace(MARK, "…").strip()
    note = Note(f"line {problem.line} of the rendered {output.path} would be {shown or 'empty'}")
    hint = (
        problem.hint or "check the indentation and the quotes of the template here, and a line or two before"
    )
    at = engine.sources.find(output.template, line)
    message = f"the result is not valid {problem.language}: {problem}"
    return error("render/bad-shape", message, at, notes=(note,), hint=hint)


def _claimed_twice(engine: Engine, output: Output, other: str) -> Finding:
    if other == output.template:
        return error(
            "render/claimed-twice",
            f"the template generates {output.path} twice",
            Span(engine.sources.path(output.template), 1),
            hint="two entries have the same name in the path: rename one, or add another word in braces",
        )
    return error(
        "render/claimed-twice",
        f"two templates generate {output.path}",
        Span(engine.sources.path(output.template), 1),
        notes=(Note("the other template", Span(engine.sources.path(other), 1)),),
        hint="rename or delete one of them",
    )


def _unique(findings: list[Finding]) -> Iterable[Finding]:
    """Return the findings without repetition: one value or line may be wrong in many files for one reason."""
    unique: dict[tuple[str, str, Span | None], Finding] = {}
    for finding in findings:
        unique.setdefault((finding.code, finding.message, finding.at), finding)
    return unique.values()
