"""JSON: a bare place keeps the value's type, a string escapes."""

from __future__ import annotations

import json

from generator.formats.lexer import ESCAPE, ESCAPED, POP, marks, mode
from generator.formats.site import CannotEncode, Scalar, Site, text_of

_MODES = {
    "bare": mode({"quote": "string"}, quote='"'),
    "string": mode({"quote": POP}, escape=ESCAPE, quote='"'),
}


def comment(text: str) -> str:
    """Return nothing: JSON has no comments."""
    return ""


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`."""
    return [Site("json", *mark) for mark in marks(shape, _MODES, "bare")]


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    if site.position == ESCAPED:
        raise CannotEncode("a value cannot stand behind a lone backslash", "write two backslashes")
    if site.position == "string":
        return json.dumps(text_of(value), ensure_ascii=False)[1:-1]
    return json.dumps(value, ensure_ascii=False)
