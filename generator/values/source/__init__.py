"""Read YAML and JSON text into data, with the place of every key and value.

The data is built from the events of PyYAML's parser, because a plain loader loses the places, keeps the last of two
equal keys, reads `no` as `False` without a message, and a few lines can make it run out of time, memory or stack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field
from typing import Any

import yaml

from generator.findings import Finding, Span, error
from generator.findings.record import record
from generator.values.source.builder import MAX_DEPTH, MAX_NODES, Builder, StopReadingError, no_value
from generator.values.source.paths import KeyPath, all_paths, format_path, leaves, parse_path
from generator.values.source.syntax_errors import syntax_error

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LINE_BREAK = re.compile("\r\n|[\n\r]")
_MAX_SIZE = 1_000_000  # characters

# Invisible characters that change the meaning: line ends for some readers of YAML only, a byte-order mark inside the
# text, and the controls that display a line in another order.
_UNSEEN = re.compile("[\x85\u2028\u2029\ufeff\u202a-\u202e\u2066-\u2069]")
_SURROGATE = re.compile("[\ud800-\udfff]")


@record
class Located:
    """Data with places: `keys` has the place of each key, `values` that of each value."""

    data: Any
    keys: dict[KeyPath, Span] = field(default_factory=dict)
    values: dict[KeyPath, Span] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def at(self, path: KeyPath) -> Span | None:
        """Return the place of the key at `path`, or else of its value, or else of its nearest parent."""
        for end in range(len(path), -1, -1):
            span = self.keys.get(path[:end]) or self.values.get(path[:end])
            if span:
                return span
        return None


def load(text: str, path: str) -> Located:
    """Read one YAML (or JSON) document; with `findings`, its `data` may be incomplete."""
    if len(text) > _MAX_SIZE:
        message = f"the file has {len(text):,} characters, expected at most {_MAX_SIZE:,}"
        hint = "values are short: move the data of a program to that program"
        return Located(None, findings=(error("located/too-large", message, Span(path, 1), hint=hint),))
    lines = _LINE_BREAK.split(text)
    unseen = tuple(_unseen(path, lines))
    if unseen:
        return Located(None, findings=unseen)
    builder = Builder(path, lines)
    try:
        try:
            _parse(text, builder, _LOADER)
        except yaml.YAMLError as problem:
            if "nesting depth" not in str(problem):
                raise
            # PyYAML 6.0.4 has a limit of its own, and raises before it has yielded the events that lead there.
            builder = Builder(path, lines)
            _parse(text, builder, yaml.SafeLoader)
        data = builder.document()
    except yaml.YAMLError as problem:
        return Located(None, findings=(syntax_error(problem, path, lines, builder.events),))
    except StopReadingError:
        data = None
    return Located(data, builder.keys, builder.values, tuple(builder.findings))


def _parse(text: str, builder: Builder, loader: Any) -> None:
    """Collect the parser's events, up to the limits of number and depth: its time grows with depth squared."""
    depth = nodes = 0
    for event in yaml.parse(text, Loader=loader):
        builder.events.append(event)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        nodes += isinstance(event, yaml.NodeEvent)
        if depth > MAX_DEPTH + 1:
            builder.too_deep(event)
        if nodes > MAX_NODES:
            builder.too_large(event)


def _unseen(path: str, lines: list[str]) -> Iterator[Finding]:
    for number, line in enumerate(lines, start=1):
        for found in _UNSEEN.finditer(line):
            point = ord(found[0])
            message = f"found the invisible character U+{point:04X}, which changes how the text is read"
            hint = f'remove it; inside double quotes it can be written as "\\u{point:04x}"'
            at = Span(path, number, found.start() + 1, 1, line)
            yield error("located/unseen-character", message, at, hint=hint)
        for found in _SURROGATE.finditer(line):
            message = f"found a lone surrogate (U+{ord(found[0]):04X})"
            at = Span(path, number, found.start() + 1, 1, _SURROGATE.sub("\ufffd", line))
            yield error("located/syntax", message, at, hint="write it as UTF-8")


__all__ = [
    "KeyPath",
    "Located",
    "all_paths",
    "format_path",
    "leaves",
    "load",
    "no_value",
    "parse_path",
]
