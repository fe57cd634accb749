"""Python: a bare place keeps the value's type, and strings escape."""

from __future__ import annotations

import re

from generator.languages.json.sites import string
from generator.languages.lexer import ESCAPE, ESCAPED, LONE_ESCAPE, POP, marks, mode
from generator.languages.site import (
    MARK,
    EncodeError,
    Scalar,
    Site,
    escaped,
    is_apart,
    one_line,
    only,
    text_of,
    typed,
)

_QUOTES = {"triple_double": '"""', "triple_single": "'''", "double": '"', "single": "'"}
_PREFIXES = {
    "formatted": r"(?<!\w)[fFtT]",
    "raw": r"(?<!\w)(?:[rR][bBfFtT]?|[bBfFtT][rR])",
    "bytes": r"(?<!\w)[bB]",
    "text": r"(?:(?<!\w)[uU])?",
}
_OPENING = {
    f"{prefix}_{name}": f"{begin}{quote}"
    for prefix, begin in _PREFIXES.items()
    for name, quote in _QUOTES.items()
}


def _string(prefix: str, name: str) -> dict[str, str]:
    tokens = {} if prefix == "raw" else {"lone": LONE_ESCAPE, "escape": ESCAPE}
    tokens |= {"raw": r"\\."} if prefix == "raw" else {}
    tokens |= {"braces": r"\{\{|\}\}", "open": r"\{"} if prefix == "formatted" else {}
    return tokens | {"end": _QUOTES[name]} | ({} if name.startswith("triple") else {"broken": "\n"})


_MODES = {
    "code": mode({**{name: name for name in _OPENING}, "comment": "comment"}, **_OPENING, comment="#"),
    "comment": mode({"end": POP}, end="$"),
    "field": mode({"open": "field", "end": POP}, "a field is not closed", open=r"\{", end=r"\}"),
    **{
        f"{prefix}_{name}": mode(
            {"end": POP, "open": "field"}, "a string is not closed", **_string(prefix, name)
        )
        for prefix in _PREFIXES
        for name in _QUOTES
    },
}
_APART = re.compile(r"[\s,:=()\[\]{}#]?")
_NAME_PART = re.compile(r"[A-Za-z0-9_]+")
_RAW = re.compile(r"[^'\"\\{}\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]*")
_ASCII = re.compile(r"[\x20-\x7e]*")


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    return [marked.site("python") for marked in marks(shape, _MODES, "code")]


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`; in code, numbers and booleans keep their type and text becomes a string."""
    if site.position == "code":
        return _code(site, value)
    text = text_of(value)
    if site.position == ESCAPED:
        return escaped(site, text)
    if site.position == "comment":
        return one_line(text, "a comment")
    if site.position == "field":
        return only(_NAME_PART, text, "a field of a string", "set a variable first")
    return _in_string(site, text)


def holds(site: Site, form: str) -> bool:
    """Return whether a whole list or map, as the filter `form` writes it, may stand at `site`."""
    return site.position == "code" and form == "json" and is_apart(site, _APART)


def _code(site: Site, value: Scalar) -> str:
    if not is_apart(site, _APART):
        raise EncodeError("the value would run into what stands beside it", "put quotes around it all")
    if isinstance(value, str):
        return string(value)
    if value is None or isinstance(value, bool):
        return str(value)
    return typed(value)


def _in_string(site: Site, text: str) -> str:
    prefix, _, name = site.position.partition("_")
    if prefix == "raw":
        return only(_RAW, text, "a raw string", "remove the r before it")
    if prefix == "bytes":
        only(_ASCII, text, "bytes", "use ASCII characters")
    quote = _QUOTES[name][0]
    written = string(text)[1:-1].replace('\\"', '"').replace(quote, f"\\{quote}")
    if prefix != "formatted":
        return written
    if MARK in (site.before, site.behind) or site.before in ("{", "}") or site.behind in ("{", "}"):
        raise EncodeError("the value touches a brace of a formatted string", "put a blank between them")
    return written.replace("{", "{{").replace("}", "}}")
