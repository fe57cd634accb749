"""HTML: text and attributes are written with entities, and no value becomes a tag, a name, or code that runs.

An attribute without quotes holds a word. What a browser runs, such as `onclick`, `style` and the text of `<script>`,
and what frameworks run, such as `:href` and `x-data`, holds a word too; the target of a link cannot be a script.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping

from generator.languages.html.tags import Attribute, Tag
from generator.languages.html.tokens import Place, places
from generator.languages.lexer import placed, rule
from generator.languages.site import MARK, EncodeError, Scalar, Site, only, text_of
from generator.languages.yaml.dialect import doubles

_ENTITY = (rule("entity", rf"&#?[A-Za-z0-9{MARK}]*"),)
_NUMBER = (rule("entity", rf"&#[A-Za-z0-9{MARK}]*"),)  # those with a name are operators in most code
_ENTITIES = {"text": _ENTITY, "code": _NUMBER}
# Attributes whose text is code for the browser or for a framework, and those that are the address of something.
_CODE = re.compile(
    r"_|on.*|style|srcdoc|[@:#*(\[].*|(?:v|x|ng|hx|bind|bindon|data-ng|data-hx)-.*|data-(?:bind|script)", re.I
)
_LINK = re.compile(
    r"(?:xlink:)?href|src|action|formaction|data|poster|background|cite|longdesc|manifest|ping|codebase|icon"
    r"|(?:image)?srcset|xml:base|lowsrc|dynsrc|profile|attributionsrc|classid|archive|code",
    re.I,
)
# Elements of SVG that set an attribute, of a link too, to what these have.
_ANIMATIONS = frozenset(["animate", "animatecolor", "animatemotion", "animatetransform", "set"])
_ANIMATED = frozenset(["to", "from", "by", "values"])
# Attributes of frameworks that also run what stands in {{ }} in the text of a page.
_FRAMEWORK = re.compile(r"(?:data-)?ng-.*|v-.*|[@:*(\[].*", re.I)
_SCRIPTS = ("javascript", "vbscript", "data")
_SCRIPT = re.compile(r"(?<![\w-])(?:javascript|vbscript|data):", re.I)
# Data that is no document, of which a browser runs nothing.
_INERT_DATA = re.compile(rf"data:(?:image/(?!svg)|font/|audio/|video/)[^,{MARK}]*,", re.I)
_SCHEME = re.compile(rf"[A-Za-z0-9+.{MARK}-]*")
_NOT_URL = re.compile("\\A[\0-\x20]+|[\t\n\r]")  # what a browser leaves out of an address
_END_TAG = re.compile(rf"</[A-Za-z{MARK}]*\Z")
_LESS = re.compile(rf"<[A-Za-z{MARK}]*\Z")
_WHOLE = re.compile(r"[A-Za-z0-9_./:@+=,?#~%&;!*()$'-]*")
_TARGET = re.compile(r"[A-Za-z0-9_./:@+=,?#~-]*")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]*")
_WORDS = re.compile(r"[A-Za-z0-9]+(?:[./:, _-][A-Za-z0-9]+)*")
_NOT_HTML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    if MARK not in shape:
        return []
    found, names = places(shape)
    suffix = "_run" if any(map(_FRAMEWORK.fullmatch, names)) else ""
    links: dict[int, Iterator[str]] = {}
    positions = [_position(shape, place, links) for place in found]
    return [
        Site("html", f"{position}{suffix}" if position in _SHOWN else position, before, behind)
        for position, place in zip(positions, found, strict=True)
        for before, behind in [
            (shape[place.offset - 1 : place.offset], shape[place.offset + 1 : place.offset + 2])
        ]
    ]


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    text = text_of(value)
    found = _NOT_HTML.search(text)
    if found:
        raise EncodeError(f"HTML cannot hold the character U+{ord(found[0]):04X}", "remove it")
    return _ENCODERS[site.position](site, text)


def _position(text: str, place: Place, links: dict[int, Iterator[str]]) -> str:
    if place.attribute and place.tag:
        return in_attribute(text, place.offset, place.tag, place.attribute, links)
    left = text[max(place.start, place.offset - 200) : place.offset]
    if place.kind in ("text", "first", "raw", "code") and _END_TAG.search(left):
        return "name"
    if place.kind == "code" and _LESS.search(left):
        return "digits"
    return (
        placed(text, place.offset, _ENTITIES[place.kind]) if place.kind in _ENTITIES else None
    ) or place.kind


def in_attribute(
    text: str, offset: int, tag: Tag, attribute: Attribute, links: dict[int, Iterator[str]]
) -> str:
    """Return the position of a mark in an attribute; `links` keeps those of each link for its further marks."""
    kind = kind_of(tag, attribute)
    if not attribute.quote:
        return "word" if kind == "attribute" and attribute.value[1] == offset + 1 else "refused"
    if kind == "link":
        if attribute.start not in links:  # of all values in it, so that the work grows with its length
            links[attribute.start] = _in_link(text[slice(*attribute.value)])
        kind = next(links[attribute.start])
    return placed(text, offset, _ENTITY) or kind


def kind_of(tag: Tag, attribute: Attribute) -> str:
    """Return what an attribute holds: text (`attribute`), `code`, what an element is `animated` with, or a `link`.

    The `content` of a `<meta>` is code where it refreshes the page or the like, whatever the order is.
    """
    name = attribute.name
    is_refresh = name == "content" and "http-equiv" in tag.names
    if MARK in name or MARK in tag.name or is_refresh or _CODE.fullmatch(name):
        return "code"
    if tag.name.rpartition(":")[2] in _ANIMATIONS and name in _ANIMATED:
        return "animated"
    return "link" if _LINK.fullmatch(name) else "attribute"


def _in_link(value: str) -> Iterator[str]:
    """Yield the position of each mark in an address, by what a browser takes for its scheme."""
    address = _NOT_URL.sub("", MARK.join(map(html.unescape, value.split(MARK))))
    found = _SCHEME.match(address)
    end = found.end() if found else 0
    scheme = address[:end].lower()
    has_scheme = address[end : end + 1] == ":"
    for at, char in enumerate(address):
        if char == MARK and at < end:
            yield "link_whole" if address == MARK else _in_scheme(scheme, at, has_scheme=has_scheme)
        elif char == MARK:
            is_script = has_scheme and scheme in _SCRIPTS and not _INERT_DATA.match(address)
            yield "code" if is_script else "link"


def _in_scheme(scheme: str, at: int, *, has_scheme: bool) -> str:
    """Return the position of a mark where the scheme of an address may stand; only the first value may have one."""
    if not has_scheme:
        return "link_part" if at else "link_start"
    if scheme == MARK:
        return "scheme"
    could = re.compile(".*".join(map(re.escape, scheme.split(MARK))))
    return "refused_scheme" if any(map(could.fullmatch, _SCRIPTS)) else "link_part"


def _text(site: Site, text: str) -> str:
    return re.sub("[&<>\r]", _entity, text)


def _first(site: Site, text: str) -> str:
    if text.startswith("\n"):
        raise EncodeError("a browser drops a line break here", "begin with other text")
    return _text(site, text)


def _attribute(site: Site, text: str) -> str:
    return re.sub("[&<>\"'\r]", _entity, text)


def _entity(found: re.Match[str]) -> str:
    return f"&#{ord(found[0])};"


def _comment(site: Site, text: str) -> str:
    beside = site.before in ("-", "!", MARK) or site.behind in ("-", "!", MARK)
    acts = site.before in ("-", MARK) and text[:1] in ("#", "[")  # includes of servers, and conditions
    if acts or re.search("[<>]|--", text) or (beside and (not text or {text[0], text[-1]} & {"-", "!"})):
        raise EncodeError("a comment of HTML cannot hold <, > or --", "leave them out")
    return text


def _link_start(site: Site, text: str) -> str:
    _refuse_script(text)
    return _link(site, text)


def _link_whole(site: Site, text: str) -> str:
    _refuse_script(text)
    hint = "write blanks and quotes as %20 and %22"
    return _attribute(site, only(_WHOLE, text, "the target of a link", hint))


def _link_part(site: Site, text: str) -> str:
    if ":" in text:
        raise _is_script()
    return _link(site, text)


def _link_scheme(site: Site, text: str) -> str:
    _refuse_script(f"{text}:")
    return only(_WORD, text, "the scheme of a link", "write it in the template")


def _refuse_script(text: str) -> None:
    """Refuse a scheme that runs what follows it."""
    scheme, colon, _ = text.partition(":")
    if colon and scheme.lower() in _SCRIPTS:
        raise _is_script()


def _is_script() -> EncodeError:
    return EncodeError("the target of a link cannot be a script", "write its scheme in the template")


def _refused_scheme(site: Site, text: str) -> str:
    raise EncodeError("the value would be a part of the scheme of a link", "write the scheme in the template")


def _link(site: Site, text: str) -> str:
    return only(_TARGET, text, "the target of a link", "use letters, digits and _ . / : @ + - = ? # ~ ,")


def _word(site: Site, text: str) -> str:
    return only(_WORD, text, "an attribute without quotes", "put double quotes around it")


def _code(site: Site, text: str) -> str:
    hint = (
        "use words of letters and digits; or write the value into an attribute, data-name, and read it there"
    )
    if _SCRIPT.search(text):
        raise _is_script()
    return only(_WORDS, text, "code in HTML", hint)


def _animated(site: Site, text: str) -> str:
    if ":" in text:
        raise _is_script()
    return _code(site, text)


def _digits(site: Site, text: str) -> str:
    """Write code behind a `<`, which a letter would make a tag."""
    if not text[:1].isdigit():
        raise EncodeError("the value would become a tag with the < before it", "put a blank between them")
    return _code(site, text)


def _raw(site: Site, text: str) -> str:
    """Write text in which there are no entities."""
    if re.search("[<\r]", text):
        raise EncodeError("this element cannot hold < in its text", "use <pre>, in which it is written &lt;")
    return text


def _in_framework(write: Callable[[Site, str], str]) -> Callable[[Site, str], str]:
    """Write text for a page whose framework runs what stands in `{{ }}`, after the browser has read it."""

    def written(site: Site, text: str) -> str:
        if doubles(site, text, "{"):
            raise EncodeError(
                "the framework of this page would run what stands in {{ }}", "leave {{ out of the value"
            )
        return write(site, text)

    return written


def _refused(site: Site, text: str) -> str:
    raise EncodeError("a value cannot stand here in a tag", "put double quotes around the attribute")


def _name(site: Site, text: str) -> str:
    raise EncodeError("a value cannot be the name of an element or an attribute", "write the name itself")


def _in_entity(site: Site, text: str) -> str:
    raise EncodeError("the value would become a part of a character's name, as in &amp;", "write &amp;")


_SHOWN = {"text": _text, "first": _first, "attribute": _attribute}
_ENCODERS: Mapping[str, Callable[[Site, str], str]] = {
    **_SHOWN,
    "comment": _comment,
    "link_start": _link_start,
    "link_whole": _link_whole,
    "link_part": _link_part,
    "link": _link,
    "scheme": _link_scheme,
    "refused_scheme": _refused_scheme,
    "animated": _animated,
    "digits": _digits,
    "raw": _raw,
    **{f"{name}_run": _in_framework(write) for name, write in _SHOWN.items()},
    "word": _word,
    "code": _code,
    "refused": _refused,
    "name": _name,
    "entity": _in_entity,
}
