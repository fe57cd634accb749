"""A site: the exact position in an output file that a value lands in."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

Scalar = str | int | float | bool | None

# Stands for one value in a rendered text whose values are still to be filled in. The character is from
# Unicode's private use area: every parser takes it for a letter, and templates may not contain it.
MARK = "\ue000"

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Site:
    """Where a value lands: which `language`, and which `position` in its grammar.

    `before` and `behind` are the characters that the value touches (MARK: another value; "": an end of the
    place); `indent` is what each further line must begin with; `outer` is the site that holds this one, as
    for shell inside a YAML block.
    """

    language: str
    position: str
    before: str = ""
    behind: str = ""
    indent: str = ""
    outer: Site | None = None

    def within(self, outer: Site) -> Site:
        """Return this site with `outer` around all that is around it already."""
        return replace(self, outer=self.outer.within(outer) if self.outer else outer)

    def outermost(self) -> Site:
        """Return the site in the file's own language."""
        return self.outer.outermost() if self.outer else self


class CannotEncode(Exception):
    """The position cannot hold the value. The text says why, `hint` what to do instead."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.hint = hint


def text_of(value: Scalar) -> str:
    """Write a scalar as text, with the words that YAML, JSON, HCL and TypeScript share."""
    if value is None:
        raise CannotEncode("null has no text", "guard the line with {% if … is not none %}")
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def one_line(text: str, place: str) -> str:
    """Return `text`, or refuse it when it has a line break or another control character."""
    found = _CONTROL.search(text)
    if found:
        raise CannotEncode(
            f"{place} cannot hold the character U+{ord(found[0]):04X}", "keep the value on one line"
        )
    return text


def only(pattern: re.Pattern[str], text: str, place: str, hint: str) -> str:
    """Return `text`, or refuse it when it is not wholly of `pattern`."""
    if not pattern.fullmatch(text):
        raise CannotEncode(f"{place} cannot hold {text[:40]!r}", hint)
    return text


class ShapeError(Exception):
    """The rendered text is not of its format, whatever its values are. `line` counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line
