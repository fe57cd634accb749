"""JSON with comments to nodes, by the reader of JSON."""

from __future__ import annotations

from generator.languages.json import comments
from generator.languages.json import read as json
from generator.languages.node import ReadResult
from generator.languages.source import Source


def read(source: Source) -> ReadResult | None:
    """Return the syntax tree of a file, but not of JSON5, which has no reader here."""
    if source.path.endswith(".json5"):
        return None
    plain = Source(source.path, comments.without(source.text), source.language, source.label)
    return json.read(plain)
