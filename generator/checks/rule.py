"""What a rule is: a module below `checks/rules/` with a docstring and one function."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Protocol

from generator.findings import Finding
from generator.findings.record import record
from generator.system import System

SOURCE = "source: "  # how the note begins that names who gives the advice of a warning


@record
class Repository:
    """The repository that the output is committed to: its name on GitHub, and the folder that it lies in there.

    Each is "" when the values of the environment do not set it.
    """

    name: str = ""
    folder: str = ""


@record
class Context:
    """What a rule may know: the output of one environment, where it is committed, and the day of the check.

    `public` are texts that look like a secret but are not.
    """

    system: System
    repository: Repository
    today: datetime.date
    public: frozenset[str] = frozenset()


class Rule(Protocol):
    """A rule. Its docstring states the requirement, then `Why:`, `Bad:` and `Good:`.

    One with warnings has the text `ADVICE`, which names who gives the advice.
    """

    __doc__: str | None

    def check(self, context: Context) -> Iterator[Finding]:
        """Yield findings at places of the output. Raises NotApplicableError before the first finding."""


class NotApplicableError(Exception):
    """The output has nothing that the rule is about. The text names what is missing."""
