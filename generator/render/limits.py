"""Limits on what a template may compute, so that a mistake ends in a finding instead of using up the machine."""

from __future__ import annotations

from typing import Any

from generator.project import limits

MAX_STEPS = 500_000  # iterations, calls of macros and includes of one file: half a second
MAX_OUTPUT = 20_000_000  # characters that one file writes: its values, and the text of its loops and macros
MAX_SIZE = 1_000_000  # of a computed string or list: no deployment file comes near
MAX_BITS = 1_000  # of a computed number: most languages hold 64
SHORT = 300  # characters of a value that need not be counted: there are at most 65,534 values


class LimitError(limits.LimitError):
    """A template computes too much."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "compute less in the template: set the value in a values file instead")


class Budget:
    """Counts what one file computes and writes."""

    def __init__(self) -> None:
        self._steps = 0
        self._output = 0

    def step(self) -> None:
        """Count an iteration, a call or an include. Raises LimitError when there are too many."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise LimitError(
                f"the loops, macros and includes of this file take more than {MAX_STEPS:,} steps"
            )

    def write(self, characters: int) -> None:
        """Count written characters. Raises LimitError when there are too many."""
        self._output += characters
        if self._output > MAX_OUTPUT:
            raise LimitError(f"this file writes more than {MAX_OUTPUT:,} characters")


def check_size(value: Any) -> Any:
    """Return `value`. Raises LimitError when it is too large."""
    if isinstance(value, str | list | tuple) and len(value) > MAX_SIZE:
        raise LimitError(
            f"found {len(value):,} characters or items in one value, expected at most {MAX_SIZE:,}"
        )
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise LimitError(f"found a number of {value.bit_length():,} bits, expected at most {MAX_BITS:,}")
    return value


def check_operator(operator: str, left: Any, right: Any) -> None:
    """Raise LimitError before an operator repeats a string or list, or a number, too often."""
    many, times = (left, right) if isinstance(right, int) else (right, left)
    if operator == "*" and isinstance(many, str | list | tuple) and isinstance(times, int):
        _check(len(many) * times, MAX_SIZE)
    elif operator == "**" and isinstance(left, int) and isinstance(right, int):
        _check(left.bit_length() * right, MAX_BITS)


def _check(size: int, most: int) -> None:
    if size > most:
        raise LimitError(
            f"the result would have {size:,} characters, items or bits, expected at most {most:,}"
        )
