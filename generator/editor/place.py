"""Places in a text as editors count them: lines and columns from 0, in characters."""

from __future__ import annotations

from dataclasses import dataclass

from generator.findings import Span
from generator.findings.record import record


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """A part of one line of a file: the columns from `start` to before `end`. `path` is relative to the project."""

    path: str
    line: int
    start: int
    end: int

    @classmethod
    def of(cls, span: Span) -> Range:
        """Return the range of a span, which counts from 1; never more than its line."""
        start = span.column - 1
        end = start + max(span.length, 1)
        return cls(
            span.path, span.line - 1, start, min(end, len(span.text)) if len(span.text) > start else end
        )

    def holds(self, line: int, column: int) -> bool:
        """Return whether a place is in the range, or at its end."""
        return self.line == line and self.start <= column <= self.end


@record
class Edit:
    """A new text for a range; with `lines`, for that many whole lines from the range's on."""

    at: Range
    text: str
    lines: int = 0


def line_of(text: str, number: int) -> str:
    """Return a line of a text, or "" beyond its end."""
    lines = text.split("\n")
    return lines[number] if number < len(lines) else ""
