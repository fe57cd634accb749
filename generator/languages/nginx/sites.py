"""nginx: a word without quotes gets them where it needs them, and `$` is refused, since nothing escapes it."""

from __future__ import annotations

import re

from generator.languages.lexer import ESCAPED, LONE, POP, VARIABLE, Marked, marks, mode, placed, rule
from generator.languages.site import MARK, EncodeError, Scalar, Site, apart, escaped, one_line, only, text_of

_ESCAPE = rf"\\[^{MARK}$]"  # nothing escapes a dollar sign
_LUA = r"_by_lua_block\s*\{"
_IN_QUOTES = {"lone": LONE, "escape": _ESCAPE, "variable": VARIABLE}
_MODES = {
    "word": mode(
        {"comment": "comment", "single": "single", "double": "double", "lua": "lua"},
        lone=LONE,
        escape=_ESCAPE,
        variable=VARIABLE,
        comment=r"(?:^|(?<=[\s;{}]))#",
        lua=_LUA,
        single=r"(?:^|(?<=[\s;{}]))'",
        double=r'(?:^|(?<=[\s;{}]))"',
    ),
    "comment": mode({"end": POP}, end="$"),
    "single": mode({"end": POP}, "a quote is not closed", **_IN_QUOTES, end="'"),
    "double": mode({"end": POP}, "a quote is not closed", **_IN_QUOTES, end='"'),
    "lua": mode({"open": "lua", "close": POP}, "a block of Lua is not closed", open=r"\{", close=r"\}"),
}
_WORD = re.compile(r"[A-Za-z0-9_./:@%+=,?&*-]+")
_INERT = re.compile(r"[A-Za-z0-9_./:@%+=,-]+")
_REGEX = re.compile(r"[A-Za-z0-9_/:@%=,-]+")
_RULES = (
    rule("regex", r"(?:[;{}]|\n)[^;{}\n]*[ \t(]!?~\*?[ \t]+[^\s;{}]*"),
    rule("regex", r"(?:[;{}]|\n)[ \t]*rewrite[ \t]+[^\s;{}]*"),
    rule("first", r"(?:[;{}]|\n)\s*", r"[\s;{]"),
    rule("whole", r"\s", r"\s*[\s;{]"),
    rule("part"),
)


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    return [_site(shape, marked) for marked in marks(shape, _MODES, "word")]


def _site(shape: str, marked: Marked) -> Site:
    if marked.mode in ("single", "double"):
        start = shape.rfind("'" if marked.mode == "single" else '"', 0, marked.offset)
        if placed(shape, start, _RULES[:2]):
            return marked.site("nginx", "regex")
    return marked.site("nginx", placed(shape, marked.offset, _RULES) if marked.mode == "word" else None)


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    text = text_of(value)
    if site.position == ESCAPED:
        return escaped(site, text)
    if site.position == "comment":
        return one_line(text, "a comment")
    if site.position == "lua":
        return only(_INERT, text, "a program inside of nginx's configuration", "read it from a variable")
    if site.position == "regex":
        return only(_REGEX, text, "a regular expression", "use letters, digits and _ / : @ % = , -")
    return _text(site, one_line(text, "a word of nginx"))


def _text(site: Site, text: str) -> str:
    if "$" in text:
        raise EncodeError("nginx would expand $, and nothing escapes it", "no value may hold it")
    if (text.startswith("~") and site.before in ('"', "'")) or (site.position == "whole" and text[:1] == "~"):
        raise EncodeError(
            "nginx would read ~ at the begin of a word as a regular expression", "write the ~ yourself"
        )
    if site.before == "$" or (site.before == MARK and not text and site.position in ("single", "double")):
        raise EncodeError("the value would become a part of the variable before it", "write it as ${name}")
    apart(site, text)
    if site.position in ("single", "double"):
        quote = "'" if site.position == "single" else '"'
        return text.replace("\\", "\\\\").replace(quote, f"\\{quote}")
    if site.position == "part":
        return only(
            _INERT, text, "a part of a word without quotes", "put double quotes around the whole word"
        )
    if site.position == "first":
        return only(
            _INERT, text, "the first word of a directive", "use letters, digits and _ . / : @ % + = , -"
        )
    if _WORD.fullmatch(text):
        return text
    written = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{written}"'
