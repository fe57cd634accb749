"""The line of the layer that a validation error is about."""

from __future__ import annotations

from collections.abc import Iterator

from generator.findings import Span
from generator.values.layers import Layer, Values, value_at
from generator.values.source import KeyPath

_NOTHING = object()


def value_place(values: Values, path: KeyPath) -> Span | None:
    """Return the place of the value, or of its key for a map or list of several lines."""
    for layer in reversed(values.layers):
        span, key = layer.located.values.get(path), layer.located.keys.get(path)
        if span or key:
            is_below = (
                isinstance(value_at(layer.data, path, _NOTHING), dict | list)
                and key
                and span
                and span.line != key.line
            )
            return key if is_below or not span else span
    return values.at(path)


def map_place(values: Values, path: KeyPath) -> Span:
    """Return the place of the map at `path` in the lowest layer that has it, where a key is missing.

    A map that no layer has, because all of it comes from the defaults of an entry (`services.*`), is at that entry.
    """
    found = None
    for layer in _layers_of_map(values, path):
        found = layer.located.keys.get(path) or layer.located.values.get(path) or found
    if not found and path and isinstance(path[-1], str):
        return map_place(values, path[:-1])
    return found or values.at(path) or Span(values.layers[0].path, 1)


def removal(values: Values, path: KeyPath) -> Span | None:
    """Return the place of the null that removes the value of lower layers at `path`, if there is one."""
    for layer in reversed(values.layers):
        value = value_at(layer.data, path, _NOTHING)
        if value is not _NOTHING:
            return layer.located.at(path) if value is None else None
    return None


def _layers_of_map(values: Values, path: KeyPath) -> Iterator[Layer]:
    """Yield the layers that the map at `path` is merged from, the highest first."""
    for layer in reversed(values.layers):
        value = value_at(layer.data, path, _NOTHING)
        if value is not _NOTHING and not isinstance(value, dict):
            return
        if isinstance(value, dict):
            yield layer
