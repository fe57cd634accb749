"""XML: text and attributes are written with entities; a name is a name."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence

from generator.languages.html.sites import in_attribute
from generator.languages.html.tags import attribute_at
from generator.languages.lexer import POP, Marked, marks, mode
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
# SVG and XHTML, which browsers run scripts of, and the elements that hold them.
_PAGE = re.compile(r"<(?:[\w-]+:)?(?:svg|html)\b|www\.w3\.org/(?:2000/svg|1999/xhtml)", re.I)
_RUN = re.compile(r"<((?:[\w-]+:)?(?:script|style))\b(.*?)</\1", re.I | re.S)
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
    found = list(marks(shape, _MODES, "text"))
    if not _PAGE.search(shape):
        return [marked.site("xml") for marked in found]
    code = [each.span(2) for each in _RUN.finditer(shape)]
    links: dict[int, Iterator[str]] = {}
    return [_in_page(shape, marked, code, links) or marked.site("xml") for marked in found]


def _in_page(
    text: str, marked: Marked, code: Sequence[tuple[int, int]], links: dict[int, Iterator[str]]
) -> Site | None:
    """Return the site of a mark in SVG or XHTML where a browser runs what is there, or where it is a link."""
    if marked.mode in ("text", "cdata"):
        index = bisect_right(code, (marked.offset, 0)) - 1
        return marked.site("html", "code") if index >= 0 and marked.offset < code[index][1] else None
    if marked.mode not in ("double", "single"):
        return None
    found = attribute_at(text, marked.offset)
    position = in_attribute(text, marked.offset, *found, links) if found else "code"
    return marked.site("html", position) if position not in ("attribute", "entity") else None


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
