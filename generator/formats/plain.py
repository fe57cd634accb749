"""Files with no language of their own, such as .dockerignore: one plain word or path a line."""

from __future__ import annotations

import re

from generator.formats.site import MARK, Scalar, Site, one_line, only, text_of

_WORD = re.compile(r"[A-Za-z0-9_./:@%+=,-]*")


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"# {text}\n"


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`."""
    return [
        Site("plain", "comment" if line.lstrip().startswith("#") else "word")
        for line in shape.split("\n")
        for _ in range(line.count(MARK))
    ]


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    if site.position == "comment":
        return one_line(text_of(value), "a comment")
    return only(_WORD, text_of(value), "this file", "use letters, digits and _ . / : @ % + = , -")
