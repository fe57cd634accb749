"""Markdown (CommonMark 0.31, and the tables of GitHub): prose, inline code, links and fenced blocks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from generator.languages import commands
from generator.languages.lexer import ESCAPE, ESCAPED, LONE, NOWHERE, POP, Marked, marks, mode, placed, rule
from generator.languages.shell import sites as shell
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

_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})[ \t]*([^\s`]*)")
_SPECIAL = re.compile(r"([\\`*_\[\]<>#!|~&$])")
_BLOCK_MARKER = re.compile(r"[0-9]+(?=[.)])|(?=[-+=:])")  # where a line begins: a list, a heading, a table
_LINK = re.compile(r"[A-Za-z0-9_./:@+=,?#~-]*")
_INERT = re.compile(r"[A-Za-z0-9]+(?:[./:, _-][A-Za-z0-9]+)*")

_MODES = {
    "prose": mode(
        {
            "indented": "inert",
            "reference": "reference",
            "code": "inline",
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
        run="`+",
        comment="<!--",
        html=f"<(?=[A-Za-z/!?{MARK}])",
        link=r"\]\(",
    ),
    "inline": mode({"end": POP}, end="`"),
    "unsure": mode({"end": POP}, end="`+"),
    "comment": mode({"end": POP}, end="-->"),
    "html": mode({"end": POP}, end=">"),
    "inert": mode({"end": POP}, end="$"),
    "link": mode({"end": POP}, lone=LONE, escape=ESCAPE, end=r"\)"),
    "reference": mode({"end": POP}, end="$"),
}
_RULES = (
    rule("line_start", r"\n(?:[ \t>]|[-+*][ \t]|[0-9]+[.)][ \t]|\[[ xX]\] )*"),
    rule("line_end", r"  ", r"[ \t]*(?:\n|\Z)"),
)
_POSITIONS = {"comment": "inert", "html": "inert", "unsure": NOWHERE}


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    found: list[Site] = []
    for language, indent, text, line in _parts(shape):
        if language is None:
            found += [_prose_site(text, marked) for marked in marks(text, _MODES, "prose")]
        elif commands.is_shell(language):
            found += _shell_sites(text, indent, line)
        else:
            found += [Site("markdown", "code")] * text.count(MARK)
    return found


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    text = text_of(value)
    if site.position == "fenced":
        return _fenced(site, text)
    return _ENCODERS[site.position](site, one_line(text, "a line of Markdown"))


def _parts(shape: str) -> Iterator[tuple[str | None, str, str, int]]:
    """Yield what is in fences, with its language, indentation and line; outside of them the first is None."""
    fence, language, indent, start = "", "", "", 0
    lines = shape.split("\n")
    for index, line in enumerate(lines):
        found = _FENCE.match(line)
        if not found or (fence and (not found[1].startswith(fence) or line[found.end(1) :].strip())):
            continue
        yield language if fence else None, indent, "\n".join(lines[start:index]), start + 1
        yield "", "", line, index + 1  # the fence itself
        fence, language = ("", "") if fence else (found[1], found[2])
        indent, start = line[: found.start(1)], index + 1
    yield language if fence else None, indent, "\n".join(lines[start:]), start + 1


def _shell_sites(text: str, indent: str, line: int) -> list[Site]:
    try:
        return [
            site.within(Site("markdown", "fenced", site.before, site.behind, indent=indent))
            for site in shell.sites(text)
        ]
    except ShapeError as problem:
        raise problem.at(line - 1 + problem.line) from None


def _prose_site(text: str, marked: Marked) -> Site:
    position = _POSITIONS.get(marked.mode, marked.mode)
    if position == "prose":
        position = placed(text, marked.offset, _RULES) or position
    if position == "inline" and "|" in _line(text, marked.offset):
        position = "table_inline"
    return marked.site("markdown", position)


def _line(text: str, offset: int) -> str:
    end = text.find("\n", offset)
    return text[text.rfind("\n", 0, offset) + 1 : len(text) if end < 0 else end]


def _prose(site: Site, text: str) -> str:
    beside_emphasis = (site.before in ("*", "_", "~"), site.behind in ("*", "_", "~"))
    if (beside_emphasis[0] and not text[:1].isalnum()) or (beside_emphasis[1] and not text[-1:].isalnum()):
        raise EncodeError("emphasis must begin and end with a letter or digit", "put inline code around it")
    if site.behind in ("", "\n") and text != text.rstrip():
        raise EncodeError("Markdown drops blanks at the end of a line", "end with other text")
    written = _SPECIAL.sub(r"\\\1", text)
    return f"\\{written}" if site.before in ("]", MARK) and text[:1] in ("(", ":") else written


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


def _code(site: Site, text: str) -> str:
    if "`" in text or "~~~" in text:
        raise EncodeError("code in Markdown cannot hold backticks or ~~~", "use a file of its own")
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


def _inert(site: Site, text: str) -> str:
    if site.before in ("<", "/", "!", "?"):
        raise EncodeError("the value would be the name of an HTML element", "write the element itself")
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
    "code": _code,
    "inert": _inert,
    "link": lambda site, text: only(
        _LINK, text, "the target of a link", "use letters, digits and _ . / : @ + -"
    ),
    "reference": lambda site, text: only(
        re.compile(f"{_LINK.pattern[:-1]}+"),
        text,
        "the target of a link",
        "use letters, digits and _ . / : @ + -",
    ),
    NOWHERE: _nowhere,
    ESCAPED: escaped,
}
