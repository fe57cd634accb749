"""Maps and lists in braces and brackets on one line of a values file, also while they are being typed."""

from __future__ import annotations

import re
from typing import NamedTuple

from generator.values.source import KeyPath

_TOKEN = re.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?)|(?P<comment>(?<![^\s])\#.*)|(?P<mark>[{}\[\],]|:(?=[\s{}\[\],]|$))
    |(?P<plain>[^\s{}\[\],:"'](?:[^{}\[\],:\s]|:(?=[^\s{}\[\],])|\s+(?=[^\s\#{}\[\],:]))*)""",
    re.VERBOSE,
)


class Entry(NamedTuple):
    """A key of a map with its value: the path below the line's own key, and the columns of both together."""

    path: KeyPath
    start: int
    end: int


class Place(NamedTuple):
    """Where something is typed: in the map or list at `inside`, as the value of `key` or, without one, as a key.

    `start` is the column where the word begins that is typed.
    """

    inside: KeyPath
    key: str | int | None
    start: int


class _Open:
    """A map or list that is not closed yet, and the key whose value comes."""

    def __init__(self, path: KeyPath, *, is_map: bool) -> None:
        self.path = path
        self.is_map = is_map
        self.key: str | int | None = None if is_map else 0
        self.start = 0  # of the key
        self.word = ""  # that may be a key

    @property
    def inside(self) -> KeyPath:
        """The path of the value that comes."""
        return self.path if self.key is None else (*self.path, self.key)

    def next(self) -> None:
        """Go on behind a comma."""
        self.key = None if self.is_map else int(self.key or 0) + 1
        self.word = ""


def path_at(line: str, start: int, column: int) -> KeyPath:
    """Return the path of the innermost entry at a column, of those that begin after `start`; () outside of all."""
    found = [each for each in _Scan(line, start).entries if each.start <= column <= each.end]
    return max((each.path for each in found), key=len, default=())


def keys_at(line: str, start: int, inside: KeyPath) -> set[str]:
    """Return the keys of the map at a path that the line has already."""
    return {str(each.path[-1]) for each in _Scan(line, start).entries if each.path[:-1] == inside}


def place_at(line: str, start: int, column: int) -> Place | None:
    """Return where something is typed at a column; None outside of maps and lists."""
    return _Scan(line[:column], start).place


class _Scan:
    """Reads a line from a column on: its entries, and where something is typed at its end."""

    def __init__(self, line: str, start: int) -> None:
        self.entries: list[Entry] = []
        self._opened: list[_Open] = []
        self._end, self._typed = start, len(line)
        for token in _TOKEN.finditer(line, start):
            self._typed = len(line)
            if token["comment"]:
                self._opened.clear()  # nothing of it is typed there
                break
            (self._mark if token["mark"] else self._word)(token[0], token.start(), token.end())
        self.place = Place(self._opened[-1].path, self._opened[-1].key, self._typed) if self._opened else None
        self._end = len(line)
        while self._opened:
            self._finish()
            self._opened.pop()

    def _word(self, text: str, start: int, end: int) -> None:
        self._end, self._typed = end, start
        if self._opened and self._opened[-1].key is None:
            self._opened[-1].word, self._opened[-1].start = _text(text), start

    def _mark(self, text: str, start: int, end: int) -> None:
        if text in "{[":
            self._opened.append(_Open(self._opened[-1].inside if self._opened else (), is_map=text == "{"))
        elif self._opened and text == ":":
            top = self._opened[-1]
            top.key = top.word if top.key is None else top.key
        elif self._opened:
            self._finish()
            if text == ",":
                self._opened[-1].next()
            else:
                self._end = end
                self._opened.pop()

    def _finish(self) -> None:
        top = self._opened[-1]
        if top.is_map and top.key is not None:
            self.entries.append(Entry((*top.path, top.key), top.start, self._end))


def _text(token: str) -> str:
    quote = token[:1]
    if quote not in ("'", '"'):
        return token.rstrip()
    return token[1:].removesuffix(quote).replace("''" if quote == "'" else '\\"', quote)
