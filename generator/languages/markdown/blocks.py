"""The blocks of a page of Markdown, as far as they decide how a value is written: prose, code and HTML.

Source: spec.commonmark.org, 0.31, "Fenced code blocks" and "HTML blocks".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})[ \t]*([^\s`]*)")
_CONTAINER = re.compile(r"(?:[ \t]*(?:>|[-*+](?=[ \t])|[0-9]{1,9}[.)](?=[ \t])))*[ \t]*")
_VERBATIM = re.compile(r"<(script|pre|style|textarea)(?=[\s>]|$)", re.IGNORECASE)
_VERBATIM_END = re.compile(r"</(?:script|pre|style|textarea)>", re.IGNORECASE)
_BLOCK_TAG = re.compile(
    r"</?(?:address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div"
    r"|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link"
    r"|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th"
    r"|thead|title|tr|track|ul)(?=[\s>]|/>|$)",
    re.IGNORECASE,
)
_ALONE = re.compile(r"(?:<[A-Za-z][\w-]*(?:\s[^<>]*)?/?>|</[A-Za-z][\w-]*\s*>)\s*$")
_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|\Z)", re.DOTALL)


class Block(NamedTuple):
    """A part of a page, of whole lines.

    Its kind is `prose`, `front` matter, the line of a `fence`, the `code` in it, `html`, `script` (also a style),
    or `mixed`: what may be HTML or prose. `name` is the language of code, and `indent` that of its fence.
    """

    kind: str
    text: str
    line: int
    name: str = ""
    indent: str = ""


def blocks(page: str) -> Iterator[Block]:
    """Yield the blocks of a page in order."""
    front = _FRONT_MATTER.match(page)
    lines = page.split("\n")
    start = index = 0
    if front:
        start = index = front[0].count("\n")
        yield Block("front", "\n".join(lines[:index]), 1)
    while index < len(lines):
        found = _FENCE.match(lines[index])
        end, kind = (_end_of_fence(lines, index, found[1]), "") if found else _end_of_html(lines, index)
        if end == index:
            index += 1
            continue
        yield Block("prose", "\n".join(lines[start:index]), start + 1)
        if found:
            yield from _fence(lines, index, end, found)
        else:
            yield Block(kind, "\n".join(lines[index:end]), index + 1)
        start = index = end
    yield Block("prose", "\n".join(lines[start:]), start + 1)


def _fence(lines: list[str], start: int, end: int, found: re.Match[str]) -> Iterator[Block]:
    closes = end > start + 1 and _closes(lines[end - 1], found[1])
    last = end - 1 if closes else end
    yield Block("fence", lines[start], start + 1)
    indent = lines[start][: found.start(1)]
    yield Block("code", "\n".join(lines[start + 1 : last]), start + 2, found[2], indent)
    if closes:
        yield Block("fence", lines[last], last + 1)


def _end_of_fence(lines: list[str], start: int, fence: str) -> int:
    """Return the index of the line after the fence that begins at `start`."""
    for index in range(start + 1, len(lines)):
        if _closes(lines[index], fence):
            return index + 1
    return len(lines)


def _closes(line: str, fence: str) -> bool:
    found = _FENCE.match(line)
    return bool(found and found[1].startswith(fence) and not line[found.end(1) :].strip())


def _end_of_html(lines: list[str], start: int) -> tuple[int, str]:
    """Return the index of the line after the HTML that begins at `start`, if any does, and its kind."""
    container = _CONTAINER.match(lines[start])
    begun = container.end() if container else 0
    is_nested = bool(lines[start][:begun].strip()) or begun > 3
    verbatim = _VERBATIM.match(lines[start], begun)
    if verbatim:
        kind = "script" if verbatim[1].lower() in ("script", "style") else "mixed" if is_nested else "html"
        return next(
            (index + 1 for index in range(start, len(lines)) if _VERBATIM_END.search(lines[index])),
            len(lines),
        ), kind
    is_block = _BLOCK_TAG.match(lines[start], begun)
    if not is_block and not _ALONE.match(lines[start], begun):
        return start, ""
    end = start
    while end < len(lines) and lines[end].strip(" \t>"):
        end += 1
    return end, "html" if is_block and not is_nested else "mixed"
