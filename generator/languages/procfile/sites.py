"""Procfiles: what stands after the name is shell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.languages import command_lines
from generator.languages.site import MARK, Scalar, Site, one_line, only, text_of

_ENTRY = re.compile(rf"[\w{MARK}-]+:[ \t]*")
_NAME = re.compile(r"[A-Za-z0-9_-]+")


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    return command_lines.sites(shape, _in_line)


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    text = text_of(value)
    if site.position == "name":
        return only(_NAME, text, "the name of a process", "use letters, digits and _ -")
    return one_line(text, "a line of a Procfile")


def is_verbatim(site: Site) -> bool:
    """Return whether what stands around a value at `site`, on its line, stands in the file as it is read."""
    return site.position == "command"


def _in_line(line: str) -> Iterator[Site]:
    entry = _ENTRY.match(line)
    if line.startswith("#") or not entry:
        yield from [Site("procfile", "comment" if line.startswith("#") else "name")] * line.count(MARK)
        return
    yield from [Site("procfile", "name")] * line.count(MARK, 0, entry.end())
    yield from command_lines.in_shell(line[entry.end() :], Site("procfile", "command"))
