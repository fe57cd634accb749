"""Bounds on what a template may compute, so that a slip of the pen costs a message and not the machine."""

from __future__ import annotations

import re
from typing import Any

MAX_ROUNDS = 200_000  # of all loops of one file together: a fraction of a second
MAX_OUTPUT = 20_000_000  # characters of all values that one file puts out
MAX_LENGTH = 1_000_000  # of a text or list that is computed: no deployment file comes near
SHORT = 300  # characters of a value that need not be counted: there are at most 65,534 values
_WIDTH = re.compile(r"%[^a-zA-Z%]*?([0-9]{5,}|\*)")


class OverBoundsError(Exception):
    """A template computes too much. The text says what, `hint` what to do instead."""

    hint = "compute less here: a template writes what values say"


class Budget:
    """Counts, while one file is rendered, the rounds of all loops, and the characters of long values."""

    def __init__(self) -> None:
        self.rounds = 0
        self.output = 0

    def tick(self) -> None:
        """Count one round of a loop. Raises OverBoundsError when there are too many."""
        self.rounds += 1
        if self.rounds > MAX_ROUNDS:
            raise OverBoundsError(f"the loops of this file take more than {MAX_ROUNDS:,} rounds")

    def put(self, value: str) -> None:
        """Count a long value that is put out. Raises OverBoundsError when all are too long together."""
        self.output += len(value)
        if self.output > MAX_OUTPUT:
            raise OverBoundsError(f"the values of this file have more than {MAX_OUTPUT:,} characters")


def short(value: Any) -> Any:
    """Return `value`, unless it is too long. Raises OverBoundsError."""
    if isinstance(value, str | list | tuple) and len(value) > MAX_LENGTH:
        raise OverBoundsError(
            f"found {len(value):,} characters or items in one value, expected at most {MAX_LENGTH:,}"
        )
    return value


def check_operator(operator: str, left: Any, right: Any) -> None:
    """Refuse an operation whose result would be too long, before it is computed. Raises OverBoundsError."""
    if operator == "*":
        _check_repetition(left, right)
        _check_repetition(right, left)
    elif operator == "**" and (abs(right) > 64 or abs(left) > 10**9):
        raise OverBoundsError(f"{left} ** {right} is no number for a deployment file")
    elif operator == "%" and isinstance(left, str):
        check_filter("format", left)


def check_filter(name: str, value: Any, *arguments: Any) -> None:
    """Refuse one of Jinja's filters whose result would be too long, before it runs. Raises OverBoundsError."""
    length = 0
    if name == "format" and _WIDTH.search(str(value)):
        raise OverBoundsError("a format may not pad to five digits or more, or to a computed width")
    if name == "replace" and len(arguments) > 1:
        length = str(value).count(str(arguments[0])) * len(str(arguments[1]))
    elif name == "indent" and arguments and isinstance(arguments[0], int):
        length = (str(value).count("\n") + 1) * arguments[0]
    elif name == "join" and isinstance(value, list | tuple | dict):
        length = sum(len(each) if isinstance(each, str) else 1 for each in value)
    if length > MAX_LENGTH:
        raise OverBoundsError(f"{name} would make {length:,} characters, expected at most {MAX_LENGTH:,}")


def _check_repetition(many: Any, times: Any) -> None:
    if isinstance(many, str | list | tuple) and isinstance(times, int) and len(many) * times > MAX_LENGTH:
        raise OverBoundsError(
            f"a repetition would be {len(many) * times:,} long, expected at most {MAX_LENGTH:,}"
        )
