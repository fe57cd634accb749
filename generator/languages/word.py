"""Words that know where each piece of their text stands in the file."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from generator.findings.record import record

Pieces = tuple[tuple[int, int], ...]
"""Where a text comes from: for each piece, its index in the text and its offset in the file."""


@record
class Word:
    """A word of a command without its quotes; `$NAME` and `$(…)` in it stay as they are written.

    `offset` is where it begins in the file, its quotes included.
    """

    text: str
    offset: int
    pieces: Pieces = field(default=(), compare=False, repr=False)

    def offset_of(self, index: int) -> int:
        """Return the offset in the file of the character at `index` of the text."""
        return mapped(self.pieces, index) if self.pieces else self.offset + index

    @property
    def end(self) -> int:
        """The offset after its last character."""
        return self.offset_of(len(self.text) - 1) + 1 if self.text else self.offset

    def part(self, start: int, end: int | None = None) -> Word:
        """Return the part of the word from one index of its text to another."""
        pieces = tuple((max(at - start, 0), self.offset_of(max(at, start))) for at, _ in self.pieces)
        first = bisect_right([at for at, _ in pieces], 0) - 1
        return Word(self.text[start:end], self.offset_of(start), pieces[max(first, 0) :])


def mapped(pieces: Pieces, index: int) -> int:
    """Return the offset in the file of an index, by the last piece that begins at or before it."""
    start, offset = pieces[max(bisect_right(pieces, (index, 1 << 62)) - 1, 0)]
    return offset + index - start


@dataclass(slots=True)
class TextBuilder:
    """The text of a word as it is put together, and where each piece of it comes from."""

    parts: list[str] = field(default_factory=list)
    pieces: list[tuple[int, int]] = field(default_factory=list)
    length: int = 0

    def add(self, text: str, offset: int) -> None:
        self.pieces.append((self.length, offset))
        self.parts.append(text)
        self.length += len(text)

    def append(self, word: Word) -> None:
        """Add the text of a word with its places."""
        pieces = word.pieces or ((0, word.offset),)
        self.pieces += [(self.length + index, offset) for index, offset in pieces]
        self.parts.append(word.text)
        self.length += len(word.text)

    def word(self, offset: int) -> Word:
        return Word("".join(self.parts), offset, tuple(self.pieces))
