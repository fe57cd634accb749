"""Text with marks, as a template renders it, to the text of a file with MARK in place of each value.

A mark is one private character that stands for a value. Text that a macro rendered stands between BEGIN and END.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from generator.languages.site import MARK
from generator.project.cache import digest

BEGIN, END = "\ue002", "\ue003"  # around inserted text
FIRST = 0xF0000  # value number n has the mark FIRST + n, up to the end of Unicode
LAST = 0x10FFFD
_MARKS = re.compile(f"([{chr(FIRST)}-{chr(LAST)}])")
_EDGES = re.compile(f"([{BEGIN}{END}])")


@functools.lru_cache(maxsize=500)
def resolve_marks(text: str) -> tuple[str, str, tuple[int, ...]]:
    """Return `text` with MARK for each mark and final indentation, its digest, and the numbers of the marks in order.

    Marks are numbered in the order of rendering, so similar environments share a text: a tenth of their time.
    """
    parts = _MARKS.split(resolve_indentation(text))
    resolved = MARK.join(parts[::2])
    return resolved, digest(resolved), tuple([ord(mark) - FIRST for mark in parts[1::2]])


def resolve_indentation(
    text: str, bare: Callable[[str], str] = str, kept: Callable[[str], str] = lambda line: ""
) -> str:
    """Indent inserted text to the column where it begins, and drop each line that consists of empty inserted text.

    A trace has marks of its own in the text: `bare` removes them, and `kept` returns what stays of a dropped line.
    """
    if BEGIN not in text:
        return text
    lines: list[str] = []
    line, left_empty = "", False
    indents = [""]

    def indented(part: str) -> str:
        return indents[-1] + part if indents[-1] and bare(part) else part

    for part in _EDGES.split(text):
        if part == BEGIN:
            begun = bare(line)
            indents.append(begun[: len(begun) - len(begun.lstrip())] if begun else indents[-1])
        elif part == END:
            indents.pop()
            left_empty = not bare(line).strip()
        elif part:
            first, *rest = part.split("\n")
            line += first if bare(line) else indented(first)
            if rest:
                if left_empty and not bare(line).strip():
                    begin = kept(line)
                else:
                    lines.append(line)
                    begin = ""
                rest = [indented(each) for each in rest] if indents[-1] else rest
                rest[0] = begin + rest[0]
                *whole, line = rest
                lines += whole
                left_empty = False
    return "\n".join([*lines, line])
