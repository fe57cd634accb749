"""JSON in shell code: a word, the value of a variable or of an option, or a here-document that is JSON as a whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from generator.languages import LANGUAGES
from generator.languages.shell.channels import HEREDOCS
from generator.languages.shell.script import Script
from generator.languages.site import MARK, ShapeError, Site
from generator.languages.word import Word

_BEFORE = re.compile(r"(?:-[\w-]+=?|[A-Za-z_]\w*=)?(?=[{\[])")
_EXPANSION = re.compile(rf"\$(?:\w+|\{{[^{{}}{MARK}]*\}}|\([^(){MARK}]*\))")
_ESCAPE = re.compile(r"\\([$`\\])")


def json_sites(script: Script) -> dict[int, Site]:
    """Return the site in JSON of each mark that stands in some, by its offset."""
    found: dict[int, Site] = {}
    for text, offsets in _texts(script):
        found.update(zip(offsets, _sites(text), strict=False))
    return found


def _texts(script: Script) -> Iterator[tuple[str, list[int]]]:
    """Yield texts with marks, as their command gets them, and the offset of each mark."""
    for statement in script.statements:
        for word in (*statement.words, *(each.value for each in statement.assignments)):
            before = _BEFORE.match(word.text) if word else None
            if word and before and MARK in word.text:
                part = word.part(before.end())
                yield part.text, _marks(part)
    for region in script.regions:
        if region.kind in HEREDOCS:
            text = script.text[region.start : region.end]
            offsets = [region.start + at for at, char in enumerate(text) if char == MARK]
            if offsets:
                yield text if region.kind == "heredoc_quoted" else _ESCAPE.sub(r"\1", text), offsets


def _marks(word: Word) -> list[int]:
    return [word.offset_of(index) for index, char in enumerate(word.text) if char == MARK]


def _sites(text: str) -> list[Site]:
    """Return the sites of a text, or [] when it is not a list or a map of JSON with a string in it."""
    plain = _EXPANSION.sub("0", text)
    if not plain.lstrip().startswith(("{", "[")) or '"' not in plain:
        return []
    try:
        _read(plain.replace(MARK, "0"))
        return LANGUAGES["json"].sites(plain)
    except (ValueError, RecursionError, ShapeError):
        return []


def _read(text: str) -> None:
    """Read a list or a map, or one on each line. Raises ValueError."""
    try:
        json.loads(text)
    except ValueError:
        lines = text.strip().split("\n")
        if len(lines) < 2:
            raise
        for line in filter(str.strip, lines):
            json.loads(line)
