"""The shape of a file: its text with a mark in place of each value, and the site of each mark."""

from __future__ import annotations

import re
from dataclasses import replace

from generator.findings.record import record
from generator.languages import LANGUAGES, Site
from generator.languages.fill import Span, unquoted
from generator.languages.site import MARK, Packed, packed, unpacked
from generator.project.cache import NO_CACHE, Cache, digest

_FIRST_LINES = re.compile(
    r"#!|#cloud-config|<\?xml\b|<!doctype\s+html[^>\n]*>|#[ \t]*(?:syntax|escape)[ \t]*=", re.IGNORECASE
)
_FRONT_MATTER = re.compile(r"---[ \t]*\n(?:.*?\n)?---[ \t]*\n", re.DOTALL)
_Found = tuple[list[Packed], tuple[Span, ...]]
_MOST_KEPT = 500  # shapes; a small project has fifty


@record
class Shape:
    """The text of a file with marks, the site of each mark, and the literals before, between and after the marks.

    `scalars` are the marks that stand together in one YAML text without quotes.
    """

    text: str
    sites: tuple[Site, ...]
    literals: tuple[str, ...]
    scalars: tuple[Span, ...]


class Shapes:
    """The shapes of one project; services, environments and runs have most of them in common."""

    def __init__(self, root: str, cache: Cache = NO_CACHE) -> None:
        self._root = root
        self._cache = cache
        self._known: dict[tuple[str, str, str], Shape] = {}
        # Sites by a digest of the text: finding them would be a tenth of a render of known texts.
        self._sites: dict[str, _Found] = cache.get("shapes", root, "") or {}
        self._new: dict[str, _Found] = {}

    def shape(self, language: str, head: str, text: str) -> Shape:
        """Return the shape of a file with this text and header. Raises ShapeError, with a line of the shape."""
        key = (language, head, text)
        if key not in self._known:
            if len(self._known) == _MOST_KEPT:
                self._known.clear()
            self._known[key] = self._shape(*key)
        return self._known[key]

    def remember(self) -> None:
        """Write new sites to the cache."""
        if self._new:
            kept = self._sites if len(self._sites) + len(self._new) <= _MOST_KEPT else {}
            self._cache.put("shapes", self._root, "", kept | self._new)
            self._new = {}

    def _shape(self, language: str, head: str, text: str) -> Shape:
        text = with_header(text, language, head)
        key = digest(language, text)
        found = self._sites.get(key)
        if found is None:
            sites = LANGUAGES[language].sites(text)
            found = [packed(site) for site in sites], unquoted(sites)
            if len(self._new) < _MOST_KEPT:
                self._new[key] = found
        return Shape(text, tuple(map(unpacked, found[0])), tuple(text.split(MARK)), found[1])


def without_quotes(shape: Shape) -> Shape:
    """Return a shape in whose places of YAML without quotes a text gets them only where it needs them."""
    return replace(shape, sites=tuple(map(bare, shape.sites)))


def bare(site: Site) -> Site:
    """Return a site of YAML without quotes as one where a text gets them only where it needs them."""
    outer = bare(site.outer) if site.outer else None
    is_plain = site.language == "yaml" and site.position in ("plain", "scalar")
    if outer is site.outer and not is_plain:
        return site
    return replace(site, outer=outer, position="bare" if is_plain else site.position)


def with_header(text: str, language: str, head: str) -> str:
    """Return the text of a file with its header, which comes after the lines that must stay first."""
    at = header_offset(text, language) if head else 0
    return text[:at] + head + text[at:]


def header(language: str, template: str) -> str:
    """Return the lines at the top of a file that name its template, by the path from the project."""
    comment = LANGUAGES[language].comment
    return comment(f"Made by oetgen from {template}: do not edit.") + comment(
        "Change the template or the values, then run: oetgen render --all"
    )


def header_offset(text: str, language: str) -> int:
    """Return the offset of the header in a text without one."""
    front = _FRONT_MATTER.match(text) if language == "markdown" else None
    at = front.end() if front else 0
    while _FIRST_LINES.match(text, at):
        at = text.find("\n", at) + 1 or len(text)
    return at
