"""Write text into Markdown for GitHub, so that it is shown as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from generator.report.text import visible

_LONGEST = 60_000  # characters; GitHub refuses a comment of more than 65,536
_MARKDOWN = re.compile(r"([\\`*_\[\]~|])")
_LINKED = re.compile(r"[@#]")  # would mention a person, or refer to an issue


def code(text: str) -> str:
    """Return a name in the font of code, in which nothing has a meaning."""
    shown = visible(text.replace("\n", " ")).replace("`", "'").replace("|", r"\|")
    return f"`{shown}`"


def plain(text: str) -> str:
    """Return text that Markdown shows as it is: no markup, no link, no mention of a person, on one line."""
    escaped = visible(text.replace("\n", " ")).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _LINKED.sub(r"<span>\g<0></span>", _MARKDOWN.sub(r"\\\1", escaped))


def cut(lines: Sequence[str], command: str) -> Iterator[str]:
    """Yield the lines that fit into a comment, and the number of the others, which `command` shows."""
    length = 0
    for number, line in enumerate(lines):
        length += len(line) + 1
        if length > _LONGEST:
            yield f"\n… and {len(lines) - number} more lines: run `{command}`"
            return
        yield line
