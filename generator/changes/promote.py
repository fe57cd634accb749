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

    An environment by a matrix gets them in its own entry, where that is a map, so that the others of the file keep
    theirs. The names of the entries, and the maps that they are in, are not copied. Raises OetgenError for an unknown
    path, and EditError when the file of `target` cannot be edited.
    """
    by_matrix = _by_matrix(source) | _by_matrix(target)
    differences = [each for each in compare_values(target, source) if str(each.path[0]) not in by_matrix]
    if paths:
        wanted = [_known(path, source, target) for path in paths]
        changes = [each for each in differences if any(_is_in(each.path, path) for path in wanted)]
        kept = []
    else:
        kept = [each for each in differences if _names(each.new, source) or _names(each.old, target)]
        changes = [each for each in differences if each not in kept]
    layer, entry = target.files[-1], _entry(target)
    own = value_at(layer.data, entry) or {}
    values, removed = _edits(changes, source, own, _below(target, entry))
    inside = [((*entry, *path), value) for path, value in values]
    text = edited(layer.text, layer.path, inside, [(*entry, *path) for path in removed])
    return Promotion(tuple(changes), tuple(kept), layer.path, text)


def _by_matrix(values: Values) -> set[str]:
    """Return the values that make several environments of a file: the names of entries, and their maps or lists."""
    entries = values.variant.entries if values.variant else ()
    return {each for word, path in entries for each in (word, str(path[0]))}


def _entry(target: Values) -> KeyPath:
    """Return the path of the map whose values are those of the environment alone: () for its whole file."""
    entries = [path for _, path in target.variant.entries] if target.variant else []
    return next((path for path in reversed(entries) if isinstance(value_at(target.data, path), dict)), ())


def _below(target: Values, entry: KeyPath) -> Any:
    """Return the values that an environment has without those of its file, or of its `entry` in that."""
    entries = [value_at(each.data, entry) for each in target.files] if entry else []
    below: Any = {}
    for layer in target.layers:
        is_own = layer.located.data in entries if layer.is_part else not entry and layer is target.files[-1]
        below = below if is_own else merge(below, layer.data)
    return below


def names_environment(text: str, env: str) -> bool:
    """Return whether a text has the name of an environment as a word, or what people call it."""
    words = "|".join(map(re.escape, filter(None, (env, _WORDS.get(env)))))
    return bool(re.search(rf"(?<![A-Za-z0-9])(?:{words})(?![A-Za-z0-9])", text))


def _names(value: Any, environment: Values) -> bool:
    """Return whether a value names an environment, its file, or an entry of a matrix that it is for."""
    if isinstance(value, list):
        return any(_names(each, environment) for each in value)
    if isinstance(value, dict):
        return any(_names(each, environment) for each in value.values())
    entries = (environment.data[word] for word in environment.words)
    names = (environment.env, environment.folders.environment(environment.path), *map(str, entries))
    return isinstance(value, str) and any(names_environment(value, name) for name in names)


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
