"""Markdown (CommonMark 0.31, and the tables of GitHub): prose, inline code, links and fenced blocks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.languages import LANGUAGES, language_of
from generator.languages.lexer import ESCAPE, ESCAPED, LONE, NOWHERE, POP, Marked, marks, mode, placed, rule
from generator.languages.site import (
    MARK,
    EncodeError,
    Scalar,
    ShapeError,
    Site,
    escaped,
    one_line,
    only,
    text_of,
)

if TYPE_CHECKING:
    from generator.languages.markdown.blocks import Block

_SPECIAL = re.compile(r"([\\`*_\[\]<>#!|~&$])")
_BLOCK_MARKER = re.compile(r"[0-9]+(?=[.)])|(?=[-+=:])")  # where a line begins: a list, a heading, a table
_MEANS_SOMETHING = re.compile(r"[\\`*_\[\](){}#!|~$=+^]|^[-:]|(?<=[0-9])\.|:(?=//)")
_SCRIPTS = ("javascript", "vbscript", "data")
_LINK = re.compile(r"[A-Za-z0-9_./:@+=,?#~-]*")
_INERT = re.compile(r"[A-Za-z0-9]+(?:[./:, _-][A-Za-z0-9]+)*")
_WORDS = re.compile(r"(?:\.?/)?[A-Za-z0-9]+(?:(?:[./:@=+-]{1,3}|,? |_)[A-Za-z0-9]+)*")

_MODES = {
    "prose": mode(
        {
            "indented": "words",
            "reference": "reference",
            "code": "inline",
            "code_twice": "inline_twice",
            "autolink": "autolink",
            "run": "unsure",
            "comment": "comment",
            "html": "html",
            "link": "link",
        },
        lone=LONE,
        escape=ESCAPE,
        indented=r"^(?: {4}| {0,3}\t)",
        reference=r"^ {0,3}\[[^\]\n]*\]:",
        code=r"(?<!`)`(?!`)(?=[^`\n]*`(?!`))",
        code_twice=r"(?<!`)``(?!`)(?=(?:[^`\n]|`(?!`))*``(?!`))",
        run="`+",
        comment="<!--",
        autolink=r"<(?=[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*>)",
        html=f"<(?=[A-Za-z/!?{MARK}])",
        link=r"\]\(",
    ),
    "inline": mode({"end": POP}, end="`"),
    "inline_twice": mode({"end": POP}, end="``"),
    "unsure": mode({"end": POP}, end="`+"),
    "autolink": mode({"end": POP}, end=">"),
    "comment": mode({"end": POP}, end="-->"),
    "html": mode(
        {"double": "attribute_double", "single": "attribute_single", "end": POP},
        double=r'(?<==)"',
        single=r"(?<==)'",
        end=">",
    ),
    "attribute_double": mode({"end": POP}, end='"'),
    "attribute_single": mode({"end": POP}, end="'"),
    "words": mode({"end": POP}, end="$"),
    "link": mode({"end": POP}, lone=LONE, escape=ESCAPE, end=r"\)"),
    "reference": mode({"end": POP}, end="$"),
}
_IN_HTML = _MODES | {
    "text": mode({"comment": "comment", "html": "html"}, comment="<!--", html=f"<(?=[A-Za-z/!?{MARK}])")
}
_RULES = (
    rule("entity", rf"&#?[A-Za-z0-9{MARK}]*", rf"[A-Za-z0-9{MARK}]*;"),
    rule("trimmed", r"(?:\n[ \t>]*#{1,6}|\|)[ \t]*"),
    rule("line_start", r"\n(?:[ \t>]|[-+*][ \t]|[0-9]+[.)][ \t]|\[[ xX]\] )*"),
    rule("line_end", r"  ", r"[ \t]*(?:\n|\Z)"),
)
_HTML_RULES = (rule("entity", rf"&#?[A-Za-z0-9{MARK}]*"),)
_TARGET_RULES = (
    rule("title", r"""(?:\]\(|\]:)[ \t]*\S+[ \t]+(?:"[^"\n]*|'[^'\n]*)"""),
    rule("link_start", rf"(?:\]\(|\]:|<)[ \t<]*[A-Za-z0-9+.{MARK}-]*"),
)
_RUNS = re.compile(r"[\0-\x20]*(?:javascript|vbscript|data)[\t\n\r]*:", re.IGNORECASE)
_NOT_PROSE = ("inline", "table_inline", "link", "link_start", "title", "words", "comment", "tag", ESCAPED)
_POSITIONS = {
    "html": "tag",
    "unsure": NOWHERE,
    "autolink": "link",
    "reference": "link",
    "inline_twice": "inline",
}
_LANGUAGES = {
    "bash": "shell",
    "sh": "shell",
    "shell": "shell",
    "zsh": "shell",
    "yaml": "yaml",
    "yml": "yaml",
    "json": "json",
    "jsonc": "jsonc",
    "json5": "jsonc",
    "toml": "toml",
    "ini": "ini",
    "properties": "properties",
    "dotenv": "dotenv",
    "env": "dotenv",
    "nginx": "nginx",
    "systemd": "systemd",
    "xml": "xml",
    "html": "html",
    "hcl": "hcl",
    "terraform": "hcl",
    "tf": "hcl",
    "dockerfile": "dockerfile",
    "docker": "dockerfile",
    "ts": "typescript",
    "typescript": "typescript",
    "js": "typescript",
    "javascript": "typescript",
}


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    from generator.languages.markdown.blocks import blocks  # a render that knows the shape needs no parser

    found: list[Site] = []
    for block in blocks(shape):
        if MARK in block.text:
            found += _FINDERS[block.kind](block)
    return found


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    text = text_of(value)
    if site.position == "fenced":
        return _fenced(site, text)
    return _ENCODERS[site.position](site, one_line(text, "a line of Markdown"))


def is_verbatim(site: Site) -> bool:
    """Return whether what stands around a value at `site`, on its line, stands in the file as it is read."""
    return site.position == "fenced"


def _in_prose(block: Block) -> list[Site]:
    return [_prose_site(block.text, marked) for marked in marks(block.text, _MODES, "prose")]


def _in_code(block: Block) -> list[Site]:
    """Return the sites in a fence: those of its language, where the text can be read as a whole of it."""
    outer = [
        Site(
            "markdown",
            "fenced",
            block.text[max(at - 1, 0) : at],
            block.text[at + 1 : at + 2],
            indent=block.indent,
        )
        for at, char in enumerate(block.text)
        if char == MARK
    ]
    name = _LANGUAGES.get(block.name.lower())
    if name is None:
        return outer
    name = language_of("text.yaml", block.text) if name == "yaml" else name
    try:
        inner = LANGUAGES[name].sites(block.text)
    except ShapeError as problem:
        if name == "shell":
            raise problem.at(block.line - 1 + problem.line) from None
        return outer  # a part of a file
    return [site.within(at) for site, at in zip(inner, outer, strict=True)]


def _in_front(block: Block) -> list[Site]:
    text = block.text.partition("\n")[2].rpartition("\n")[0]
    return LANGUAGES["yaml"].sites(text) if MARK in text else []


def _in_html(block: Block) -> list[Site]:
    found = []
    for marked in marks(block.text, _IN_HTML, "text"):
        position = _POSITIONS.get(marked.mode, marked.mode)
        if position == "text":
            in_markdown = block.kind == "mixed" and re.search(r"`|\]\(", _line(block.text, marked.offset))
            position = (
                "inert" if in_markdown else placed(block.text, marked.offset, _HTML_RULES) or block.kind
            )
        elif position.startswith("attribute"):
            position = _attribute(block.text, marked)
        alone = not _line(block.text, marked.offset).strip(f" \t>{MARK}")
        found.append(replace(marked.site("markdown", position), alone=alone))
    return found


def _attribute(text: str, marked: Marked) -> str:
    """Return the position of a mark in the quoted value of an attribute."""
    import html  # few texts have an attribute

    from generator.languages.html.sites import kind_of
    from generator.languages.html.tags import attribute_at

    found = attribute_at(text, marked.offset)
    kind = kind_of(*found) if found else "code"
    if not found or kind in ("code", "animated"):
        return "inert"
    if kind == "link":
        before = html.unescape(text[found[1].value[0] : marked.offset])
        return "inert" if _RUNS.match(before) else "link" if ":" in before else "link_start"
    return "html"


_FINDERS: Mapping[str, Callable[[Block], list[Site]]] = {
    "prose": _in_prose,
    "front": _in_front,
    "fence": lambda block: [Site("markdown", "words")] * block.text.count(MARK),
    "code": _in_code,
    "html": _in_html,
    "mixed": _in_html,
    "script": lambda block: [Site("markdown", "inert")] * block.text.count(MARK),
}


def _prose_site(text: str, marked: Marked) -> Site:
    position = _POSITIONS.get(marked.mode, marked.mode)
    if position == "prose":
        position = placed(text, marked.offset, _RULES) or position
    if position.startswith("attribute"):
        position = _attribute(text, marked)
    if position == "link":
        position = placed(text, marked.offset, _TARGET_RULES) or position
    if position == "inline" and "|" in _line(text, marked.offset):
        position = "table_inline"
    site = marked.site("markdown", position)
    return _beside_emphasis(text, marked.offset, site) if position not in _NOT_PROSE else site


def _beside_emphasis(text: str, offset: int, site: Site) -> Site:
    """Return `site` with a blank before the marks beside it, where one stands on their other side."""
    left, right = text[:offset], text[offset + 1 :]
    if site.before in ("*", "_", "~") and left.rstrip(site.before)[-1:].strip() == "":
        site = replace(site, before=f" {site.before}")
    if site.behind in ("*", "_", "~") and right.lstrip(site.behind)[:1].strip() == "":
        site = replace(site, behind=f" {site.behind}")
    return site


def _line(text: str, offset: int) -> str:
    end = text.find("\n", offset)
    return text[text.rfind("\n", 0, offset) + 1 : len(text) if end < 0 else end]


def _prose(site: Site, text: str) -> str:
    if not _is_emphasized(site.before, text[:1]) or not _is_emphasized(site.behind, text[-1:]):
        raise EncodeError("emphasis must begin and end with a letter or digit", "put inline code around it")
    if site.behind in ("", "\n") and text != text.rstrip():
        raise EncodeError("Markdown drops blanks at the end of a line", "end with other text")
    written = _SPECIAL.sub(r"\\\1", text)
    return f"\\{written}" if site.before in ("]", MARK) and text[:1] in ("(", ":") else written


def _trimmed(site: Site, text: str) -> str:
    if text[:1] in (" ", "\t"):
        raise EncodeError("Markdown drops blanks at the start of a heading or cell", "begin with other text")
    return _prose(site, text)


def _is_emphasized(run: str, char: str) -> bool:
    """Return whether a run of marks still begins or ends emphasis beside `char`: any, where a blank is beyond it."""
    if run.startswith(" "):
        return bool(char.strip())
    return run not in ("*", "_", "~") or char.isalnum()


def _line_start(site: Site, text: str) -> str:
    if not text or text != text.lstrip() or (text.isdigit() and site.behind in (".", ")", MARK)):
        raise EncodeError(f"a line of Markdown cannot begin with {text!r}", "begin it with other text")
    written = _prose(site, text)
    marker = _BLOCK_MARKER.match(written)
    return f"{marker[0]}\\{written[marker.end() :]}" if marker else written


def _line_end(site: Site, text: str) -> str:
    if not text:
        raise EncodeError("two blanks at the end of a line break it", "leave one blank before the value")
    return _prose(site, text)


def _inline(site: Site, text: str) -> str:
    if "`" in text or not text.strip() or text != text.strip():
        raise EncodeError(f"inline code cannot hold {text!r}", "use a fenced block")
    return text


def _fenced(site: Site, text: str) -> str:
    """A line that begins with as many marks as the fence would end the block."""
    beside = (site.before in ("`", "~", MARK), site.behind in ("`", "~", MARK))
    joined = (beside[0] and text[:1] in ("`", "~")) or (beside[1] and text[-1:] in ("`", "~"))
    if joined or "``" in text or "~~" in text:
        raise EncodeError("a fenced block cannot hold the marks of its fence", "use a file of its own")
    for line in text.replace("\t", " ").split("\n"):
        one_line(line, "a fenced block")
    return text.replace("\n", f"\n{site.indent}")


def _html(site: Site, text: str) -> str:
    """Write text for HTML; a blank line would end the block."""
    if not text.strip() and site.alone:
        raise EncodeError("a blank line would end the HTML", "guard the line with {% if %}")
    return re.sub(r"[&<>\"']", _entity, text)


def _mixed(site: Site, text: str) -> str:
    """Write text that may stand in HTML or in prose: as entities, which mean the same in both."""
    if text != text.strip():
        raise EncodeError("prose drops blanks at the edges of a line", "begin and end with other text")
    return _MEANS_SOMETHING.sub(_entity, _html(site, text).replace("&#", "\0")).replace("\0", "&#")


def _entity(found: re.Match[str]) -> str:
    return f"&#{ord(found[0])};"


def _title(site: Site, text: str) -> str:
    if MARK in (site.before, site.behind):
        raise EncodeError("two values touch in the title of a link", "put a blank between them")
    return re.sub(r"([\"'])", r"\\\1", _SPECIAL.sub(r"\\\1", text))


def _comment(site: Site, text: str) -> str:
    if re.search("[<>]|--|^-|-$", text) or (not text and "-" in (site.before, site.behind)):
        raise EncodeError("a comment in HTML cannot hold <, > or --", "leave them out")
    return text


def _link_start(site: Site, text: str) -> str:
    """Refuse a scheme that runs what follows it, or that the text before the value begins."""
    scheme, colon, _ = text.partition(":")
    begins = site.before in ("(", "<", " ", "\t", ":", '"', "'")
    if (colon and not begins) or ((colon or site.behind in (":", MARK)) and scheme.lower() in _SCRIPTS):
        raise EncodeError("the target of a link cannot be a script", "write its scheme in the template")
    if not text and site.behind not in (")", ">", '"', "'"):
        raise EncodeError("a link needs a target, and the value is empty", "guard the line with {% if %}")
    return _link(site, text)


def _link(site: Site, text: str) -> str:
    return only(_LINK, text, "the target of a link", "use letters, digits and _ . / : @ + -")


def _in_entity(site: Site, text: str) -> str:
    raise EncodeError("the value would become a part of a character's name, as in &amp;", "write &amp;")


def _tag(site: Site, text: str) -> str:
    if site.before in ("<", "/", "!", "?"):
        raise EncodeError("the value would be the name of an HTML element", "write the element itself")
    return _inert(site, text)


def _inert(site: Site, text: str) -> str:
    return only(_INERT, text, "this place", "use words of letters and digits")


def _nowhere(site: Site, text: str) -> str:
    raise EncodeError("a run of backticks is open here", "use a fenced block, or one backtick")


_ENCODERS: Mapping[str, Callable[[Site, str], str]] = {
    "prose": _prose,
    "line_start": _line_start,
    "line_end": _line_end,
    "inline": _inline,
    "table_inline": lambda site, text: only(
        re.compile(r"[^|`]+"), _inline(site, text), "a table", "leave out |"
    ),
    "inert": _inert,
    "words": lambda site, text: only(_WORDS, text, "this place", "use words of letters and digits"),
    "comment": _comment,
    "title": _title,
    "tag": _tag,
    "trimmed": _trimmed,
    "html": _html,
    "mixed": _mixed,
    "entity": _in_entity,
    "link": _link,
    "link_start": _link_start,
    NOWHERE: _nowhere,
    ESCAPED: escaped,
}
