"""Copy values from one environment to another, by editing the values file of the second."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from generator.changes.diff import ValueChange, compare_values
from generator.findings import OetgenError
from generator.findings.record import record
from generator.findings.suggest import nearest
from generator.values.edit import edited
from generator.values.layers import Values, merge, value_at
from generator.values.source import KeyPath, all_paths, parse_path

_ABSENT = object()
# What people call an environment in a value, apart from its name.
_WORDS = {
    "dev": "development",
    "stage": "staging",
    "stg": "staging",
    "prod": "production",
    "prd": "production",
}


@record
class Promotion:
    """The values to copy, those that are kept because they name an environment, and the file that is edited."""

    changes: tuple[ValueChange, ...]
    kept: tuple[ValueChange, ...]
    path: str
    text: str


def promotion(source: Values, target: Values, paths: Sequence[str] = ()) -> Promotion:
    """Plan to give `target` the values that `source` has: those at `paths`, or else all that name no environment.

    Raises OetgenError for an unknown path, and EditError when the file of `target` cannot be edited.
    """
    differences = compare_values(target, source)
    if paths:
        wanted = [_known(path, source, target) for path in paths]
        changes = [each for each in differences if any(_is_in(each.path, path) for path in wanted)]
        kept = []
    else:
        kept = [each for each in differences if _names(each.new, source.env) or _names(each.old, target.env)]
        changes = [each for each in differences if each not in kept]
    layer = target.layers[-1]
    below: Any = {}
    for lower in target.layers[:-1]:
        below = merge(below, lower.data)
    values, removed = _edits(changes, source, layer.data, below)
    text = edited(layer.text, layer.path, values, removed)
    return Promotion(tuple(changes), tuple(kept), layer.path, text)


def names_environment(text: str, env: str) -> bool:
    """Return whether a text has the name of an environment as a word, or what people call it."""
    words = "|".join(map(re.escape, filter(None, (env, _WORDS.get(env)))))
    return bool(re.search(rf"(?<![A-Za-z0-9])(?:{words})(?![A-Za-z0-9])", text))


def _names(value: Any, env: str) -> bool:
    if isinstance(value, list):
        return any(_names(each, env) for each in value)
    if isinstance(value, dict):
        return any(_names(each, env) for each in value.values())
    return isinstance(value, str) and names_environment(value, env)


def _known(text: str, source: Values, target: Values) -> KeyPath:
    parts = parse_path(text)
    path = tuple(part for part, _ in parts) if parts else ()
    known = {**all_paths(target.data), **all_paths(source.data)}
    if not path or all(value_at(each.data, path, _ABSENT) is _ABSENT for each in (source, target)):
        hint = nearest(text, list(known)) or f"oetgen values {source.env} lists them"
        raise OetgenError(f"neither {source.env} nor {target.env} has a value {text}", hint)
    return path


def _edits(
    changes: Sequence[ValueChange], source: Values, own: dict[str, Any], below: dict[str, Any]
) -> tuple[list[tuple[KeyPath, Any]], list[KeyPath]]:
    """Return what to set and what to remove in a file with the values `own`, which overrides `below`."""
    values: dict[KeyPath, Any] = {}
    removed: list[KeyPath] = []
    for path in dict.fromkeys(_place(change.path, own) for change in changes):
        wanted = value_at(source.data, path, _ABSENT)
        if wanted is _ABSENT and value_at(below, path, _ABSENT) is _ABSENT:
            removed.append(path)
        else:
            values[path] = None if wanted is _ABSENT else wanted
    return list(_outermost(values)), removed


def _place(path: KeyPath, own: dict[str, Any]) -> KeyPath:
    """Return the path, or the part of it at which the file has something else than a map, such as null."""
    for end in range(1, len(path)):
        inner = value_at(own, path[:end], _ABSENT)
        if inner is not _ABSENT and not isinstance(inner, dict):
            return path[:end]
    return path


def _outermost(values: dict[KeyPath, Any]) -> Iterator[tuple[KeyPath, Any]]:
    for path, value in values.items():
        if not any(path[:end] in values for end in range(1, len(path))):
            yield path, value


def _is_in(path: KeyPath, outer: KeyPath) -> bool:
    return path[: len(outer)] == outer
