"""List the places of a finding in the order in which to read them: what to change first, the output last."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.findings import ACCEPTED, BY, FOR, IF, SEEN, SET, USED, WAS, Finding, Note, Span
from generator.findings.record import record

_NAMED = re.compile(r"(?:the|its) (\w+)(?: one)?(?: is here)?")
_IN_OUTPUT = re.compile(r" \(\S[^()]*:\d+\)$")  # as `Locator` adds it
_LAST = ("source", ACCEPTED)
_SPOKEN = {ACCEPTED: "only a warning here"}  # how the message of a note begins, where that is not its label
_MOST_SEEN = 2  # lines of the output
_LOCATED = {SET, IF, SEEN, WAS, BY}


@record
class Row:
    """A place of a finding: what it is to the finding, the span, and its text; `value` is the path of the value."""

    label: str
    at: Span | None
    text: str
    value: str = ""
    environment: str = ""


def is_located(finding: Finding) -> bool:
    """Return whether a finding is about the output, so that what to change is elsewhere."""
    return any(note.label in _LOCATED for note in finding.notes)


def rows(finding: Finding) -> list[Row]:
    """Return a row for each note: values first, then the other places, lines of the output, the fix, and sources."""
    notes = [note for note in finding.notes if note.label != SEEN]
    named = [_row(note) for note in notes]
    first = [row for row in named if row.label in (SET, IF)]
    last = [row for row in named if row.label in _LAST]
    others = [row for row in named if row not in first and row not in last]
    return [*first, *others, *_seen(finding), *_fix(finding, first), *last]


def _fix(finding: Finding, causes: list[Row]) -> Iterator[Row]:
    """Yield the row of the fix; where one value causes the finding and no row names it, the fix does.

    Of several ways, the first one is about the place of the finding, and so about this value.
    """
    if not finding.hint:
        return
    rows = [row for row in causes if row.label == SET and row.value]
    is_named = finding.code.startswith("hazards/") or any(row.text.startswith(row.value) for row in rows)
    paths = {row.value for row in rows}
    path = paths.pop() if len(paths) == 1 and not is_named else ""
    first, other, rest = finding.hint.partition(", or ")
    named = "" if not path or path in finding.hint else f" (the value {path})"
    yield Row("fix", None, f"{first}{named}{other}{rest}", path)


def _row(note: Note) -> Row:
    at = note.set_at or note.at
    message = _IN_OUTPUT.sub("", note.message)
    label = note.label or _label(message)
    source = at.text.strip() if at else ""
    is_plain = bool(note.label == SET and note.message.endswith((" is set here", " is part of the line")))
    is_named = note.label in (IF, FOR, USED, WAS, BY) or (label != "note" and note.label == "")
    text = (
        source
        if source and (is_plain or is_named)
        else message.removeprefix(f"{_SPOKEN.get(label, label)}: ")
    )
    return Row(label, at, text, note.value, note.environment)


def _label(message: str) -> str:
    """Return the word for a place that a message names with one word, such as `the limit`; or `note`."""
    if message.startswith(("source: ", "refused by the API server: ")):
        return "source"
    found = _NAMED.fullmatch(message)
    return found[1] if found else "note"


def _seen(finding: Finding) -> Iterator[Row]:
    """Yield one row for all lines of the output, in all environments."""
    lines = [note.at for note in finding.notes if note.label == SEEN and note.at]
    if not lines:
        return
    first, *others = lines
    _, *environments = finding.environment.split(", ")
    also = [f"{each.path}:{each.line}" for each in others[: _MOST_SEEN - 1]]
    more = len(others) - len(also)
    also += [f"{more} more"] if more > 0 else []
    also += environments
    yield Row(SEEN, first, f"(also {', '.join(also)})" if also else "")
