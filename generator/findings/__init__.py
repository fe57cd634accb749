"""What every stage reports: findings with their places. Imports no other room, so that every room can use it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters: only an error fails a run."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a source: `line` and `column` count from 1, `length` is in characters.

    `path` is relative to the project and has forward slashes; `text` is the whole source line, so that
    a message needs no second read of the file.
    """

    path: str
    line: int
    column: int = 1
    length: int = 1
    text: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A further fact about a finding, with its place when it has one."""

    message: str
    at: Span | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem. `code` is `<group>/<name>`, an address for `oetgen explain`."""

    code: str
    severity: Severity
    message: str
    at: Span | None = None
    notes: tuple[Note, ...] = ()
    hint: str = ""
    environment: str = ""


class OetgenError(Exception):
    """The run cannot proceed: a usage or environment error. `hint` is what to do next."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class FindingError(OetgenError):
    """The run cannot proceed because of `findings`, which are about files of the project."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__(findings[0].message, findings[0].hint)
        self.findings = list(findings)


def error(
    code: str, message: str, at: Span | None, *, notes: tuple[Note, ...] = (), hint: str = ""
) -> Finding:
    """Return an error finding."""
    return Finding(code, Severity.ERROR, message, at, notes, hint)


def warning(
    code: str, message: str, at: Span | None, *, notes: tuple[Note, ...] = (), hint: str = ""
) -> Finding:
    """Return a warning finding, which fails a run only with --strict."""
    return Finding(code, Severity.WARNING, message, at, notes, hint)


def error_if(
    certain: object, code: str, message: str, at: Span | None, *, notes: tuple[Note, ...] = (), hint: str = ""
) -> Finding:
    """Return an error finding if `certain` is true, and a warning otherwise."""
    return (error if certain else warning)(code, message, at, notes=notes, hint=hint)


def has_errors(findings: Iterable[Finding]) -> bool:
    """Return whether one of `findings` is an error."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def merge_environments(findings: Iterable[Finding]) -> list[Finding]:
    """Merge findings that several environments share, and sort them by place.

    Notes may name lines of the output, which differ by environment: those of the first environment are kept.
    """
    merged: dict[tuple[Finding, int], list[Finding]] = {}
    seen: Counter[tuple[Finding, str]] = Counter()
    for finding in dict.fromkeys(findings):
        bare = replace(finding, environment="", notes=())
        merged.setdefault((bare, seen[bare, finding.environment]), []).append(finding)
        seen[bare, finding.environment] += 1
    named = (
        replace(
            same[0],
            environment=", ".join(dict.fromkeys(filter(None, (finding.environment for finding in same)))),
        )
        for same in merged.values()
    )
    return sorted(named, key=sort_key)


def sort_key(finding: Finding) -> tuple[str, int, int, str, str]:
    """Order findings by place, so that a report reads from top to bottom of each file."""
    at = finding.at
    place = (at.path, at.line, at.column) if at else ("", 0, 0)
    return (*place, finding.code, finding.message)
