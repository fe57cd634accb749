"""What `adopt` made and found, as text and as JSON."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from generator.adopt.conditions import reference
from generator.adopt.drift import TITLES, Drift, shortened
from generator.adopt.project import Adoption
from generator.project import SUFFIX, TEMPLATES
from generator.report.text import Paint

VERSION = 1
_MOST_OF_KIND = 8
_MOST_VALUES = 40


def render_text(adoption: Adoption, found: Sequence[Drift], target: str, paint: Paint) -> str:
    """Return what was made, what was left, and what differs."""
    lines = [summary(adoption, target), paint("Every rendered file is byte for byte the original.", "green")]
    lines += [*_values(adoption), *_joined(adoption)]
    lines += _not_values(adoption)
    if found:
        lines += ["", paint("What differs, the riskiest first:", "bold")]
    for kind, each in groupby(found, key=lambda drift: drift.kind):
        same = list(each)
        lines += ["", paint(f"{TITLES[kind]} ({len(same)})", "bold")]
        for drift in same[:_MOST_OF_KIND]:
            lines += _drift(drift, adoption.environments)
        if len(same) > _MOST_OF_KIND:
            lines.append(f"  and {len(same) - _MOST_OF_KIND} more: --format json lists them")
    return "\n".join([*lines, "", *_next(adoption, target, paint)])


def _next(adoption: Adoption, target: str, paint: Paint) -> list[str]:
    """Return what to do with the project."""
    name = adoption.environments[0]
    where = "" if target == "." else f"-C {shlex.quote(target)} "
    return [
        paint("Next:", "bold"),
        f"  oetgen {where}check",
        f"  oetgen {where}diff {name}    after a change of a value, then render {name}",
        f"  oetgen {where}new environment NAME --from {name}",
    ]


def render_json(adoption: Adoption, found: Sequence[Drift], target: str) -> str:
    """Return the same as a JSON document."""
    document: dict[str, Any] = {
        "version": VERSION,
        "target": target,
        "environments": list(adoption.environments),
        "summary": counts(adoption),
        "values": [
            {
                "name": reference(value.name),
                "values": dict(zip(adoption.environments, value.data, strict=True)),
                "files": sorted({place.file for place in value.places}),
            }
            for value in adoption.values
        ],
        "joined": [
            {
                "map": each.name,
                "entries": list(each.keys),
                "templates": list(
                    dict.fromkeys(f"{TEMPLATES}/{path}{SUFFIX}" for path, _ in each.templates())
                ),
                "values": [".".join(value.name[1:]) for value in each.values],
            }
            for each in adoption.maps
        ],
        "verbatim": [{"path": plan.path, "reason": plan.reason} for plan in adoption.plans if plan.reason],
        "copied": [
            {"environment": each.environment, "path": each.path, "reason": each.reason}
            for each in adoption.copied
        ],
        "left": [
            {
                "environment": each.environment,
                "path": each.path,
                "reason": each.reason,
                "secret": each.is_secret,
            }
            for each in adoption.left
        ],
        "drift": [
            {
                "kind": each.kind,
                "what": each.what,
                "value": each.value,
                "texts": dict(zip(adoption.environments, each.texts, strict=True)),
                "places": list(each.places),
                "only": list(each.only),
            }
            for each in found
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def counts(adoption: Adoption) -> dict[str, int]:
    """Return the numbers of a summary."""
    templates = {path: data for path, data in adoption.files.items() if path.startswith(f"{TEMPLATES}/")}
    return {
        "files": sum(map(len, adoption.originals.values())),
        "lines": sum(data.count(b"\n") for files in adoption.originals.values() for data in files.values()),
        "templates": sum(path.endswith(SUFFIX) for path in templates),
        "copied": sum(not path.endswith(SUFFIX) for path in templates),
        "template_lines": sum(data.count(b"\n") for data in templates.values()),
        "values": len(adoption.values) + sum(len(each.values) for each in adoption.maps),
        "entries": sum(len(each.keys) for each in adoption.maps),
        "verbatim": sum(bool(plan.reason) for plan in adoption.plans),
        "left": sum(not each.is_secret for each in adoption.left),
        "with_secrets": sum(each.is_secret for each in adoption.left),
    }


def summary(adoption: Adoption, target: str) -> str:
    """Return one line: what the folders were, and what they became."""
    number = counts(adoption)
    environments = len(adoption.environments)
    return (
        f"{target}: {environments} environment{'s' * (environments != 1)} with {number['files']:,} files and "
        f"{number['lines']:,} lines became {number['values']:,} values and {number['template_lines']:,} lines in "
        f"{number['templates']:,} templates and {number['copied']:,} copied files"
    )


def _values(adoption: Adoption) -> Iterator[str]:
    """Yield the proposed values, each with its text in every environment."""
    if not adoption.values:
        return
    yield f"\nValues ({', '.join(adoption.environments)}):"
    for value in adoption.values[:_MOST_VALUES]:
        texts = (shortened(value_text(each)) or chr(34) * 2 for each in value.data)
        yield f"  {reference(value.name)}: {', '.join(texts)}"
    if len(adoption.values) > _MOST_VALUES:
        yield f"  and {len(adoption.values) - _MOST_VALUES} more: --names FILE writes all of them"


def _joined(adoption: Adoption) -> Iterator[str]:
    """Yield what was joined: files that differ in little, which are entries of one template."""
    if not adoption.maps:
        return
    yield f"\nJoined, an entry each ({sum(len(each.keys) for each in adoption.maps)}):"
    for each in adoption.maps:
        yield f"  {each.name}: {', '.join(each.keys[:_MOST_OF_KIND])}" + (
            f" and {len(each.keys) - _MOST_OF_KIND} more" if len(each.keys) > _MOST_OF_KIND else ""
        )
        yield from dict.fromkeys(f"    {TEMPLATES}/{path}{SUFFIX}" for path, _ in each.templates())
        names = [".".join(value.name[1:]) for value in each.values]
        yield f"    values of an entry: {', '.join(names)}" if names else "    an entry has its name alone"


def value_text(value: object) -> str:
    """Return a value as its files have it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _not_values(adoption: Adoption) -> Iterator[str]:
    verbatim = [plan for plan in adoption.plans if plan.reason]
    if verbatim:
        yield f"\nWritten line by line, without values ({len(verbatim)}):"
        yield from (f"  {plan.path}: {plan.reason}" for plan in verbatim)
    if adoption.copied:
        yield f"\nCopied as they are, each for its environment ({len(adoption.copied)}):"
        yield from (f"  {each.environment}:{each.path}: {each.reason}" for each in adoption.copied)
    secret = [each for each in adoption.left if each.is_secret]
    if secret:
        yield f"\nLeft where they are, because they have secrets ({len(secret)}):"
        yield from (f"  {each.environment}:{each.path}: {each.reason}" for each in secret)
        yield "  move the secrets to a store, refer to them in these files, then adopt again"
        place = f"{secret[0].path}:{secret[0].line}"
        yield f"  if one is public: --not-secret {shlex.quote(f'{place}=why it is public')}"
    others = [each for each in adoption.left if not each.is_secret]
    if others:
        yield f"\nLeft where they are ({len(others)}):"
        yield from (f"  {each.environment}:{each.path}: {each.reason}" for each in others)


def _drift(drift: Drift, environments: Sequence[str]) -> Iterator[str]:
    only = f"  only {drift.only[0]} differs" if drift.only else ""
    name = f" ({drift.value})" if drift.value else ""
    yield f"  {drift.what}{name}{only}"
    for text, names in _by_text(drift.texts, environments):
        yield f"    {', '.join(names)}: {'nothing' if text is None else text or chr(34) * 2}"
    yield f"    at {', '.join(drift.places[:2])}"


def _by_text(texts: Sequence[str | None], environments: Sequence[str]) -> list[tuple[str | None, list[str]]]:
    found: dict[str | None, list[str]] = {}
    for text, name in zip(texts, environments, strict=True):
        found.setdefault(text, []).append(name)
    return list(found.items())
