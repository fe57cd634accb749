"""What a rule is: a module below `checks/rules/` with a docstring and one function."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from generator.findings import Finding
from generator.system.former import Parsed
from generator.values.layers import Values


class Rule(Protocol):
    """A rule. Its docstring says what it wants, `Why:`, and shows `Bad:` and `Good:`."""

    __doc__: str | None

    def check(self, tree: Parsed, values: Values) -> Iterator[Finding]:
        """Yield what is wrong. Every place is one of the output. Raises NotApplicable before the first finding."""


class NotApplicable(Exception):
    """There is nothing in this environment that the rule is about. The text says what is missing."""
