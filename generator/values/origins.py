"""The settings of a value in each layer of an environment: the effective one, and those it overrides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.findings import Span
from generator.findings.record import record
from generator.values.layers import Layer, Values, merge, value_at
from generator.values.source import KeyPath

_NOTHING = object()


@record
class Setting:
    """The value that one layer sets, and where. None removes it."""

    value: Any
    at: Span


@record
class Repetition:
    """A setting without effect: without it, the value would be the same, because of `below` or nothing."""

    path: KeyPath
    setting: Setting
    below: Setting | None


def history(values: Values, path: KeyPath) -> tuple[Setting, ...]:
    """Return the settings of the value at `path`: the effective one, then those that it overrides, highest first.

    For a map these are all layers that set something in it. Empty when no layer sets the value.
    """
    found: list[Setting] = []
    for layer in values.sources:
        value = _set_by(layer, path)
        if value is _REPLACED:
            found.clear()
        elif value is not _NOTHING:
            found.append(Setting(value, _place(layer, path)))
    return tuple(reversed(found))


def repetitions(values: Values) -> Iterator[Repetition]:
    """Yield each setting that repeats what the layers below it set, in the order of the layers."""
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
    """Yield the values that a layer removes and no higher one sets again, with their history."""
    seen: set[KeyPath] = set()
    for layer in reversed(values.layers):
        for path, value in _settings(layer.data):
            if value is None and path not in seen and value_at(values.data, path, _NOTHING) is _NOTHING:
                seen.add(path)
                yield path, history(values, path)


_REPLACED = object()


def _set_by(layer: Layer, path: KeyPath) -> Any:
    """Return what a layer sets the value at `path` to; _REPLACED when it sets a parent to something else."""
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
