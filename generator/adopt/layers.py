"""Write the values as `base.yaml`, which has the defaults, and a file for each environment with its differences."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from generator.adopt.entries import Entries, layered
from generator.adopt.values import Data, Value
from generator.adopt.words import environment_words
from generator.languages.site import Scalar
from generator.languages.yaml import plain

_HEADER = "# yaml-language-server: $schema=editor.schema.json\n"
_LONGEST = 100  # characters of an entry on one line
_PRODUCTION = environment_words("prod")


def layers(
    values: Sequence[Value], environments: Sequence[str], maps: Sequence[Entries] = ()
) -> dict[str, str]:
    """Return the text of `base.yaml` and of each environment's file, by name without the ending."""
    base: dict[str, Any] = {}
    own: dict[str, dict[str, Any]] = {name: {} for name in environments}
    usual = _usual(values, environments)
    for value in sorted(values, key=lambda each: each.name):
        default = _default(value, environments, usual)
        if default is not None:
            _put(base, value, default)
        for name, data in zip(environments, value.data, strict=True):
            if default is None or not _same(data, default):
                _put(own[name], value, data)
    found = [(each, layered(each)) for each in maps]
    entries = "".join(_map_text(each.name, layer.base, layer.each, always=True) for each, layer in found)
    texts = {"base": f"{_HEADER}# The defaults of all environments.\n{_dump(base, entries)}"}
    for name, differences in own.items():
        entries = "".join(_map_text(each.name, *layer.own[name]) for each, layer in found)
        texts[name] = f"{_HEADER}# What differs from base.yaml.\n{_dump(differences, entries)}"
    return texts


def _usual(values: Sequence[Value], environments: Sequence[str]) -> int:
    """Return the environment that has most values in common with the others; of several, not production."""

    def rank(number: int) -> tuple[int, bool, str]:
        common = sum(sum(_same(value.data[number], each) for each in value.data) - 1 for value in values)
        is_production = bool(environment_words(environments[number]) & _PRODUCTION)
        return -common, is_production, environments[number]

    return min(range(len(environments)), key=rank)


def _default(value: Value, environments: Sequence[str], usual: int) -> Data:
    """Return what base.yaml has: what most environments have; None where each environment sets it."""
    counts = [sum(_same(each, other) for other in value.data) for each in value.data]
    most = max(counts)
    if most == 1 and len(environments) > 1 and isinstance(value.data[0], str):
        return None
    if counts[usual] == most:
        return value.data[usual]
    return value.data[counts.index(most)]


def _same(first: Data, second: Data) -> bool:
    return type(first) is type(second) and first == second


def _put(data: dict[str, Any], value: Value, scalar: Data) -> None:
    for part in value.name[:-1]:
        data = data.setdefault(part, {})
    data[value.name[-1]] = scalar


def _map_text(
    name: str, entries: Mapping[str, Any], defaults: Mapping[str, Any], *, always: bool = False
) -> str:
    """Return a map of entries, each on one line where that fits, and what all have by default."""
    lines = [f"{name}.*:\n", *_lines(defaults, "  ")] if defaults else []
    lines += [f"{scalar_text(name)}:\n"] if entries else [f"{scalar_text(name)}: {{}}\n"] if always else []
    for key, entry in entries.items():
        short = f"  {scalar_text(key)}: {_flow(entry)}\n"
        lines += [short] if len(short) <= _LONGEST or not entry else _lines({key: entry}, "  ")
    return "".join(lines)


def map_lines(entries: Entries) -> int:
    """Return how many lines of the values files the entries of a map take."""
    found = layered(entries)
    texts = [_map_text(entries.name, found.base, found.each, always=True)]
    texts += [_map_text(entries.name, *own) for own in found.own.values()]
    return "".join(texts).count("\n")


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar_text(key)}: {_flow(each)}" for key, each in value.items()) + "}"
    return _text(value)


def _dump(data: dict[str, Any], entries: str) -> str:
    return "".join(_lines(data, "")) + entries or "{}\n"


def _lines(data: Mapping[str, Any], indent: str) -> list[str]:
    lines: list[str] = []
    for key, value in data.items():
        if isinstance(value, dict):
            lines += [f"{indent}{scalar_text(key)}:\n", *_lines(value, f"{indent}  ")]
        else:
            lines.append(f"{indent}{scalar_text(key)}: {_text(value)}\n")
    return lines


def _text(value: Data) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(scalar_text, value))}]"
    return scalar_text(value)


def scalar_text(value: Scalar) -> str:
    """Return a scalar as YAML."""
    if not isinstance(value, str):
        return json.dumps(value)
    return value if plain.is_safe(value) else f'"{plain.escaped(value)}"'
