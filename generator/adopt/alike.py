"""Read the lines of files that are alike: the copies of a file differ in a few words, which change no place in it."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import replace

from generator.adopt.lines import IDENTITIES, YAML, Line, Scalar, read_lines, shape, split
from generator.adopt.words import Mask

_NAMING = frozenset(
    [*IDENTITIES, "kind", "apiVersion"]
)  # keys whose values are a part of the place of other lines
_WORD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-"  # means nothing to YAML inside a scalar
_START = re.compile(r"[A-Za-z0-9/]")
_COMMENT = re.compile(r"\s*#")


class Reader:
    """Reads the files of a group, `loosely` as `read_lines` does. Equal lines are one line, which saves memory."""

    def __init__(self, language: str, mask: Mask, *, loosely: bool = False) -> None:
        self._language = language
        self._mask = mask
        self._loosely = loosely
        self._last: list[Line] = []
        self._known: dict[Hashable, Line] = {}

    def read(self, path: str, text: str) -> list[Line]:
        """Return the lines of a file: by those of the file before, where both have the same places."""
        lines = self._like_last(text) if self._language in YAML else None
        if lines is None:
            lines = read_lines(path, text, self._language, self._mask, loosely=self._loosely)
        self._last = [self._kept(line) for line in lines]
        return self._last

    def _like_last(self, text: str) -> list[Line] | None:
        """Return lines that differ from the last ones in comments and words of scalars alone; else None."""
        texts = split(text)
        if len(texts) != len(self._last):
            return None
        found: list[Line] = []
        for line, own in zip(self._last, texts, strict=True):
            like = line if line.text == own else _like(line, own)
            if like is None:
                return None
            found.append(like)
        return found

    def _kept(self, line: Line) -> Line:
        """Return the line that is kept for all that are equal."""
        if line.shape:
            return line  # of the file before
        scalars = tuple(line.scalars), tuple(line.lists)
        key = (line.text, line.key, line.path, line.is_node, line.is_prose, scalars)
        kept = self._known.setdefault(key, line)
        if kept is line:
            line.masked, line.shape = self._mask(line.text), shape(line.text, line.scalars)
        return kept


def _like(line: Line, text: str) -> Line | None:
    """Return a line as another one with its place, from which it differs in a comment or a word; else None."""
    if line.key[:1] == ("#",) and _COMMENT.match(line.text) and _COMMENT.match(text):
        return replace(line, text=text, shape="")
    start = len(_common(line.text, text).rstrip(_WORD))
    after = _common(line.text[start:][::-1], text[start:][::-1]).rstrip(_WORD)
    end, shift = len(line.text) - len(after), len(text) - len(line.text)
    words = line.text[start:end], text[start : end + shift]
    scalar = next((each for each in line.scalars if each.start <= start and end <= each.end), None)
    if (
        scalar is None
        or not all(word and not word.strip(_WORD) for word in words)
        or not _is_free(line, scalar)
    ):
        return None
    if not _START.match(text, scalar.start):
        return None

    def moved(each: Scalar) -> Scalar:
        return replace(
            each,
            start=each.start + (shift if each.start >= end else 0),
            end=each.end + (shift if each.end >= end else 0),
        )

    scalars, lists = [*map(moved, line.scalars)], [*map(moved, line.lists)]
    return replace(line, text=text, scalars=scalars, lists=lists, shape="")


def _common(first: str, second: str) -> str:
    size = next((at for at, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), None)
    return first[: min(len(first), len(second)) if size is None else size]


def _is_free(line: Line, scalar: Scalar) -> bool:
    """Return whether another text of a scalar changes nothing else: it is not a name, and has no escapes."""
    text = line.text[scalar.start : scalar.end]
    is_value = (
        not (scalar.is_weak or scalar.is_code) and scalar.path[-1:] != () and scalar.path[-1] not in _NAMING
    )
    return is_value and "\\" not in text and bool(_START.match(text))
