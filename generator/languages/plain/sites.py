"""Files with no language of their own, such as .dockerignore: one plain word or path a line."""

from __future__ import annotations

import re

from generator.languages.site import MARK, EncodeError, Scalar, Site, one_line, only, text_of

_WORD = re.compile(r"[A-Za-z0-9_./:@%+=,-]*")
_NOTHING = f" \t!{MARK}"  # what may stand in a line that would be empty without its value


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Behind blanks, a # is no comment in a .dockerignore."""
    return [
        Site("plain", "comment" if line.startswith("#") else "word" if line.strip(_NOTHING) else "line")
        for line in shape.split("\n")
        for _ in range(line.count(MARK))
    ]


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    text = text_of(value)
    if site.position == "comment":
        return one_line(text, "a comment")
    if not text and site.position == "line":
        raise EncodeError("a line needs a word, and the value is empty", "leave out the line with {% if %}")
    return only(_WORD, text, "this file", "use letters, digits and _ . / : @ % + = , -")
