"""Java's property files: what a key or value may not hold as it is, is escaped."""

from __future__ import annotations

import re

from generator.languages import keyed
from generator.languages.site import MARK, EncodeError, Scalar, Site, one_line, text_of

_GRAMMAR = keyed.Grammar(
    "properties",
    comment=re.compile(r"[ \t\f]*[#!]"),
    separator=re.compile(rf"(?<=[^\s])(?<!\\)(?:[ \t\f]*[=:][ \t\f]*|[ \t\f]+(?=[^\s=:]))|(?<={MARK})[=:]"),
    joined=lambda line: (len(line) - len(line.rstrip("\\"))) % 2 == 1,
)
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f"}
_SPECIAL = re.compile(r"[^\x20-\x5b\x5d-\x7e]")
_SPECIAL_IN_KEY = re.compile(r"[^\x20-\x5b\x5d-\x7e]|[ =:#!]")


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`."""
    return keyed.sites(shape, _GRAMMAR)


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    text = text_of(value)
    if site.position == "comment":
        return one_line(text, "a comment")
    if site.before == "\\":
        raise EncodeError("a value cannot stand behind a lone backslash", "write two backslashes")
    _no_placeholder(site, text)
    if site.position == "key":
        if not text and site.alone:
            raise EncodeError(
                "a line needs a key, and the value is empty", "leave out the line with {% if %}"
            )
        return _SPECIAL_IN_KEY.sub(_escape, text)
    first = f"\\{text[0]}" if text[:1] in tuple(" =:") else _SPECIAL.sub(_escape, text[:1])
    written = first + _SPECIAL.sub(_escape, text[1:])
    return f"{written[:-1]}\\u0020" if len(text) > 1 and text[-1] == " " else written


def _escape(found: re.Match[str]) -> str:
    char = found[0]
    if char in " =:#!":
        return f"\\{char}"
    units = char.encode("utf-16-be").hex()
    return _ESCAPES.get(char) or "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _no_placeholder(site: Site, text: str) -> None:
    """Refuse `${` and `#{`, which Spring and Log4j evaluate and other consumers take as they are."""
    joined = f"{site.before}{text}{site.behind}"
    if re.search(r"[$#]\{", joined.replace(MARK, "{" if joined.endswith(MARK) else "$")) or (
        site.before == MARK and text.startswith("{")
    ):
        raise EncodeError("Spring and Log4j would evaluate ${ or #{ in a value", "no value may hold it")
