"""Format the merged values of an environment as YAML with the origin of each value, or as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from generator.languages import Site, encode
from generator.report.text import Paint, unpainted, wrapped
from generator.values.layers import Values, value_at
from generator.values.origins import Setting, history, removed, repetitions
from generator.values.source import KeyPath, format_path, leaves

_PLAIN = Site("yaml", "plain")
_ABSENT = object()


def values_yaml(values: Values, path: KeyPath = ()) -> str:
    """Return the values at and below `path` as YAML, nested in the keys of `path`."""
    data: Any = value_at(values.data, path)
    for part in reversed(path):
        data = {part: data}
    return "\n".join(_AnnotatedYaml(values, path).lines(data)) + "\n"


def values_data(values: Values, path: KeyPath = ()) -> dict[str, Any]:
    """Return the values at and below `path` as data; `set` lists the settings of a scalar, highest layer first."""
    redundant = {each.path for each in repetitions(values)}
    return {
        "version": 1,
        "environment": values.env,
        "data": value_at(values.data, path),
        "values": [
            {
                "path": format_path(leaf),
                "value": value,
                "set": settings_data(history(values, leaf)),
                "redundant": bool(redundant & {leaf[:end] for end in range(1, len(leaf) + 1)}),
            }
            for leaf, value in leaves(value_at(values.data, path), path)
        ],
    }


def across_text(
    every: Sequence[Values], path: KeyPath, paint: Paint = unpainted, width: int = 0
) -> Iterator[str]:
    """Yield each value at and below `path`, with what it is, and where it is set.

    Environments with the same value from the same lines share a line.
    """
    found = dict.fromkeys(leaf for each in every for leaf in _leaves_at(each, path))
    for leaf in found:
        yield paint(format_path(leaf), "bold")
        groups: dict[tuple[str, str], list[str]] = {}
        for each in every:
            groups.setdefault(_value_and_origin(each, leaf), []).append(each.env)
        lines = [
            ("every environment" if len(names) == len(every) > 1 else ", ".join(names), *texts)
            for texts, names in groups.items()
        ]
        widths = [min(max(len(line[column]) for line in lines), most) for column, most in ((0, 30), (1, 44))]
        for name, value, origin in lines:
            text = f"  {name:<{widths[0]}}  {value:<{widths[1]}}  {origin}"
            yield wrapped(text.rstrip(), width, " " * (widths[0] + 6))


def _leaves_at(values: Values, path: KeyPath) -> Iterator[KeyPath]:
    """Yield the values at and below `path`, if it is set."""
    value = value_at(values.data, path, _ABSENT)
    yield from (leaf for leaf, _ in leaves(value, path)) if value is not _ABSENT else ()


def _value_and_origin(values: Values, path: KeyPath) -> tuple[str, str]:
    value = value_at(values.data, path, _ABSENT)
    if value is not _ABSENT:
        return abbreviated(value), origin_text(history(values, path))
    for key, settings in removed(values):
        if path[: len(key)] == key:
            return "not set", f"removed by {origin_text(settings[:1])}"
    return "not set", ""


def settings_data(settings: Sequence[Setting]) -> list[dict[str, Any]]:
    """Return the settings of a value as data."""
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
    """Return a value as one line of YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{encode(_PLAIN, key)}: {inline(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(inline(each) for each in value) + "]"
    return encode(_PLAIN, value)


def abbreviated(value: Any) -> str:
    """Return a value as one line of YAML, cut after 50 characters."""
    text = inline(value)
    return text if len(text) <= 50 else f"{text[:49]}…"


def origin_text(settings: Sequence[Setting]) -> str:
    """Return where a value is set, and the values that this setting overrides."""
    if not settings:
        return "not set"
    first, *others = settings
    overridden = (f"overrides {abbreviated(each.value)} in {each.at.path}:{each.at.line}" for each in others)
    return ", ".join([f"{first.at.path}:{first.at.line}", *overridden])


class _AnnotatedYaml:
    def __init__(self, values: Values, path: KeyPath) -> None:
        self._values = values
        self._path = path
        self._repetitions = {each.path: each for each in repetitions(values)}
        self._removed: dict[KeyPath, list[str]] = {}
        for key, settings in removed(values):
            if key[: len(path)] == path:
                self._removed.setdefault(key[:-1], []).append(
                    f"# {key[-1]}: removed by {origin_text(settings)}"
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
        repetition = self._repetitions.get(path)
        if repetition and repetition.below and settings and repetition.setting.at == settings[0].at:
            below = f"{repetition.below.at.path}:{repetition.below.at.line}"
            return f"{settings[0].at.path}:{settings[0].at.line}, redundant: the same as {below}"
        return origin_text(settings)
