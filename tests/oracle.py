"""An oracle for the map that knows nothing of how it is made: which lines differ when a value does.

Whatever of the old file is not named for a value must stand in the new file too, in the same order and with nothing
between that the old file does not have a named line or a hole for.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from generator.provenance.impact import Reach
from generator.values.source import KeyPath


def explains(old: Sequence[str], new: Sequence[str], reached: Reach) -> bool:
    """Say whether the difference between two texts lies in the lines and holes of `reached` alone."""
    expected: list[str | None] = []  # None: any lines at all
    for number, line in enumerate(old, start=1):
        is_named = number in reached.holds | reached.decides
        expected += [None] if number in reached.before else []
        expected.append(None if is_named else line)
    expected += [None] if len(old) + 1 in reached.before else []
    states = _skipping({0}, expected)
    for line in new:
        behind: set[int] = set()
        for state in states:
            if state < len(expected) and expected[state] is None:
                behind.add(state)
            elif state < len(expected) and expected[state] == line:
                behind.add(state + 1)
        states = _skipping(behind, expected)
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
