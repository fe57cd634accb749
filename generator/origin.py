"""Where a line of an output file comes from: the template's line, and the values in it.

What a name in a template stands for is told from the expression itself: `service.port` and `database.name` are paths
of values. Behind a loop or a macro that is not certain, and then only a value that is alike and has that name counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generator.engine import Emission, Engine
from generator.findings import Span
from generator.formats.site import MARK
from generator.located import KeyPath, leaves
from generator.render import Line
from generator.tree import Artifact
from generator.values import Values

_NAMES = re.compile(r"""(?<![\w."'|])(?:[A-Za-z_]\w*)(?:\.\w+|\["[^"\]]+"\]|\['[^'\]]+'\])*""")
_PART = re.compile(r"""\w+|\["([^"]+)"\]|\['([^']+)'\]""")


@dataclass(frozen=True, slots=True)
class Origin:
    """What made a line: its place in a template (None: not known), and each value in it with what sets it."""

    template: Span | None
    values: tuple[tuple[KeyPath, Span], ...]


def origin(engine: Engine, values: Values, artifact: Artifact, line: Line) -> Origin:
    """Return where `line` of `artifact` comes from, as far as it can be told."""
    found: dict[KeyPath, Span] = {}
    for emission in line.emissions:
        for path in value_paths(engine, values, artifact, emission):
            at = values.at(path)
            if at:
                found.setdefault(path, at)
    first = line.emissions[0].place if line.emissions else None
    template = engine.span(first) if first else _literal(engine, artifact.template, line.shape)
    return Origin(template, tuple(found.items()))


def value_paths(engine: Engine, values: Values, artifact: Artifact, emission: Emission) -> list[KeyPath]:
    """Return the paths of the values that one `{{ … }}` puts out."""
    at = engine.span(emission.place)
    expression = at.text[at.column - 1 : at.column - 1 + at.length]
    paths = [path for name in _NAMES.findall(expression) for path in _paths(values, artifact, name, emission)]
    return list(dict.fromkeys(paths))


def _paths(values: Values, artifact: Artifact, name: str, emission: Emission) -> Iterator[KeyPath]:
    path = tuple(part[1] or part[2] or part[0] for part in _PART.finditer(name))
    own = _service(values, artifact)
    if path[0] == "service" and own:
        path = own if path == ("service", "name") else (*own, *path[1:])
    if _has(values.data, path):
        yield path
    elif path[0] not in values.data:
        yield from _alike(values, own, path, emission.value)


def _service(values: Values, artifact: Artifact) -> tuple[str, str] | None:
    """Return the path of the service that a file is for, when it is for one."""
    if "{service}" not in artifact.template:
        return None
    before, _, behind = artifact.template.removesuffix(".j2").partition("{service}")
    behind = behind.partition("{")[0]  # another service, or a suffix
    services = [str(key) for key in values.data.get("services", {})]
    return next(
        (("services", key) for key in services if artifact.path.startswith(f"{before}{key}{behind}")), None
    )


def _alike(values: Values, own: KeyPath | None, path: KeyPath, value: object) -> Iterator[KeyPath]:
    """Yield the only value that is alike and has this name: what a loop or a macro calls by another one.

    The more of the name fits, the better; values of the service that the file is for come before others.
    """
    alike = [found for found, each in leaves(values.data) if each == value and type(each) is type(value)]
    for end in range(len(path)):
        fitting = [found for found in alike if found[-len(path) + end :] == path[end:]]
        nearer = [found for found in fitting if own and found[: len(own)] == own]
        if fitting:
            only = nearer or fitting
            if len(only) == 1:
                yield only[0]
            return
    if len(alike) == 1:
        yield alike[0]


def _has(data: Any, path: KeyPath) -> bool:
    for key in path:
        if not isinstance(data, dict) or key not in data:
            return False
        data = data[key]
    return True


def _literal(engine: Engine, name: str, shape: str) -> Span | None:
    """Return the line of a template that is `shape`, in the template itself or in one of the partials."""
    if not shape.strip() or MARK in shape:
        return None
    for candidate in (name, *engine.names()):
        engine.source(candidate)
        span = engine.find(candidate, shape)
        if span.text.strip() == shape.strip():
            return span
    return None
