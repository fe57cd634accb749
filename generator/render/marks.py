"""What a template puts out, laid out: text with marks to a shape.

A mark is one private character that stands for a value; text that a macro made stands between BEGIN and END.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from generator.languages.site import MARK
from generator.project.cache import digest

BEGIN, END = "\ue002", "\ue003"  # around text that is put in as it is
FIRST = 0xF0000  # the mark of emission number n is the character FIRST + n, up to the end of Unicode
LAST = 0x10FFFD
_MARKS = re.compile(f"([{chr(FIRST)}-{chr(LAST)}])")
_EDGES = re.compile(f"([{BEGIN}{END}])")


@functools.lru_cache(maxsize=500)
def shape_of(text: str) -> tuple[str, str, tuple[int, ...]]:
    """Return the shape that a text with marks is, a hash of it, and the number of each mark in order.

    Marks are numbered as they are put out, so environments of one kind have one text: a tenth of their time.
    """
    pieces = _MARKS.split(lay_out(text))
    shape = MARK.join(pieces[::2])
    return shape, digest(shape), tuple([ord(mark) - FIRST for mark in pieces[1::2]])


def lay_out(text: str, bare: Callable[[str], str] = str, kept: Callable[[str], str] = lambda line: "") -> str:
    """Indent text that was put in to the column where it begins; a line that it leaves empty goes.

    Of what a trace has put in besides, `bare` takes it out of a piece of text, and `kept` is what stays of a line
    that goes.
    """
    if BEGIN not in text:
        return text
    lines: list[str] = []
    line, left_empty = "", False
    indents = [""]

    def indented(piece: str) -> str:
        return indents[-1] + piece if indents[-1] and bare(piece) else piece

    for piece in _EDGES.split(text):
        if piece == BEGIN:
            begun = bare(line)
            indents.append(begun[: len(begun) - len(begun.lstrip())] if begun else indents[-1])
        elif piece == END:
            indents.pop()
            left_empty = not bare(line).strip()
        elif piece:
            first, *rest = piece.split("\n")
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
