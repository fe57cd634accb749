"""TypeScript: a bare place keeps the value's type, strings escape (ECMA-262, 12.9 "Literals")."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from generator.languages.lexer import ESCAPE, ESCAPED, LONE_ESCAPE, POP, marks, mode, placed, rule
from generator.languages.site import (
    MARK,
    EncodeError,
    Scalar,
    Site,
    escaped,
    one_line,
    only,
    safe_integer,
    text_of,
    typed,
)

_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_NAME_PART = re.compile(r"[A-Za-z0-9_$]+")
_QUOTES = {"single": "'", "double": '"', "template": "`"}
_RESERVED = frozenset(
    "await break case catch class const continue debugger default delete do else enum export extends false"
    " finally for function if import in instanceof new null return super switch this throw true try typeof"
    " var void while with yield let static implements interface package private protected public".split()
)

# A slash begins a pattern where a value is expected, and divides behind one.
_PATTERN = (
    r"(?:(?<=[(,=:\[!&|?{;+*~^<>%-])(?<!\+\+)(?<!--)|(?<=\breturn)|(?<=\btypeof)|(?<=\bcase))\s*/(?![/*])"
)

_MODES = {
    "code": mode(
        {
            "double": "double",
            "single": "single",
            "tagged": "tagged",
            "template": "template",
            "comment": "comment",
            "block": "block",
            "pattern": "pattern",
            "open": "code",
            "close": POP,
        },
        double='"',
        single="'",
        tagged=r"(?<=[\w$)\]])`",
        template="`",
        comment="//",
        block=r"/\*",
        pattern=_PATTERN,
        open=r"\{",
        close=r"\}",
    ),
    "double": mode(
        {"end": POP}, "a string is not closed", lone=LONE_ESCAPE, escape=ESCAPE, end='"', broken=r"\n"
    ),
    "single": mode(
        {"end": POP}, "a string is not closed", lone=LONE_ESCAPE, escape=ESCAPE, end="'", broken=r"\n"
    ),
    "template": mode(
        {"open": "code", "end": POP},
        "a template is not closed",
        lone=LONE_ESCAPE,
        escape=ESCAPE,
        open=r"\$\{",
        end="`",
    ),
    "tagged": mode(
        {"open": "code", "end": POP}, "a template is not closed", escape=ESCAPE, open=r"\$\{", end="`"
    ),
    "comment": mode({"end": POP}, end="$"),
    "block": mode({"end": POP}, "a comment is not closed", end=r"\*/"),
    "pattern": mode(
        {"class": "class", "end": POP},
        "a pattern is not closed",
        escape=ESCAPE,
        **{"class": r"\["},
        end="/",
        broken=r"\n",
    ),
    "class": mode({"end": POP}, "a pattern is not closed", escape=ESCAPE, end=r"\]", broken=r"\n"),
}
_DECLARES = (
    r"\b(?:const|let|var|function\*?|class|interface|type|enum|namespace|new|as|import|extends|implements)"
)
_RULES = (
    rule("number", r"[^\w$.][0-9][\w.]*"),
    rule("name", rf"[\w$.{MARK}]"),
    rule("name", "", rf"[\w$.({MARK}]"),
    rule("name", rf"{_DECLARES}[ \t]+"),
    rule("name", r"\n(?:import|export)(?:[ \t]+type)?(?:[ \t]+\w+[ \t]*,)?[ \t]*\{[^'\"}:=(]*"),
    rule("property", r"[{,]\s*", r"\s*:"),
)


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`; in code, the position `name` is a part of an identifier."""
    return [
        marked.site("typescript", placed(shape, marked.offset, _RULES) if marked.mode == "code" else None)
        for marked in marks(shape, _MODES, "code")
    ]


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`. In code, numbers and booleans keep their type and text becomes a string."""
    if site.position == "code" and not isinstance(value, str):
        return _typed(site, value)
    if site.position == "property" and not isinstance(value, str):
        raise EncodeError("the name of a property is a text", "put quotes around it")
    return _ENCODERS[site.position](site, text_of(value))


def holds(site: Site, form: str) -> bool:
    """Return whether a whole list or map, as the filter `form` writes it, may stand at `site`."""
    return site.position == "code" and form == "json"


def _typed(site: Site, value: int | float | None) -> str:
    safe_integer(value)
    text = typed(value)
    if site.before == text[:1]:
        raise EncodeError("the value would make -- with the sign before it", "put a blank between them")
    return text


def _name(site: Site, text: str) -> str:
    goes_on = re.match(rf"[\w${MARK}]", site.before)
    if text in _RESERVED and not goes_on and site.before != ".":
        raise EncodeError(f"{text} is a word of the language", "use another name")
    return only(_NAME_PART if goes_on else _NAME, text, "an identifier", "use letters, digits, _ and $")


def _number(site: Site, text: str) -> str:
    raise EncodeError("the value would run into the number before it", "put a blank between them")


def _string(site: Site, text: str) -> str:
    quote = _QUOTES[site.position]
    written = json.dumps(text)[1:-1].replace('\\"', '"').replace(quote, "\\" + quote)
    return written if quote != "`" else _template(site, text, written)


def _template(site: Site, text: str, written: str) -> str:
    joins = site.before in ("$", MARK)
    if joins and (text.startswith("{") or (not text and site.behind in ("{", MARK))):
        raise EncodeError("the value and the text beside it would make ${", "keep them apart")
    return written.replace("$", "\\$")


def _block(site: Site, text: str) -> str:
    if re.search(r"[*/]", text) or (not text and site.before in ("*", MARK)):
        raise EncodeError("a comment between /* and */ cannot hold * or /", "use a // comment")
    return one_line(text, "a comment")


def _nowhere(site: Site, text: str) -> str:
    raise EncodeError("a pattern or a tagged template cannot hold a value", "set a constant first")


_ENCODERS: Mapping[str, Callable[[Site, str], str]] = {
    "code": lambda site, text: json.dumps(text),
    "property": lambda site, text: json.dumps(text),
    "name": _name,
    "number": _number,
    "single": _string,
    "double": _string,
    "template": _string,
    "comment": lambda site, text: one_line(text, "a comment"),
    "block": _block,
    "tagged": _nowhere,
    "pattern": _nowhere,
    "class": _nowhere,
    ESCAPED: escaped,
}
