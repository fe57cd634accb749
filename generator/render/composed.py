"""Secrets that a file puts together from several values, or from a value and its own text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from generator.languages import Scalar


@dataclass(slots=True)
class Line:
    """A line of a file with its values as they are: its text, and the place and number of each value in it."""

    text: str
    places: list[tuple[int, int, int]] = field(default_factory=list)

    def values(self, start: int, end: int) -> list[int]:
        """Return the numbers of the values that have a part of this text."""
        return [number for begin, stop, number in self.places if begin < end and start < stop]

    def is_whole(self, start: int, end: int) -> bool:
        """Return whether one value has all of this text."""
        return any(begin <= start and end <= stop for begin, stop, _ in self.places)


def lines(literals: Sequence[str], values: Sequence[Scalar]) -> list[Line]:
    """Return the lines that text values stand in."""
    texts = ["" if value is None else str(value) for value in values]
    whole = literals[0] + "".join([part for pair in zip(texts, literals[1:], strict=True) for part in pair])
    found: dict[int, Line] = {}
    position = 0
    for number, text in enumerate(texts):
        position += len(literals[number])
        if text and isinstance(values[number], str) and "\n" not in text:
            start = whole.rfind("\n", 0, position) + 1
            if start not in found:
                end = whole.find("\n", position)
                found[start] = Line(whole[start : end if end >= 0 else len(whole)])
            found[start].places.append((position - start, position - start + len(text), number))
        position += len(text)
    return list(found.values())
