"""TOML: a bare place keeps the value's type, strings escape, and a key gets quotes where it needs them."""

from __future__ import annotations

import re

from generator.languages.json.sites import string
from generator.languages.lexer import ESCAPE, ESCAPED, LONE_ESCAPE, POP, marks, mode
from generator.languages.site import (
    EncodeError,
    Scalar,
    Site,
    escaped,
    is_apart,
    one_line,
    only,
    text_of,
)

_STRINGS = {"basic": "basic", "literal": "literal", "basics": "basics", "literals": "literals"}
_QUOTES = {"basics": '"""', "literals": "'''", "basic": '"', "literal": "'"}
_VALUES = {**_STRINGS, "comment": "comment", "open": "array", "brace": "table"}
_OPENING = {**_QUOTES, "comment": "#", "open": r"\[", "brace": r"\{"}
_MODES = {
    "key": mode(
        {**_STRINGS, "comment": "comment", "header": "header", "assign": "value"},
        **_QUOTES,
        comment="#",
        header=r"^[ \t]*\[",
        assign="=",
    ),
    "header": mode({**_STRINGS, "end": POP}, **_QUOTES, end="$"),
    "value": mode({**_VALUES, "end": POP}, **_OPENING, end="$"),
    "array": mode({**_VALUES, "close": POP}, "an array is not closed", **_OPENING, close=r"\]"),
    "table": mode(
        {**_STRINGS, "comment": "comment", "assign": "entry", "close": POP},
        "an inline table has = between a key and its value, and ends on its line; write a map entry by entry",
        **_QUOTES,
        comment="#",
        assign="=",
        close=r"\}",
        broken="[:\n]",
    ),
    "entry": mode(
        {**_VALUES, "next": POP, "close": POP},
        "an inline table is not closed",
        **_OPENING,
        next=",",
        close=r"(?=\})",
    ),
    "comment": mode({"end": POP}, end="$"),
    "basic": mode(
        {"end": POP}, "a string is not closed", lone=LONE_ESCAPE, escape=ESCAPE, end='"', broken="\n"
    ),
    "basics": mode({"end": POP}, "a string is not closed", lone=LONE_ESCAPE, escape=ESCAPE, end='"{3,5}'),
    "literal": mode({"end": POP}, "a string is not closed", end="'", broken="\n"),
    "literals": mode({"end": POP}, "a string is not closed", end="'{3,5}"),
}
_KEYS = ("key", "header", "table")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BESIDE_KEY = re.compile(r"[\s.\[\],={}]?")
_APART = re.compile(r"[\s,=\[\]{}#]?")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    return [marked.site("toml") for marked in marks(shape, _MODES, "key")]


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`; without quotes, numbers and booleans keep their type."""
    if site.position == ESCAPED:
        return escaped(site, "")
    if site.position in _KEYS:
        return _key(site, text_of(value))
    if site.position == "comment":
        return one_line(text_of(value), "a comment")
    if site.position in ("basic", "basics"):
        return string(text_of(value))[1:-1]
    if site.position in ("literal", "literals"):
        return _literal(site, text_of(value))
    return _bare(site, value)


def holds(site: Site, form: str) -> bool:
    """Return whether a whole list or map, as the filter `form` writes it, may stand at `site`."""
    return site.position in ("value", "array", "entry") and form == "json" and is_apart(site, _APART)


def _key(site: Site, text: str) -> str:
    if _BESIDE_KEY.fullmatch(site.before) and _BESIDE_KEY.fullmatch(site.behind):
        return text if _BARE_KEY.fullmatch(text) else string(text)
    return only(_BARE_KEY, text, "a part of a key", "put double quotes around the key")


def _literal(site: Site, text: str) -> str:
    if site.position == "literal":
        one_line(text.replace("\t", " "), "a string in single quotes")
    if "'" in text or _CONTROL.search(text) or (site.before == "'" and text.startswith("\n")):
        raise EncodeError("a string in single quotes cannot hold this value", "put double quotes around it")
    return text


def _bare(site: Site, value: Scalar) -> str:
    if not is_apart(site, _APART):
        raise EncodeError("the value would run into what stands beside it", "put double quotes around it all")
    if isinstance(value, str):
        return string(value)
    if value is None:
        raise EncodeError("TOML has no null", "leave out the key with {% if … is not none %}")
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise EncodeError(f"{value} does not fit into 64 bits", "put double quotes around it")
    return text_of(value)
