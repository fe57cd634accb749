"""Limits on what a template may compute, so that a mistake ends in a finding instead of using up the machine."""

from __future__ import annotations

import re
from typing import Any

MAX_ITERATIONS = 200_000  # of all loops of one file together: a fraction of a second
MAX_OUTPUT = 20_000_000  # characters of all values that one file contains
MAX_LENGTH = 1_000_000  # of a computed string or list: no deployment file comes near
SHORT = 300  # characters of a value that need not be counted: there are at most 65,534 values
_WIDTH = re.compile(r"%[^a-zA-Z%]*?([0-9]{5,}|\*)")


class LimitError(Exception):
    """A template computes too much."""

    hint = "compute less in the template: set the value in environments/ instead"


class Budget:
    """Counts the iterations of all loops of one file, and the characters of its long values."""

    def __init__(self) -> None:
        self.iterations = 0
        self.output = 0

    def count_iteration(self) -> None:
        """Count one iteration of a loop. Raises LimitError when there are too many."""
        self.iterations += 1
        if self.iterations > MAX_ITERATIONS:
            raise LimitError(f"the loops of this file have more than {MAX_ITERATIONS:,} iterations")

    def count_output(self, value: str) -> None:
        """Count a long value. Raises LimitError when all of them together are too long."""
        self.output += len(value)
        if self.output > MAX_OUTPUT:
            raise LimitError(f"the values of this file have more than {MAX_OUTPUT:,} characters")


def check_length(value: Any) -> Any:
    """Return `value`. Raises LimitError when it is too long."""
    if isinstance(value, str | list | tuple) and len(value) > MAX_LENGTH:
        raise LimitError(
            f"found {len(value):,} characters or items in one value, expected at most {MAX_LENGTH:,}"
        )
    return value


def check_operator(operator: str, left: Any, right: Any) -> None:
    """Raise LimitError before an operation is computed whose result would be too long."""
    if operator == "*":
        _check_repetition(left, right)
        _check_repetition(right, left)
    elif operator == "**" and (abs(right) > 64 or abs(left) > 10**9):
        raise LimitError(f"{left} ** {right} is too large")
    elif operator == "%" and isinstance(left, str):
        check_filter("format", left)


def check_filter(name: str, value: Any, *arguments: Any) -> None:
    """Raise LimitError before one of Jinja's filters runs whose result would be too long."""
    length = 0
    if name == "format" and _WIDTH.search(str(value)):
        raise LimitError("found a format with a width of five digits or a computed width")
    if name == "replace" and len(arguments) > 1:
        length = str(value).count(str(arguments[0])) * len(str(arguments[1]))
    elif name == "indent" and arguments and isinstance(arguments[0], int):
        length = (str(value).count("\n") + 1) * arguments[0]
    elif name == "join" and isinstance(value, list | tuple | dict):
        length = sum(len(each) if isinstance(each, str) else 1 for each in value)
    if length > MAX_LENGTH:
        raise LimitError(
            f"the result of {name} would have {length:,} characters, expected at most {MAX_LENGTH:,}"
        )


def _check_repetition(many: Any, times: Any) -> None:
    if isinstance(many, str | list | tuple) and isinstance(times, int) and len(many) * times > MAX_LENGTH:
        raise LimitError(
            f"found a repetition of length {len(many) * times:,}, expected at most {MAX_LENGTH:,}"
        )
