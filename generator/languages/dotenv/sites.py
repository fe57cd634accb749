"""Files of variables: a value gets quotes that mean the same to all consumers, or is refused."""

from __future__ import annotations

import re

from generator.languages import environment
from generator.languages.lexer import POP, VARIABLE, Marked, marks, mode
from generator.languages.site import MARK, EncodeError, Scalar, Site, apart, one_line, only, text_of

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAME_PART = re.compile(r"[A-Za-z0-9_]+")
_BARE = re.compile(r"[A-Za-z0-9_./:@%+=,-]*")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_MODES = {
    "line": mode(
        {"comment": "comment", "single": "single", "double": "double"},
        comment=r"^[ \t]*#|(?<=[ \t])#",
        single="(?<==)'",
        double='(?<==)"',
        variable=VARIABLE,
    ),
    "comment": mode({"end": POP}, end="$"),
    "single": mode({"end": POP}, "a quote is not closed", end="'"),
    "double": mode({"end": POP}, "a quote is not closed", escape=rf"\\[^{MARK}]", variable=VARIABLE, end='"'),
}
_KEY = re.compile(rf"[ \t]*(?:export[ \t]+)?[\w.{MARK}-]*[ \t]*=")


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`: the `whole` value without quotes, a `part` of it, or in quotes."""
    return [_site(shape, marked) for marked in marks(shape, _MODES, "line")]


def _site(shape: str, marked: Marked) -> Site:
    """Return the site of a mark; in a variable whose text is run, or is options, what may stand there is in it."""
    site = marked.site("dotenv", _position(shape, marked.offset) if marked.mode == "line" else None)
    name, _, before = shape[shape.rfind("\n", 0, marked.offset) + 1 : marked.offset].partition("=")
    held = environment.site(name.strip().removeprefix("export ").strip(), before.strip(), marked)
    return held.within(site) if held and site.position not in ("comment", "key") else site


def _position(shape: str, offset: int) -> str:
    """Return the position of a mark without quotes."""
    start = shape.rfind("\n", 0, offset) + 1
    end = shape.find("\n", offset)
    key = _KEY.match(shape, start)
    if not key or offset < key.end():
        return "key"
    value = shape[key.end() : len(shape) if end < 0 else end]
    return "whole" if value.strip() == MARK else "part"


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    text = text_of(value)
    if site.position == "comment":
        return one_line(text, "a comment")
    if site.position == "key":
        is_part = bool(re.match(rf"[\w{MARK}]", site.before))
        return only(
            _NAME_PART if is_part else _NAME, text, "the name of a variable", "use letters, digits and _"
        )
    if site.before == "$" and site.position != "single":
        raise _disagree("$")
    apart(site, text)
    if site.position == "part":
        return only(_BARE, text, "a value without quotes", 'put double quotes around it all: NAME="…"')
    found = _CONTROL.search(text)
    if found:
        raise EncodeError(f"this file cannot hold the character U+{ord(found[0]):04X}", "remove it")
    return _whole(text) if site.position == "whole" else _quoted(site, text)


def _whole(text: str) -> str:
    if _BARE.fullmatch(text):
        return text
    for quote in "'\"":
        if not _unsure(quote, text):
            return f"{quote}{text}{quote}"
    raise _disagree(_unsure("'", text))


def _quoted(site: Site, text: str) -> str:
    quote = "'" if site.position == "single" else '"'
    if unsure := _unsure(quote, text):
        raise _disagree(unsure)
    joined = f"{site.before}{text}{site.behind}"
    if "${" in joined.replace(MARK, "$") or "${" in joined.replace(MARK, "{") or site.before == "\\":
        raise _disagree("${")
    return text


def _unsure(quote: str, text: str) -> str:
    """Return the first character that some consumer gives a meaning between these quotes, or nothing."""
    found = re.search(rf"[\\{quote}`]|\$\{{" if quote == "'" else r'[\\"$`]', text)
    return found[0] if found else ""


def _disagree(what: str) -> EncodeError:
    return EncodeError(
        f"Compose, python-dotenv and Node's dotenv do not agree about {what} in this value",
        "use other characters, or set the variable where its consumer is started",
    )
