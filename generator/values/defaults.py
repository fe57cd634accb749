"""Defaults for the entries of a map: a top-level key such as `services.*` holds what each entry has by default.

`*` stands for each key of a map. An entry's own values override the defaults; a null in an entry restores them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.findings import Span
from generator.values.source import KeyPath, Located

EACH = "*"


def entry_path(key: str) -> tuple[str, ...]:
    """Return the path of the entries that the top-level key `key` sets defaults for, or else the key alone."""
    parts = tuple(key.split("."))
    return parts if EACH in parts[1:] and all(parts) else (key,)


def with_defaults(data: dict[str, Any]) -> dict[str, Any]:
    """Return merged values with the defaults filled in, and without the keys that hold the defaults."""
    defaults = {key: pattern for key in data if len(pattern := entry_path(key)) > 1}
    filled = {key: value for key, value in data.items() if key not in defaults}
    for key, pattern in defaults.items():
        filled = _spread(filled, pattern, data[key])
    return filled


def entry_defaults(located: Located, data: Mapping[str, Any]) -> Located | None:
    """Return the defaults of one layer as values of each entry of `data`; None when the layer has no defaults."""
    filled: dict[str, Any] = {}
    keys: dict[KeyPath, Span] = {}
    values: dict[KeyPath, Span] = {}
    for key, default in located.data.items():
        pattern = entry_path(key)
        if len(pattern) > 1:
            spans = ((keys, _below(located.keys, key)), (values, _below(located.values, key)))
            for path in _entries(data, pattern):
                filled = _filled(_nested(path, default), filled)
                for moved, below in spans:
                    moved.update(((*path, *at), span) for at, span in below)
    return Located(filled, keys, values) if filled else None


def _entries(data: Any, pattern: tuple[str, ...], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of each map in `data` that `pattern` stands for."""
    if not isinstance(data, dict):
        return
    if not pattern:
        yield path
    for name in data if pattern[:1] == (EACH,) else pattern[:1]:
        yield from _entries(data.get(name), pattern[1:], (*path, name))


def _spread(value: Any, pattern: tuple[str, ...], default: Any) -> Any:
    """Return `value` with `default` filled in below each map that `pattern` stands for."""
    if not isinstance(value, dict) or not pattern:
        return _filled(value, default)
    names = [name for name in value if pattern[0] in (EACH, name)]
    return {**value, **{name: _spread(value[name], pattern[1:], default) for name in names}}


def _filled(value: Any, default: Any) -> Any:
    """Return `value` with the keys of `default` that it lacks; its own keys come first."""
    if not isinstance(value, dict) or not isinstance(default, dict):
        return value
    own = {key: _filled(each, default.get(key)) for key, each in value.items()}
    return {**own, **{key: each for key, each in default.items() if key not in value}}


def _nested(path: tuple[str, ...], value: Any) -> Any:
    for part in reversed(path):
        value = {part: value}
    return value


def _below(places: Mapping[KeyPath, Span], key: str) -> list[tuple[KeyPath, Span]]:
    """Return the places of the top-level key `key` and of what is below it, by their paths from it on."""
    return [(at[1:], span) for at, span in places.items() if at[:1] == (key,)]
