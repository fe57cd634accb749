"""Values that differ between two environments, or two revisions of one, each with the line that sets it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.findings import Span
from generator.findings.record import record
from generator.values.layers import Values
from generator.values.source import KeyPath

_ABSENT = object()


@record
class ValueChange:
    """A value that differs. `was` and `is_there` are whether the old and the new one are set; null is a value."""

    path: KeyPath
    old: Any
    new: Any
    old_at: Span | None
    new_at: Span | None
    was: bool = True
    is_there: bool = True


def compare_values(old: Values, new: Values) -> list[ValueChange]:
    """Return what differs in the merged values, in the order of the new ones. A list is one value."""
    return list(_changes(old, new, old.data, new.data, ()))


def _changes(old: Values, new: Values, before: Any, after: Any, path: KeyPath) -> Iterator[ValueChange]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*after, *(key for key in before if key not in after)]:
            inner = (before.get(key, _ABSENT), after.get(key, _ABSENT))
            yield from _changes(old, new, *inner, (*path, key))
    elif before is _ABSENT and isinstance(after, dict) and after:
        for key, value in after.items():
            yield from _changes(old, new, _ABSENT, value, (*path, key))
    elif after is _ABSENT and isinstance(before, dict) and before:
        for key, value in before.items():
            yield from _changes(old, new, value, _ABSENT, (*path, key))
    elif before != after or type(before) is not type(after):
        yield ValueChange(
            path,
            None if before is _ABSENT else before,
            None if after is _ABSENT else after,
            _place(old, path, before is not _ABSENT),
            _place(new, path, after is not _ABSENT),
            before is not _ABSENT,
            after is not _ABSENT,
        )


def _place(values: Values, path: KeyPath, is_there: bool) -> Span | None:
    """Return where the value is set, or where it or a map around it is removed; None where no layer has its key."""
    for layer in reversed(values.sources):
        for end in range(len(path), 0, -1):
            span = layer.located.keys.get(path[:end]) or layer.located.values.get(path[:end])
            if span and (_is_null(layer.data, path[:end]) if not is_there else end == len(path)):
                return span
    return None


def _is_null(data: Any, path: KeyPath) -> bool:
    for key in path:
        if not isinstance(data, dict) or key not in data:
            return False
        data = data[key]
    return data is None


def with_value(data: dict[str, Any], path: KeyPath, value: Any, is_there: bool) -> dict[str, Any]:
    """Return `data` with another value at `path`, or without it."""
    key, *rest = path
    changed = dict(data)
    if rest:
        inner = changed.get(str(key))
        changed[str(key)] = with_value(inner if isinstance(inner, dict) else {}, tuple(rest), value, is_there)
    elif is_there:
        changed[str(key)] = value
    else:
        changed.pop(str(key), None)
    return changed


def value_text(value: Any, is_there: bool = True) -> str:
    """Return a value as messages show it, like YAML; "not set" when there is none."""
    if not is_there:
        return "not set"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, list):
        return f"[{', '.join(map(value_text, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {value_text(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, str) and (not value or value[0].isdigit() or value in ("true", "false", "null")):
        return f'"{value}"'
    return str(value)
