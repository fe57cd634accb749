"""What each layer of an environment says of a value: the one that counts, and what it overrode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generator.findings import Span
from generator.values.layers import Layer, Values, merge
from generator.values.source import KeyPath

_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Setting:
    """What one layer sets a value to, and where. None removes it."""

    value: Any
    at: Span


@dataclass(frozen=True, slots=True)
class Repetition:
    """A setting that changes nothing: without it the value would be the same, because of `below` or of nothing."""

    path: KeyPath
    setting: Setting
    below: Setting | None


def history(values: Values, path: KeyPath) -> tuple[Setting, ...]:
    """Return what sets the value at `path`: the setting that counts, then those that it overrides, highest first.

    Of a map these are all the layers that say something of it. Nothing, where no layer sets the value.
    """
    found: list[Setting] = []
    for layer in values.sources:
        value = _said(layer, path)
        if value is _REPLACED:
            found.clear()
        elif value is not _NOTHING:
            found.append(Setting(value, _place(layer, path)))
    return tuple(reversed(found))


def value_at(data: Any, path: KeyPath, default: Any = None) -> Any:
    """Return what stands at `path` of `data`, or `default`."""
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return default
    return data


def repetitions(values: Values) -> Iterator[Repetition]:
    """Yield each setting that repeats what the layers below it say, in the order of the layers."""
    below: Any = {}
    for number, layer in enumerate(values.layers):
        lower = Values(values.env, below, values.layers[:number])
        for path, value in _settings(layer.data):
            there = value_at(below, path, _NOTHING)
            if value is None and there is _NOTHING:
                yield Repetition(path, Setting(None, _place(layer, path)), None)
            elif there is not _NOTHING and (there, type(there)) == (value, type(value)):
                yield Repetition(path, Setting(value, _place(layer, path)), history(lower, path)[0])
        below = merge(below, layer.data)


def removed(values: Values) -> Iterator[tuple[KeyPath, tuple[Setting, ...]]]:
    """Yield what a layer has taken away and no higher one has put back, with its history."""
    seen: set[KeyPath] = set()
    for layer in reversed(values.layers):
        for path, value in _settings(layer.data):
            if value is None and path not in seen and value_at(values.data, path, _NOTHING) is _NOTHING:
                seen.add(path)
                yield path, history(values, path)


_REPLACED = object()


def _said(layer: Layer, path: KeyPath) -> Any:
    """Return what a layer says of the value at `path`; _REPLACED when it puts something else in a place above."""
    data: Any = layer.data
    for part in path:
        if isinstance(data, dict):
            if part not in data:
                return _NOTHING
            data = data[part]
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            return _REPLACED
    return data


def _settings(data: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Yield each scalar and list that a layer sets; an empty map sets nothing."""
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _settings(value, (*path, key))
        else:
            yield (*path, key), value


def _place(layer: Layer, path: KeyPath) -> Span:
    return layer.located.at(path) or Span(layer.path, 1)
