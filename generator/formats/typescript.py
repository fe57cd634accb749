"""TypeScript: a bare place keeps the value's type, strings escape."""

from __future__ import annotations

import json
import re

from generator.formats.lexer import ESCAPE, ESCAPED, POP, marks, mode
from generator.formats.site import MARK, CannotEncode, Scalar, Site, one_line, only, text_of

_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_NAME_PART = re.compile(r"[A-Za-z0-9_$]+")
_BESIDE_NAME = re.compile(rf"[\w$.{MARK}]")
_QUOTES = {"single": "'", "double": '"', "template": "`"}

_MODES = {
    "code": mode(
        {
            "double": "double",
            "single": "single",
            "template": "template",
            "comment": "comment",
            "block": "block",
            "open": "code",
            "close": POP,
        },
        double='"',
        single="'",
        template="`",
        comment="//",
        block=r"/\*",
        open=r"\{",
        close=r"\}",
    ),
    "double": mode({"end": POP}, escape=ESCAPE, end='"'),
    "single": mode({"end": POP}, escape=ESCAPE, end="'"),
    "template": mode({"open": "code", "end": POP}, escape=ESCAPE, open=r"\$\{", end="`"),
    "comment": mode({"end": POP}, end="$"),
    "block": mode({"end": POP}, end=r"\*/"),
}


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"// {text}\n"


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`; in code, the position `name` is a part of an identifier."""
    found = []
    for place, before, behind in marks(shape, _MODES, "code"):
        named = place == "code" and (_BESIDE_NAME.match(before) or _BESIDE_NAME.match(behind))
        found.append(Site("typescript", "name" if named else place, before, behind))
    return found


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`. In code, numbers and booleans keep their type and text becomes a string."""
    if site.position == ESCAPED:
        raise CannotEncode("a value cannot stand behind a lone backslash", "write two backslashes")
    if site.position == "code":
        return json.dumps(value)
    text = text_of(value)
    if site.position == "name":
        pattern = _NAME_PART if re.match(rf"[\w${MARK}]", site.before) else _NAME
        return only(pattern, text, "an identifier", "use letters, digits, _ and $")
    if site.position in _QUOTES:
        return _string(site, text)
    one_line(text, "a comment")
    if site.position == "block" and re.search(r"[*/]", text):
        raise CannotEncode("a comment between /* and */ cannot hold * or /", "use a // comment")
    return text


def _string(site: Site, text: str) -> str:
    quote = _QUOTES[site.position]
    escaped = json.dumps(text)[1:-1].replace('\\"', '"').replace(quote, "\\" + quote)
    if quote != "`":
        return escaped
    if site.before in ("$", MARK) and text.startswith("{"):
        raise CannotEncode("the value and the text beside it would make ${", "keep them apart")
    return escaped.replace("$", "\\$")
