"""SQL: a string doubles its quotes; elsewhere a value is a number or the name of a thing."""

from __future__ import annotations

import re

from generator.languages.lexer import POP, marks, mode
from generator.languages.site import MARK, EncodeError, Scalar, Site, one_line, only, text_of, typed

_MODES = {
    "code": mode(
        {
            "escapes": "escapes",
            "single": "single",
            "double": "name",
            "back": "back",
            "comment": "comment",
            "block": "block",
            "dollars": "dollars",
        },
        escapes=r"\b[eE]'",
        single="'",
        double='"',
        back="`",
        comment="--",
        block=r"/\*",
        dollars=r"\$\$",
        broken=r"\$[A-Za-z_]\w*\$",
    ),
    "single": mode({"end": POP}, "a string is not closed", twice="''", end="'"),
    "escapes": mode({"end": POP}, "a string is not closed", twice="''", escape=rf"\\[^{MARK}]", end="'"),
    "name": mode({"end": POP}, "a name is not closed", twice='""', end='"'),
    "back": mode({"end": POP}, "a name is not closed", twice="``", end="`"),
    "comment": mode({"end": POP}, end="$"),
    "block": mode({"end": POP}, "a comment is not closed", end=r"\*/"),
    "dollars": mode({"end": POP}, "a text between dollar signs is not closed", end=r"\$\$"),
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAME_PART = re.compile(r"[A-Za-z0-9_]+")
_QUOTED_NAME = re.compile(r"[\w .:@/-]+")
_BESIDE = re.compile(rf"[\w.{MARK}]")


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    return [marked.site("sql") for marked in marks(shape, _MODES, "code")]


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    if site.position == "code":
        return _code(site, value)
    text = text_of(value)
    if site.position == "single":
        return _string(site, text)
    if site.position in ("name", "back"):
        return only(_QUOTED_NAME, text, "a name", "use letters, digits, blanks and _ . : @ / -")
    if site.position == "comment":
        return one_line(text, "a comment")
    return only(_NAME_PART, text, "this place of SQL", "set the value in a string of its own: '{{ … }}'")


def _code(site: Site, value: Scalar) -> str:
    beside = bool(_BESIDE.match(site.before) or _BESIDE.match(site.behind))
    if isinstance(value, str):
        is_part = bool(re.match(rf"[\w{MARK}]", site.before))
        return only(
            _NAME_PART if is_part else _NAME, value, "SQL outside of quotes", "put single quotes around it"
        )
    if beside or (site.before == "-" and not isinstance(value, bool)):
        raise EncodeError("the value would run into what stands beside it", "put a blank between them")
    return "NULL" if value is None else typed(value)


def _string(site: Site, text: str) -> str:
    if "\\" in text or "\0" in text:
        raise EncodeError("databases do not agree about a backslash in a string", "no value may hold it")
    if site.before == "\\":
        raise EncodeError("a value cannot stand behind a backslash", "remove the backslash")
    return text.replace("'", "''")
