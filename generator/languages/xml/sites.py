"""XML: text and attributes are written with entities; a name is a name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from generator.languages.lexer import POP, marks, mode
from generator.languages.site import MARK, EncodeError, Scalar, Site, only, text_of

_MODES = {
    "text": mode(
        {
            "comment": "comment",
            "cdata": "cdata",
            "instruction": "instruction",
            "doctype": "doctype",
            "tag": "tag",
        },
        comment="<!--",
        cdata=r"<!\[CDATA\[",
        instruction=r"<\?",
        doctype="<!",
        tag="<",
    ),
    "comment": mode({"end": POP}, "a comment is not closed", end="-->"),
    "cdata": mode({"end": POP}, "a CDATA section is not closed", end=r"\]\]>"),
    "instruction": mode({"end": POP}, "a processing instruction is not closed", end=r"\?>"),
    "doctype": mode({"subset": "subset", "end": POP}, "a declaration is not closed", subset=r"\[", end=">"),
    "subset": mode({"end": POP}, "a declaration is not closed", end=r"\]"),
    "tag": mode(
        {"double": "double", "single": "single", "end": POP},
        "a tag is not closed",
        double='"',
        single="'",
        end=">",
    ),
    "double": mode({"end": POP}, "an attribute is not closed", end='"', broken="<"),
    "single": mode({"end": POP}, "an attribute is not closed", end="'", broken="<"),
}
_NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_NAME_PART = re.compile(r"[\w.-]+", re.ASCII)
_INERT = re.compile(r"[A-Za-z0-9_./:@+,= -]*")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_IN_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_IN_ATTRIBUTE = {**_IN_TEXT, '"': "&quot;", "'": "&#39;", "\t": "&#9;", "\n": "&#10;"}
_SPECIAL = re.compile("[&<>\r]")
_SPECIAL_IN_ATTRIBUTE = re.compile("[&<>\r\"'\t\n]")


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    return [marked.site("xml") for marked in marks(shape, _MODES, "text")]


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    text = text_of(value)
    found = _NOT_XML.search(text)
    if found:
        raise EncodeError(f"XML cannot hold the character U+{ord(found[0]):04X}", "remove it")
    return _ENCODERS[site.position](site, text)


def _text(site: Site, text: str) -> str:
    return _SPECIAL.sub(lambda found: _IN_TEXT[found[0]], text)


def _attribute(site: Site, text: str) -> str:
    return _SPECIAL_IN_ATTRIBUTE.sub(lambda found: _IN_ATTRIBUTE[found[0]], text)


def _name(site: Site, text: str) -> str:
    is_part = bool(re.match(rf"[\w.:{MARK}-]", site.before))
    return only(_NAME_PART if is_part else _NAME, text, "a name of XML", "use letters, digits and _ . -")


def _comment(site: Site, text: str) -> str:
    beside = site.before in ("-", MARK) or site.behind in ("-", MARK)
    if "--" in text or "\r" in text or (beside and (not text or "-" in (text[0], text[-1]))):
        raise EncodeError("a comment of XML cannot hold --", "remove it")
    return text


def _cdata(site: Site, text: str) -> str:
    joined = f"{site.before}{text}{site.behind}"
    touches = (site.before in ("]", MARK) and text[:1] in ("", "]", ">")) or (
        site.behind in ("]", ">", MARK) and text[-1:] in ("", "]")
    )
    if "]]>" in joined or "\r" in text or touches:
        raise EncodeError("a CDATA section cannot hold ]]>", "write it as text, without CDATA")
    return text


def _inert(site: Site, text: str) -> str:
    return only(_INERT, text, "a declaration of XML", "use letters, digits and _ . / : @ + , = -")


_ENCODERS: Mapping[str, Callable[[Site, str], str]] = {
    "text": _text,
    "double": _attribute,
    "single": _attribute,
    "tag": _name,
    "comment": _comment,
    "cdata": _cdata,
    "instruction": _inert,
    "doctype": _inert,
    "subset": _inert,
}
