"""What every stage reports: findings with their places. Imports no other room, so that every room can use it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from generator.findings.record import record


class Severity(StrEnum):
    """How much a finding matters: only an error fails a run."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@record
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


@record
class Note:
    """A further fact about a finding, with its place when it has one.

    `label` is what the place is to the finding: one of the constants below, or a word of the rule's own. `value` is
    the path of the value that is set at `set_at`, or at `at` where that is None; `environment` names the environments
    that it holds for, if not for all of the finding's.
    """

    message: str
    at: Span | None = None
    label: str = ""
    value: str = ""
    set_at: Span | None = None
    environment: str = ""


SET = "set"  # a value that causes the finding
IF = "if"  # a value that decides whether what is wrong is written
FOR = "for"  # the entry of a map that the line is written for
ACCEPTED = "accepted"  # the reason why it is only a warning
SEEN = "seen"  # a line of the output
ALSO = "also"  # other objects that it happens to
USED = "used"  # a macro call or an include around the line
WAS = "was"  # a line before the change
BY = "by"  # the line of a template that generates what is wrong


@record
class Finding:
    """One problem. `code` is `<group>/<name>`, an address for `oetgen explain`."""

    code: str
    severity: Severity
    message: str
    at: Span | None = None
    notes: tuple[Note, ...] = ()
    hint: str = ""
    environment: str = ""

    @property
    def places(self) -> list[Span]:
        """The places that it names: its own, and those of its notes."""
        return [span for span in (self.at, *(note.at for note in self.notes)) if span]


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

    Notes may name lines of the output, which differ by environment: those of the first environment are kept. Values
    that other environments set elsewhere are added.
    """
    merged: dict[tuple[Finding, int], list[Finding]] = {}
    seen: Counter[tuple[Finding, str]] = Counter()
    for finding in dict.fromkeys(findings):
        bare = replace(finding, environment="", notes=())
        merged.setdefault((bare, seen[bare, finding.environment]), []).append(finding)
        seen[bare, finding.environment] += 1
    named = (
        replace(same[0], environment=_names(same), notes=_merged_notes(same)) for same in merged.values()
    )
    return sorted(named, key=sort_key)


def _names(findings: Iterable[Finding]) -> str:
    return ", ".join(dict.fromkeys(finding.environment for finding in findings if finding.environment))


def _merged_notes(same: list[Finding]) -> tuple[Note, ...]:
    """Return the notes of the first finding, with the values that the others have elsewhere after its own."""
    settings: dict[Note, list[Finding]] = {}
    for finding in same:
        for note in finding.notes:
            if note.label == SET:
                settings.setdefault(note, []).append(finding)
    named = [
        note if len(having) == len(same) else replace(note, environment=_names(having))
        for note, having in settings.items()
    ]
    first = same[0].notes
    start = next((number for number, note in enumerate(first) if note.label == SET), len(first))
    return (*first[:start], *named, *(note for note in first[start:] if note.label != SET))


def sort_key(finding: Finding) -> tuple[str, int, int, str, str]:
    """Order findings by place, so that a report reads from top to bottom of each file."""
    at = finding.at
    place = (at.path, at.line, at.column) if at else ("", 0, 0)
    return (*place, finding.code, finding.message)
