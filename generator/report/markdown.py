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


def table(*rows: Sequence[str]) -> str:
    """Return a table, the first row its head, with columns of one width: some editors show the text as it is."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    head, *others = (
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |"
        for row in rows
    )
    return "\n".join([head, f"| {' | '.join('-' * width for width in widths)} |", *others])


def cut(lines: Sequence[str], command: str) -> Iterator[str]:
    """Yield the lines that fit into a comment, and the number of the others, which `command` shows."""
    length = 0
    for number, line in enumerate(lines):
        length += len(line) + 1
        if length > _LONGEST:
            yield f"\n… and {len(lines) - number} more lines: run `{command}`"
            return
        yield line
