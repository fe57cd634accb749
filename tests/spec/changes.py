"""What all languages share: a change at a place, and the pairing by which one edit is one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from itertools import takewhile
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")

MISSING = 1.5  # dearer than one changed pair, cheaper than two: a swap is one change


@dataclass(frozen=True)
class Change:
    """One thing of the document that the rendered file lacks or says differently."""

    place: str
    document: str
    rendered: str


@dataclass(frozen=True)
class Pair:
    """A rendered item taken for one of the document's: how far apart they are, and in what."""

    cost: float
    changes: tuple[Change, ...] = ()


class ParseError(ValueError):
    """A file is not in the language that its name promises."""


def exact() -> Pair:
    return Pair(0.0)


def same_item(changes: Iterable[Change]) -> Pair:
    """The item is known by its key, so it stays paired however much of it changed."""
    found = tuple(changes)
    return Pair(0.1 * len(found) / (len(found) + 1), found)


def replaced(changes: Iterable[Change], likeness: float) -> Pair:
    """Another item stands where the document's was."""
    return Pair(1.0 + 0.4 * (1.0 - likeness), tuple(changes))


def likeness(left: str, right: str) -> float:
    """How much of the longer text lies in a common beginning, a common end and one part between them."""
    beginning = _shared(left, right)
    end = _shared(left[beginning:][::-1], right[beginning:][::-1])
    ours, theirs = left[beginning : len(left) - end], right[beginning : len(right) - end]
    between = SequenceMatcher(None, ours, theirs, autojunk=False).find_longest_match().size
    return (beginning + end + between) / max(len(left), len(right), 1)


def _shared(left: str, right: str) -> int:
    unequal = (i for i, (one, other) in enumerate(zip(left, right, strict=False)) if one != other)
    return next(unequal, min(len(left), len(right)))


def out_of_order(text: str) -> str:
    return f"{text} (out of order)"


def align(
    document: Sequence[A], rendered: Sequence[B], pair: Callable[[A, B], Pair | None]
) -> list[Pair | None]:
    """For each item of the document its cheapest partner, in order, or None; extras are free."""

    @cache
    def at(i: int, j: int) -> Pair | None:
        return pair(document[i], rendered[j])

    rows, width = len(document), len(rendered)
    start = _equal(at(i, i) for i in range(min(rows, width)))
    end = _equal(at(rows - i, width - i) for i in range(1, min(rows, width) - start + 1))
    pairs = [[at(i, j) for j in range(start, width - end)] for i in range(start, rows - end)]
    middle = _trace(pairs, _costs(pairs, width - end - start), width - end - start)
    return [*[exact()] * start, *middle, *[exact()] * end]


def _equal(pairs: Iterable[Pair | None]) -> int:
    """How many come before the first change; no alignment is cheaper than to keep these."""
    return sum(1 for _ in takewhile(lambda each: each == exact(), pairs))


def _costs(pairs: list[list[Pair | None]], width: int) -> list[list[float]]:
    """`costs[i][j]`: what the document's items from i on cost among the rendered from j on."""
    rows = len(pairs)
    costs = [[MISSING * (rows - i)] * (width + 1) for i in range(rows + 1)]
    for i in reversed(range(rows)):
        for j in reversed(range(width)):
            match = pairs[i][j]
            ways = [MISSING + costs[i + 1][j], costs[i][j + 1]]
            if match is not None:
                ways.append(match.cost + costs[i + 1][j + 1])
            costs[i][j] = min(ways)
    return costs


def _trace(pairs: list[list[Pair | None]], costs: list[list[float]], width: int) -> list[Pair | None]:
    chosen: list[Pair | None] = []
    j = 0
    for i, row in enumerate(pairs):
        while j < width and costs[i][j] == costs[i][j + 1]:
            j += 1
        match = row[j] if j < width else None
        if match is not None and costs[i][j] == match.cost + costs[i + 1][j + 1]:
            chosen.append(match)
            j += 1
        else:
            chosen.append(None)
    return chosen
