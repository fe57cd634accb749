"""An oracle for the map that knows nothing of how it is made: which lines differ when a value does.

`Named` are the lines that the map names for a value. Whatever of the old file is not named must stand in the new file
too, in the same order and with nothing between that the old file does not have a named line or a hole for.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from generator.located import KeyPath
from generator.trace import FileMap


@dataclass(frozen=True)
class Named:
    """What the map of a file says of one value, or of one map or list with all that is in it: numbers of lines."""

    holds: frozenset[int]
    decided: frozenset[int]
    before: frozenset[int]
    path: bool

    def all_of(self, lines: int) -> bool:
        """Say whether the value may take the whole file away; oetgen's own two lines are then no matter."""
        return self.path or len(self.holds | self.decided) >= lines - 2


def named(found: FileMap, path: KeyPath) -> Named:
    def is_meant(paths: Iterable[KeyPath]) -> bool:
        return any(each[: len(path)] == path for each in paths)

    holds: set[int] = set()
    decided: set[int] = set()
    for number, pieces in enumerate(found.lines, start=1):
        if any(is_meant(piece.tag.values) for piece in pieces):
            holds.add(number)
        if any(is_meant(piece.decides) for piece in pieces):
            decided.add(number)
    before = {hole.line for hole in found.holes if not hole.inline and is_meant(hole.decides)}
    decided |= {hole.line for hole in found.holes if hole.inline and is_meant(hole.decides)}
    return Named(frozenset(holds), frozenset(decided), frozenset(before), is_meant(found.decides))


def explains(old: Sequence[str], new: Sequence[str], names: Named) -> bool:
    """Say whether the difference between two texts lies in the lines and holes of `names` alone."""
    expected: list[str | None] = []  # None: any lines at all
    for number, line in enumerate(old, start=1):
        is_named = number in names.holds | names.decided
        expected += [None] if number in names.before else []
        expected.append(None if is_named else line)
    expected += [None] if len(old) + 1 in names.before else []
    states = _skipping({0}, expected)
    for line in new:
        reached: set[int] = set()
        for state in states:
            if state < len(expected) and expected[state] is None:
                reached.add(state)
            elif state < len(expected) and expected[state] == line:
                reached.add(state + 1)
        states = _skipping(reached, expected)
    return len(expected) in states


def _skipping(states: set[int], expected: list[str | None]) -> set[int]:
    found = set(states)
    waiting = list(states)
    while waiting:
        state = waiting.pop()
        if state < len(expected) and expected[state] is None and state + 1 not in found:
            found.add(state + 1)
            waiting.append(state + 1)
    return found


def changed(data: Any, path: KeyPath, value: Any) -> Any:
    """Return a copy of `data` with another value at `path`."""
    data = copy.deepcopy(data)
    inner = data
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return data
