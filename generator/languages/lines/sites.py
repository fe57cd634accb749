"""Files of lines: a value is text, or stands in a comment."""

from __future__ import annotations

from generator.languages.site import MARK, Scalar, Site, one_line, text_of
from generator.languages.text import sites as text


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`."""
    return [
        Site("lines", "comment" if line.lstrip().startswith("#") else "text")
        for line in shape.split("\n")
        for _ in range(line.count(MARK))
    ]


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    if site.position == "comment":
        return one_line(text_of(value), "a comment")
    return text.encode(site, value)


def holds(site: Site, form: str) -> bool:
    """Return whether what the filter `form` writes may stand at `site`: a raw line, or what the template chose."""
    return site.position == "text"
