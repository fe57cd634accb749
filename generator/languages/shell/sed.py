"""Programs of sed: what stands around a value in them, so that it does not become a command, an address or a flag.

Source: POSIX (XCU 4, sed) and the manual of GNU sed, of which `e` and `w` run a command and write a file.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from generator.languages.site import MARK

_VALUE = re.compile(rf"{MARK}|\$\{{[^{{}}]*\}}?|\$[A-Za-z_]\w*")
_TEXT = re.compile(r"[^\n]*(?:\\\n[^\n]*)*")  # of a, c, i and e, and names of files
_LABEL = re.compile(r"\s*[^\s;}]*")
_BEFORE_TEXT = frozenset("acierwRW")
_BEFORE_LABEL = frozenset(":btT")


def values(program: str, variables: Container[int]) -> Iterator[tuple[int, str]]:
    """Yield the index of each value and variable, and the character that ends the expression that it is in.

    That is "" for one that stands where a command, an address or a flag may. `variables` has where those of the shell
    begin: elsewhere, $ is the last line.
    """
    at = 0
    while at < len(program):
        found = _VALUE.match(program, at)
        if found and (found[0] == MARK or at in variables):
            yield at, ""
            at = found.end()
            continue
        end, mark = _after(program, at)
        if mark:
            yield from ((each.start(), mark) for each in _VALUE.finditer(program, at, end))
        at = end


def _after(program: str, at: int) -> tuple[int, str]:
    """Return where what begins at an index ends, and the character that stands around an expression."""
    char, following = program[at], program[at + 1 : at + 2]
    if char == "/":
        return _section(program, at, char, 1), char
    if char == "\\" and following.strip():
        return _section(program, at + 1, following, 1), following
    if char in "sy" and following.strip():
        return _section(program, at + 1, following, 2), following
    rest = _TEXT if char in _BEFORE_TEXT else _LABEL if char in _BEFORE_LABEL else None
    found = rest.match(program, at + 1) if rest else None
    return found.end() if found else at + 1, ""


def _section(program: str, at: int, mark: str, count: int) -> int:
    """Return where the last of several texts ends that a character stands around; without an end, that is the end."""
    end = re.compile(rf"(?:\\.|[^\\])*?{re.escape(mark)}", re.DOTALL)
    at += 1
    for _ in range(count):
        found = end.match(program, at)
        at = found.end() if found else len(program)
    return at
