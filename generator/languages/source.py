"""The text of a file, and places in it."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property

from generator.findings import Span
from generator.findings.record import record


@record
class Source:
    """A file: `path` as its consumer sees it, its text, its language, and `label`, the path that findings name."""

    path: str
    text: str
    language: str
    label: str

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for line in self.lines:
            starts.append(starts[-1] + len(line) + 1)
        return starts

    def line_of(self, offset: int) -> int:
        """Return the number of the line, from 1, that holds the character at `offset`."""
        return bisect_right(self._starts, offset)

    def offset(self, line: int, column: int = 1) -> int:
        """Return the offset of a line and column, both from 1."""
        return self._starts[line - 1] + column - 1

    def span(self, line: int, column: int = 0, length: int = 0) -> Span:
        """Return the place at a line and column, both from 1; without a column, all of the line's text."""
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        if not column:
            column, length = len(text) - len(text.lstrip()) + 1, len(text.strip())
        return Span(self.label, line, column, max(length, 1), text)

    def at(self, offset: int, length: int = 1) -> Span:
        """Return the place of `length` characters from `offset`."""
        line = self.line_of(offset)
        return self.span(line, offset - self._starts[line - 1] + 1, length)

    def between(self, start: int, end: int) -> Span:
        """Return the place from one offset to another, cut at the end of its first line."""
        line = self.line_of(start)
        return self.at(start, min(end, self._starts[line] - 1) - start)

    def find(self, text: str, start: int = 0) -> Span:
        """Return the first place of `text`, or the first line when it does not occur."""
        offset = self.text.find(text, start)
        return self.at(offset, len(text)) if offset >= 0 else self.span(1)
