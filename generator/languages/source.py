"""The text of an output file, and places in it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from generator.findings import Span
from generator.render.tree import Artifact


@dataclass(frozen=True)
class Source:
    """An output file; `shown` is its path from the project's root, as findings name it."""

    artifact: Artifact
    shown: str

    @property
    def path(self) -> str:
        """The path relative to the environment's folder."""
        return self.artifact.path

    @property
    def text(self) -> str:
        return self.artifact.text

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for line in self.lines:
            starts.append(starts[-1] + len(line) + 1)
        return starts

    def span(self, line: int, column: int = 0, length: int = 0) -> Span:
        """Return the place at a line and column, both from 1; without a column, all of the line's text."""
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        if not column:
            column, length = len(text) - len(text.lstrip()) + 1, len(text.strip())
        return Span(self.shown, line, column, max(length, 1), text)

    def at(self, offset: int, length: int = 1) -> Span:
        """Return the place at a character of the file."""
        line = bisect_right(self._starts, offset)
        return self.span(line, offset - self._starts[line - 1] + 1, length)

    def find(self, text: str, start: int = 0) -> Span:
        """Return where `text` stands first, or else the first line."""
        offset = self.text.find(text, start)
        return self.at(offset, len(text)) if offset >= 0 else self.span(1)
