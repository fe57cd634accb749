"""Files of lines `key = value`, as INI files and the like: which part of its line each mark stands in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import field
from typing import NamedTuple

from generator.findings.record import record
from generator.languages.site import MARK, Site


class Line(NamedTuple):
    """A line, or several that the language joins: its text, its parts by their end, and where it begins."""

    text: str
    parts: tuple[tuple[str, int], ...]


@record
class Grammar:
    """How a language writes its lines.

    `comment` matches the begin of a comment line, blanks included, and `separator` what stands between a key and its
    value. With `sections`, a line that begins with `[` has their name; with `indented`, a line that begins with a
    blank goes on with the value above it. `joined` returns whether a line goes on in the next one.
    """

    language: str
    comment: re.Pattern[str]
    separator: re.Pattern[str]
    sections: bool = False
    indented: bool = False
    joined: Callable[[str], bool] = field(default=lambda line: False)


def sites(shape: str, grammar: Grammar) -> list[Site]:
    """Return the site of each mark: in a `comment`, `section`, `key`, `value`, or in a line that is `continued`."""
    return [site for line in _lines(shape, grammar) for site in _in_line(line, grammar)]


def _lines(shape: str, grammar: Grammar) -> Iterator[Line]:
    goes_on = has_key = False
    for text in shape.split("\n"):
        is_comment = not goes_on and bool(grammar.comment.match(text))
        if is_comment:
            yield Line(text, (("comment", len(text)),))
        elif goes_on or (grammar.indented and has_key and text[:1].isspace() and text.strip()):
            yield Line(text, (("continued", len(text)),))
        else:
            yield Line(text, _parts(text, grammar))
            if text.strip():
                has_key = not (grammar.sections and text.lstrip().startswith("["))
        goes_on = not is_comment and grammar.joined(text)


def _parts(text: str, grammar: Grammar) -> tuple[tuple[str, int], ...]:
    if grammar.sections and text.lstrip().startswith("["):
        return (("section", len(text)),)
    found = grammar.separator.search(text)
    if not found:
        return (("key", len(text)),)
    return (("key", found.start()), ("value", len(text)))


def _in_line(line: Line, grammar: Grammar) -> Iterator[Site]:
    text, start = line.text, 0
    for position, end in line.parts:
        content = text[start:end].strip()
        for index in range(start, end):
            if text[index] == MARK:
                yield Site(
                    grammar.language,
                    position,
                    _before(text, index),
                    text[index + 1 : index + 2],
                    alone=not content.strip(f"{MARK} \t"),
                )
        start = end


def _before(text: str, index: int) -> str:
    """Return the character before a mark, but not a backslash that another one escapes."""
    before = text[:index]
    return "" if (len(before) - len(before.rstrip("\\"))) % 2 == 0 and before[-1:] == "\\" else before[-1:]


__all__ = ["Grammar", "sites"]
