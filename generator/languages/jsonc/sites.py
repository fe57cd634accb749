"""JSON with comments: as JSON, and a comment holds one line."""

from __future__ import annotations

import re

from generator.languages.json import sites as json
from generator.languages.lexer import ESCAPE, LONE_ESCAPE, POP, marks, mode, placed, rule
from generator.languages.site import MARK, EncodeError, Scalar, Site, one_line, text_of

_STRING = {"lone": LONE_ESCAPE, "escape": ESCAPE}
_MODES = {
    "bare": mode(
        {"quote": "string", "single": "single", "comment": "comment", "block": "block"},
        quote='"',
        single="'",
        comment="//",
        block=r"/\*",
    ),
    "string": mode({"end": POP}, "a string is not closed", **_STRING, end='"', broken="\n"),
    "single": mode({"end": POP}, "a string is not closed", **_STRING, end="'", broken="\n"),
    "comment": mode({"end": POP}, end="$"),
    "block": mode({"end": POP}, "a comment is not closed", end=r"\*/"),
}
_OTHERS = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_RULES = (rule("key", "", r"\s*:"),)


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    found = [
        marked.site("jsonc", placed(shape, marked.offset, _RULES) if marked.mode == "bare" else None)
        for marked in marks(shape, _MODES, "bare")
    ]
    if _has_single_quotes(shape) or not any(site.position in ("string", "bare") for site in found):
        return found
    # A render that knows the shape needs none of it.
    from generator.languages.hcl.literals import with_embedded

    return with_embedded("json", shape, found, has_templates=False)


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    if site.position == "comment":
        return one_line(text_of(value), "a comment")
    if site.position == "block":
        return _block(site, text_of(value))
    if site.position == "single":
        return json.string(text_of(value))[1:-1].replace('\\"', '"').replace("'", "\\'")
    return json.encode(site, value)


def holds(site: Site, form: str) -> bool:
    """Return whether a whole list or map, as the filter `form` writes it, may stand at `site`."""
    return json.holds(site, form)


def _has_single_quotes(shape: str) -> bool:
    """Return whether a string of JSON5 stands in single quotes; no file with such commands is JSON5."""
    return "'" in _OTHERS.sub("", shape)


def _block(site: Site, text: str) -> str:
    if re.search(r"[*/]", text) or (not text and site.before in ("*", MARK)):
        raise EncodeError("a comment between /* and */ cannot hold * or /", "use a // comment")
    return one_line(text, "a comment")
