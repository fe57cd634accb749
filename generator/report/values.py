"""The merged values of an environment: as YAML with a comment that says where each comes from, or as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from generator.languages import Site, encode
from generator.values.layers import Values
from generator.values.origins import Setting, history, removed, repetitions, value_at
from generator.values.source import KeyPath, format_path, leaves

_PLAIN = Site("yaml", "plain")


def values_yaml(values: Values, path: KeyPath = ()) -> str:
    """Return the values at and below `path` as YAML, below all the keys that lead there."""
    data: Any = value_at(values.data, path)
    for part in reversed(path):
        data = {part: data}
    return "\n".join(_Writer(values, path).lines(data)) + "\n"


def values_data(values: Values, path: KeyPath = ()) -> dict[str, Any]:
    """Return the values at and below `path` as plain data, each scalar with what sets it, highest layer first."""
    redundant = {each.path for each in repetitions(values)}
    return {
        "version": 1,
        "environment": values.env,
        "data": value_at(values.data, path),
        "values": [
            {
                "path": format_path(found),
                "value": value,
                "set": settings_data(history(values, found)),
                "redundant": bool(redundant & {found[:end] for end in range(1, len(found) + 1)}),
            }
            for found, value in leaves(value_at(values.data, path), path)
        ],
    }


def settings_data(settings: Sequence[Setting]) -> list[dict[str, Any]]:
    """Return what sets a value as plain data."""
    return [
        {
            "value": setting.value,
            "path": setting.at.path,
            "line": setting.at.line,
            "column": setting.at.column,
        }
        for setting in settings
    ]


def inline(value: Any) -> str:
    """Write a value on one line of YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{encode(_PLAIN, key)}: {inline(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(inline(each) for each in value) + "]"
    return encode(_PLAIN, value)


def shortly(value: Any) -> str:
    """Write a value on one line of YAML, the beginning of it where it is long."""
    text = inline(value)
    return text if len(text) <= 50 else f"{text[:49]}…"


def origin_text(settings: Sequence[Setting]) -> str:
    """Say what sets a value and what that overrode."""
    if not settings:
        return "set nowhere"
    first, *others = settings
    over = (f"over {shortly(each.value)} in {each.at.path}:{each.at.line}" for each in others)
    return ", ".join([f"{first.at.path}:{first.at.line}", *over])


class _Writer:
    def __init__(self, values: Values, path: KeyPath) -> None:
        self._values = values
        self._path = path
        self._repetitions = {each.path: each for each in repetitions(values)}
        self._removed: dict[KeyPath, list[str]] = {}
        for found, settings in removed(values):
            if found[: len(path)] == path:
                over = [f"{shortly(each.value)} of {each.at.path}:{each.at.line}" for each in settings[1:]]
                text = f"# {found[-1]}: taken away by {settings[0].at.path}:{settings[0].at.line}"
                self._removed.setdefault(found[:-1], []).append(
                    text + "".join(f", over {each}" for each in over)
                )

    def lines(self, data: dict[str, Any], path: KeyPath = (), indent: str = "") -> Iterator[str]:
        for key, value in data.items():
            here = (*path, key)
            name = encode(Site("yaml", "key"), key)
            if isinstance(value, dict) and value:
                yield f"{indent}{name}:"
                yield from self.lines(value, here, indent + "  ")
            else:
                yield f"{indent}{name}: {inline(value)} # {self._comment(here, value)}"
        for text in self._removed.get(path, ()):
            yield f"{indent}{text}"

    def _comment(self, path: KeyPath, value: Any) -> str:
        settings = history(self._values, path)
        found = self._repetitions.get(path)
        if found and found.below and settings and found.setting.at == settings[0].at:
            below = f"{found.below.at.path}:{found.below.at.line}"
            return f"{settings[0].at.path}:{settings[0].at.line}, redundant: the same as {below}"
        return origin_text(settings)
