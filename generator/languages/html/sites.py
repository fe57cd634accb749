"""HTML: text and attributes are written with entities, and no value becomes a tag, a name, or code that runs.

An attribute without quotes holds a word. What a browser runs, such as `onclick`, `style` and the text of `<script>`,
and what frameworks run, such as `:href` and `x-data`, holds a word too; the target of a link cannot be a script.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from generator.languages.lexer import POP, Marked, marks, mode, placed, rule
from generator.languages.site import MARK, EncodeError, Scalar, Site, only, text_of

_QUOTES = {"double": "double", "single": "single"}
_MODES = {
    "text": mode(
        {"comment": "comment", "script": "script_tag", "style": "style_tag", "tag": "tag"},
        comment="<!--",
        script=r"<(?i:script)(?=[\s/>])",
        style=r"<(?i:style)(?=[\s/>])",
        tag=f"<(?=[A-Za-z/!?{MARK}])",
    ),
    "comment": mode({"end": POP}, "a comment is not closed", end="-->"),
    "tag": mode({**_QUOTES, "end": POP}, "a tag is not closed", double='"', single="'", end=">"),
    "script_tag": mode({**_QUOTES, "end": "=script"}, "a tag is not closed", double='"', single="'", end=">"),
    "style_tag": mode({**_QUOTES, "end": "=style"}, "a tag is not closed", double='"', single="'", end=">"),
    "script": mode(
        {"end": "=tag"},
        "a script is not closed, or has a script in a comment",
        end=r"</(?i:script)(?=[\s/>])",
        broken=r"<!--(?=(?:(?!-->).)*<(?i:script)[\s/>])",
    ),
    "style": mode({"end": "=tag"}, "a style is not closed", end=r"</(?i:style)(?=[\s/>])"),
    "double": mode({"end": POP}, "an attribute is not closed", end='"'),
    "single": mode({"end": POP}, "an attribute is not closed", end="'"),
}
_ENTITY = (rule("entity", rf"&#?[A-Za-z0-9{MARK}]*"),)
_NAME = r"([^\s\"'<>/=]+)"  # of an attribute
_QUOTED = re.compile(rf"{_NAME}\s*=\s*[\"']([^\"']*)\Z")
_UNQUOTED = re.compile(rf"{_NAME}\s*=\s*([^\s\"'<>=]*)\Z")
# Attributes whose text is code for the browser or for a framework, and those that are the address of something.
_CODE = re.compile(
    r"on.*|style|srcdoc|to|from|by|values|[@:#*(\[].*|(?:v|x|ng|hx|data-ng|data-hx)-.*|data-bind", re.I
)
_LINK = re.compile(
    r"(?:xlink:)?href|src|action|formaction|data|poster|background|cite|longdesc|manifest|ping|codebase|icon"
    r"|(?:image)?srcset",
    re.I,
)
_FAR = 2000  # characters of a tag that are looked at
_SCRIPTS = ("javascript", "vbscript", "data")
_WHOLE = re.compile(r"[A-Za-z0-9_./:@+=,?#~%&;!*()$'-]*")
_TARGET = re.compile(r"[A-Za-z0-9_./:@+=,?#~-]*")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]*")
_WORDS = re.compile(r"[A-Za-z0-9]+(?:[./:, _-][A-Za-z0-9]+)*")
_NOT_HTML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    if MARK not in shape:
        return []
    return [marked.site("html", _position(shape, marked)) for marked in marks(shape, _MODES, "text")]


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    text = text_of(value)
    found = _NOT_HTML.search(text)
    if found:
        raise EncodeError(f"HTML cannot hold the character U+{ord(found[0]):04X}", "remove it")
    return _ENCODERS[site.position](site, text)


def _position(text: str, marked: Marked) -> str:
    if marked.mode in ("script", "style"):
        return "code"
    if marked.mode in ("tag", "script_tag", "style_tag"):
        return _in_tag(text, marked.offset)
    if marked.mode in ("double", "single"):
        return _in_quotes(text, marked.offset)
    return placed(text, marked.offset, _ENTITY) or marked.mode if marked.mode == "text" else marked.mode


def _in_tag(text: str, offset: int) -> str:
    """Return the position of a mark between the name of a tag and its end: a value without quotes, or a name."""
    found = _UNQUOTED.search(text, max(offset - _FAR, 0), offset)
    if found:
        kind = _kind(text, offset, found[1])
        return (
            "word" if kind == "attribute" and text[offset + 1 : offset + 2] in (" ", "\n", ">") else "refused"
        )
    return "name"


def _in_quotes(text: str, offset: int) -> str:
    found = _QUOTED.search(text, max(offset - _FAR, 0), offset)
    if not found:
        return "code"
    kind = _kind(text, offset, found[1])
    if kind == "link":
        return "link" if ":" in found[2] or "/" in found[2] else "link_start"
    return placed(text, offset, _ENTITY) or kind if kind == "attribute" else kind


def _kind(text: str, offset: int, name: str) -> str:
    """Return what an attribute holds: text, code, or a link. `content` is an address where it refreshes the page."""
    tag = text[text.rfind("<", 0, offset) : offset] + text[offset : offset + _FAR].partition(">")[0]
    is_refresh = name.lower() == "content" and "http-equiv" in tag.lower()
    if MARK in name or is_refresh or _CODE.fullmatch(name):
        return "code"
    return "link" if _LINK.fullmatch(name) else "attribute"


def _text(site: Site, text: str) -> str:
    return re.sub("[&<>\r]", _entity, text)


def _attribute(site: Site, text: str) -> str:
    return re.sub("[&<>\"'\r]", _entity, text)


def _entity(found: re.Match[str]) -> str:
    return f"&#{ord(found[0])};"


def _comment(site: Site, text: str) -> str:
    beside = site.before in ("-", "!", MARK) or site.behind in ("-", "!", MARK)
    if re.search("[<>]|--", text) or (beside and (not text or {text[0], text[-1]} & {"-", "!"})):
        raise EncodeError("a comment of HTML cannot hold <, > or --", "leave them out")
    return text


def _link_start(site: Site, text: str) -> str:
    """Refuse a scheme that runs what follows it, also where the text beside the value is a part of it."""
    scheme, colon, _ = text.partition(":")
    begins = site.before in ('"', "'")
    if (colon and not begins) or ((colon or site.behind in (":", MARK)) and scheme.lower() in _SCRIPTS):
        raise EncodeError("the target of a link cannot be a script", "write its scheme in the template")
    if begins and site.behind in ('"', "'"):
        return _attribute(
            site, only(_WHOLE, text, "the target of a link", "write blanks and quotes as %20 and %22")
        )
    if site.behind == ":" or (site.before == MARK and not begins):
        return only(_WORD, text, "the scheme of a link", "write it in the template")
    return _link(site, text)


def _link(site: Site, text: str) -> str:
    return only(_TARGET, text, "the target of a link", "use letters, digits and _ . / : @ + - = ? # ~ ,")


def _word(site: Site, text: str) -> str:
    return only(_WORD, text, "an attribute without quotes", "put double quotes around it")


def _code(site: Site, text: str) -> str:
    hint = (
        "use words of letters and digits; or write the value into an attribute, data-name, and read it there"
    )
    return only(_WORDS, text, "code in HTML", hint)


def _refused(site: Site, text: str) -> str:
    raise EncodeError("a value cannot stand here in a tag", "put double quotes around the attribute")


def _name(site: Site, text: str) -> str:
    raise EncodeError("a value cannot be the name of an element or an attribute", "write the name itself")


def _in_entity(site: Site, text: str) -> str:
    raise EncodeError("the value would become a part of a character's name, as in &amp;", "write &amp;")


_ENCODERS: Mapping[str, Callable[[Site, str], str]] = {
    "text": _text,
    "attribute": _attribute,
    "comment": _comment,
    "link_start": _link_start,
    "link": _link,
    "word": _word,
    "code": _code,
    "refused": _refused,
    "name": _name,
    "entity": _in_entity,
}
