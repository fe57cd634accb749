"""Markdown: prose, inline code, and fenced blocks in a language of their own."""

from __future__ import annotations

import re

from generator.formats import shell
from generator.formats.site import MARK, CannotEncode, Scalar, Site, one_line, text_of

_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})[ \t]*(\w*)")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&-])")


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"<!-- {text} -->\n"


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`."""
    found: list[Site] = []
    fence, language = "", ""
    block: list[str] = []
    for line in shape.split("\n"):
        opened = _FENCE.match(line)
        if fence and opened and opened[1].startswith(fence) and not opened[2]:
            text = "\n".join(block)
            found += (
                shell.sites(text)
                if language in ("sh", "bash")
                else [Site("markdown", "code")] * text.count(MARK)
            )
            fence = ""
        elif fence:
            block.append(line)
        elif opened:
            fence, language, block = opened[1], opened[2], []
        else:
            found += _prose(line)
    return found


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    text = one_line(text_of(value), "a line of Markdown")
    if site.position == "prose":
        return _SPECIAL.sub(r"\\\1", text)
    if "`" in text or "~~~" in text:
        raise CannotEncode("code in Markdown cannot hold backticks")
    if site.position == "inline" and not text.strip():
        raise CannotEncode("inline code cannot be empty")
    return text


def _prose(line: str) -> list[Site]:
    return [
        Site("markdown", "inline" if line[:index].count("`") % 2 else "prose")
        for index, char in enumerate(line)
        if char == MARK
    ]
