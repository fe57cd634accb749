"""The outline of a file: its text without the values, and the place that each of them goes to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from generator.languages import LANGUAGES, Site
from generator.languages.site import MARK, Packed, packed, unpacked
from generator.project import TEMPLATES
from generator.project.cache import NO_CACHE, Cache, digest

_FIRST_LINES = re.compile(r"#!|#[ \t]*(?:syntax|escape)[ \t]*=", re.IGNORECASE)
_MANY = 500  # outlines that are kept; a small project has fifty


@dataclass(frozen=True, slots=True)
class Outline:
    """The shape of a file, the site of each mark in it, and the text before, between and behind the marks."""

    shape: str
    sites: tuple[Site, ...]
    texts: tuple[str, ...]


class Outlines:
    """The outlines of one project; services, environments and runs have most of them in common."""

    def __init__(self, place: str, cache: Cache = NO_CACHE) -> None:
        self._place = place
        self._cache = cache
        self._known: dict[tuple[str, str, str], Outline] = {}
        # Sites by a hash of the shape: finding them is a tenth of a render of values that were rendered before.
        self._sites: dict[str, list[Packed]] = cache.get("outlines", place, "") or {}
        self._new: dict[str, list[Packed]] = {}

    def outline(self, kind: str, name: str, shape: str) -> Outline:
        """Return the outline of what the template `name` makes. Raises ShapeError, with a line of `with_header`."""
        key = (kind, name, shape)
        if key not in self._known:
            if len(self._known) == _MANY:
                self._known.clear()
            self._known[key] = self._outline(*key)
        return self._known[key]

    def remember(self) -> None:
        """Keep what was found out for the next run."""
        if self._new:
            kept = self._sites if len(self._sites) + len(self._new) <= _MANY else {}
            self._cache.put("outlines", self._place, "", kept | self._new)
            self._new = {}

    def _outline(self, kind: str, name: str, shape: str) -> Outline:
        shape = with_header(shape, kind, name)
        key = digest(kind, shape)
        sites = self._sites.get(key)
        if sites is None:
            sites = [packed(site) for site in LANGUAGES[kind].sites(shape)]
            if len(self._new) < _MANY:
                self._new[key] = sites
        return Outline(shape, tuple(map(unpacked, sites)), tuple(shape.split(MARK)))


def with_header(shape: str, kind: str, name: str) -> str:
    """Say at the top of the file what made it, behind the lines that must come first."""
    shape = shape.strip("\n") + "\n"
    at = header_offset(shape)
    return shape[:at] + header(kind, name) + shape[at:]


def header(kind: str, name: str) -> str:
    """Return the lines that say what made a file."""
    comment = LANGUAGES[kind].comment
    return comment(f"Made by oetgen from {TEMPLATES}/{name}: do not edit.") + comment(
        "Change the template or the values, then run: oetgen render --all"
    )


def header_offset(shape: str) -> int:
    """Return where the header goes in a shape without one."""
    at = 0
    while _FIRST_LINES.match(shape, at):
        at = shape.index("\n", at) + 1
    return at
