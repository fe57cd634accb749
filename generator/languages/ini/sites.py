"""INI files: a value stands in its line as it is, or is refused where their consumers differ."""

from __future__ import annotations

import re

from generator.languages import keyed
from generator.languages.site import EncodeError, Scalar, Site, one_line, only, text_of

_GRAMMAR = keyed.Grammar(
    "ini",
    comment=re.compile(r"\s*[#;]"),
    separator=re.compile(r"(?<=[^\s/])\s*(?:=|:(?!\S*\s*=))\s*"),
    sections=True,
    indented=True,
)
_UNSURE = re.compile(r"""[%$"'`\\;#!&|~?(){}^]""")
_KEY = re.compile(r"[\w.@/-]+(?: [\w.@/-]+)*")
_SECTION = re.compile(r"[\w.@/:,+-]+(?: [\w.@/:,+-]+)*")
_WAY_OUT = (
    "use other characters, or map the path to text and write the line on your own word with {{ … | line }}"
)


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`."""
    return keyed.sites(shape, _GRAMMAR)


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    text = text_of(value)
    if site.position == "comment":
        return one_line(text, "a comment")
    if site.position == "section":
        return only(_SECTION, text, "the name of a section", "use letters, digits and _ . @ / : , + -")
    if site.position == "key":
        return only(_KEY, text, "a key", "use letters, digits and _ . @ / -")
    return _value(site, text)


def _value(site: Site, text: str) -> str:
    found = _UNSURE.search(one_line(text, "a value of an INI file"))
    if found:
        raise EncodeError(f"consumers of INI files disagree about {found[0]} in a value", _WAY_OUT)
    if text != text.strip():
        raise EncodeError("a value of an INI file loses blanks at its ends", "remove them")
    if site.position == "continued" and site.alone and (not text or text[0] in "[=:"):
        raise EncodeError("the value would make its line another kind of line", "put the value after its key")
    return text
