"""A site: the exact position in an output file that a value lands in."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from operator import attrgetter
from typing import Any

from generator.findings.record import record

Scalar = str | int | float | bool | None


HCL_FORMAT = "hcl-expression"  # the format of the schema for it


class HclCode(str):
    """A value that is an expression of HCL, as the schema declares it: where HCL has expressions, it is one."""


# Stands for one value in a rendered text whose values are still to be filled in. The character is from
# Unicode's private use area: every parser takes it for a letter, and templates may not contain it.
MARK = "\ue000"

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_SAFE_INTEGER = 2**53 - 1  # Number.MAX_SAFE_INTEGER; RFC 8259, section 6


@record(eq=False)  # `unpacked` makes equal ones the same, which are found faster
class Site:
    """Where a value lands: which `language`, and which `position` in its grammar.

    `before` and `behind` are the characters that the value touches (MARK: another value; "": an end of the
    place); `end` is the line that would end the place (of a here-document) or the line break that does, and
    `alone` is whether the value could be that line with nothing beside it; `joins` is whether the name of a
    variable stands right before it, which a letter would lengthen; `indent` is what each further line must
    begin with; `room` is how long the written value may be; `scalar` is the whole YAML text without quotes,
    with MARK for each of its values, which are written together; `outer` is the site that holds this one,
    as for shell inside a YAML block.
    """

    language: str
    position: str
    before: str = ""
    behind: str = ""
    end: str = ""
    alone: bool = False
    joins: bool = False
    indent: str = ""
    room: int | None = None
    scalar: str = ""
    outer: Site | None = None

    def within(self, outer: Site) -> Site:
        """Return this site with `outer` around all that is around it already."""
        return replace(self, outer=self.outer.within(outer) if self.outer else outer)

    def outermost(self) -> Site:
        """Return the site in the file's own language."""
        return self.outer.outermost() if self.outer else self


def touching(language: str, position: str, text: str, start: int = 0, end: int | None = None) -> list[Site]:
    """Return a site of one position for each mark of `text` from `start` to `end`, with what it touches."""
    return [
        Site(language, position, text[max(index - 1, 0) : index], text[index + 1 : index + 2])
        for index in range(start, len(text) if end is None else end)
        if text[index] == MARK
    ]


def is_apart(site: Site, beside: re.Pattern[str]) -> bool:
    """Return whether nothing but what matches `beside` touches a value that has no quotes."""
    touched = (site.before, site.behind)
    return MARK not in touched and all(map(beside.fullmatch, touched))


Packed = tuple[Any, ...]
_PARTS = attrgetter(*Site.__match_args__)
_SHARED: dict[Packed, Site] = {}


def packed(site: Site) -> Packed:
    """Return a site as plain data."""
    *own, outer = _PARTS(site)
    return (*own, packed(outer) if outer else None)


def unpacked(data: Packed) -> Site:
    """Return the site that `packed` was given: the same for all that are like it, so that each is encoded once."""
    if data not in _SHARED:
        *own, inside = data
        parts: list[Any] = [*own, unpacked(inside) if inside else None]
        _SHARED[data] = Site(*parts)
    return _SHARED[data]


class EncodeError(Exception):
    """The position cannot hold the value. The text is the reason, `hint` what to do instead."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.hint = hint


def text_of(value: Scalar) -> str:
    """Write a scalar as text, with the words that YAML, JSON, HCL and TypeScript share."""
    if value is None:
        raise EncodeError("null has no text", "guard the line with {% if … is not none %}")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        raise EncodeError(f"{value} is not a number in every language", "use a finite number")
    return str(value)


def typed(value: int | float | None) -> str:
    """Write a value that is not a string so that it keeps its type."""
    return "null" if value is None else text_of(value)


def safe_integer(value: Scalar) -> None:
    """Refuse a number that JavaScript, and with it many a reader of JSON, would round."""
    if isinstance(value, int) and abs(value) > _SAFE_INTEGER:
        raise EncodeError(f"{value} is not exact in JavaScript", "put quotes around it")


def one_line(text: str, place: str) -> str:
    """Return `text`, or refuse it when it has a line break or another control character."""
    found = _CONTROL.search(text)
    if found:
        raise EncodeError(
            f"{place} cannot hold the character U+{ord(found[0]):04X}", "keep the value on one line"
        )
    return text


def only(pattern: re.Pattern[str], text: str, place: str, hint: str) -> str:
    """Return `text`, or refuse it when it is not wholly of `pattern`."""
    if not pattern.fullmatch(text):
        raise EncodeError(f"{place} cannot hold {text[:40]!r}", hint)
    return text


def apart(site: Site, text: str) -> str:
    """Return `text`, or refuse it when it would lengthen the name of the variable before it."""
    lengthens = text[:1].isalnum() or text.startswith("_") or (not text and site.behind == MARK)
    if site.joins and lengthens:
        raise EncodeError(
            "the value would become a part of the variable's name before it", "write the variable as ${NAME}"
        )
    return text


def escaped(site: Site, text: str) -> str:
    """Refuse any value: it stands behind a lone backslash."""
    raise EncodeError("a value cannot stand behind a lone backslash", "write two backslashes")


class ShapeError(Exception):
    """The rendered text is not of its format, whatever its values are. `line` counts from 1.

    `language` is what the text should be, and `hint` what to do, where that is more than to check the text.
    """

    def __init__(self, message: str, line: int, language: str = "YAML", hint: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.language = language
        self.hint = hint

    def at(self, line: int) -> ShapeError:
        """Return this error at a line of the text around."""
        return ShapeError(str(self), line, self.language, self.hint)
