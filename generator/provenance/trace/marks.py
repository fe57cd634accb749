"""Marks of events in text: write, find, remove and restore them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from generator.render.marks import FIRST

FIRST_VALUE = FIRST  # the mark of a value, as in a plain render
FIRST_EVENT = 0x100000  # the mark of an event: literal text begins here, or something else for the source map
MOST = 0xFFFD  # marks of each kind in one file
_EVENT = re.compile("[\U00100000-\U0010fffd]")

Placed = list[tuple[int, str]]


def event_mark(number: int) -> str:
    """Return the mark of an event."""
    return chr(FIRST_EVENT + number)


def bare(text: str) -> str:
    """Return `text` without the marks of events."""
    return _EVENT.sub("", text)


def only_marks(text: str) -> str:
    """Return only the marks of events in `text`."""
    return "".join(_EVENT.findall(text))


def number(mark: str) -> int:
    """Return the number of the event with this mark."""
    return ord(mark) - FIRST_EVENT


def numbers(text: str) -> Iterable[int]:
    """Return the numbers of the events whose marks are in `text`."""
    return map(number, _EVENT.findall(text))


def split(text: str) -> tuple[str, Placed]:
    """Return the bare text, and each mark with its offset in it."""
    marks = [(match.start() - index, match[0]) for index, match in enumerate(_EVENT.finditer(text))]
    return bare(text), marks


def restore(text: str, placed: Placed) -> str:
    """Return `text` with each mark at its offset, or at the end where the text is shorter."""
    parts: list[str] = []
    at = 0
    for offset, mark in placed:
        here = max(at, min(offset, len(text)))
        parts += [text[at:here], mark]
        at = here
    return "".join([*parts, text[at:]])


def moved(text: str, change: Callable[[str], str], new_offset: Callable[[str, str, int], int]) -> str:
    """Apply `change` to the bare text; `new_offset(before, after, offset)` returns the offset of a mark after it."""
    before, placed = split(text)
    after = change(before)
    return restore(after, [(new_offset(before, after, offset), mark) for offset, mark in placed])


def after_trim(before: str, after: str, offset: int) -> int:
    """Return the offset in a text whose ends were trimmed."""
    return max(offset - max(before.find(after), 0), 0)


def after_indent(before: str, after: str, offset: int) -> int:
    """Return the offset in a text whose lines were indented."""

    number = before.count("\n", 0, offset)
    old, new = before.split("\n"), after.split("\n")
    if number >= len(new):
        return len(after)
    start = sum(len(line) + 1 for line in new[:number])
    column = offset - sum(len(line) + 1 for line in old[:number])
    return start + (column + len(new[number]) - len(old[number]) if column else 0)
