"""Findings for a person: place, fact, source line with a caret, notes, hint."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from generator.findings import Finding, Note, Severity, Span

Paint = Callable[[str, str], str]

# Characters that would do something to a terminal, or that would show a line otherwise than it is.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")

_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


def unpainted(text: str, color: str) -> str:
    """Return `text` as it is: the paint for output without colours."""
    return text


def finding_text(finding: Finding, paint: Paint = unpainted) -> str:
    """Return a finding with all its lines."""
    head = paint(f"{finding.severity.value}[{finding.code}]", _COLORS[finding.severity])
    place = f"{_place(finding.at)}: " if finding.at else ""
    lines = [f"{paint(visible(place), 'bold')}{head} {visible(finding.message)}"]
    gutter = len(str(finding.at.line)) if finding.at else 1
    lines += _source(finding.at, gutter, paint, _COLORS[finding.severity]) if finding.at else []
    for note in finding.notes:
        lines += _note(note, gutter, paint)
    if finding.environment and not _is_own_file(finding):
        lines += _note(Note(f"in {finding.environment}"), gutter, paint)
    if finding.hint:
        lines.append(f"{' ' * (gutter + 4)}= {paint('hint:', 'bold')} {visible(finding.hint)}")
    return "\n".join(lines)


def summary(findings: Sequence[Finding], paint: Paint = unpainted) -> str:
    """Return how many errors and warnings there are, or nothing when there are none."""
    counts = [
        (sum(finding.severity is severity for finding in findings), word, _COLORS[severity])
        for severity, word in ((Severity.ERROR, "error"), (Severity.WARNING, "warning"))
    ]
    return ", ".join(paint(plural(count, word), color) for count, word, color in counts if count)


def plural(count: int, word: str) -> str:
    """Return `1 file`, `2 files`."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def _is_own_file(finding: Finding) -> bool:
    """Say whether the place itself names the environment."""
    path = finding.at.path if finding.at else ""
    return path in (f"environments/{finding.environment}.yaml", "--set") or path.startswith("out/")


def _place(at: Span) -> str:
    return f"{at.path}:{at.line}:{at.column}"


def _source(at: Span, gutter: int, paint: Paint, color: str) -> list[str]:
    if not at.text:
        return []
    text = visible(at.text.expandtabs(1))
    start = at.column - 1
    bar = " " * (gutter + 4) + "|"
    caret = "^" * max(_width(text[start : start + at.length]), 1)
    return [f"{at.line:>{gutter + 3}} | {text}", f"{bar} {' ' * _width(text[:start])}{paint(caret, color)}"]


def _note(note: Note, gutter: int, paint: Paint) -> list[str]:
    place = f"{_place(note.at)}: " if note.at else ""
    first, *more = note.message.split("\n")
    lines = [f"{' ' * (gutter + 4)}= {paint('note:', 'bold')} {visible(place + first)}"]
    lines += [f"{' ' * (gutter + 6)}{visible(line)}" for line in more]
    if note.at and note.at.text:
        lines.append(f"{' ' * (gutter + 6)}{visible(note.at.text.strip())}")
    return lines


def visible(text: str) -> str:
    """Return `text` with a sign for each character that a terminal would obey or not show; its length stays."""
    return _CONTROL.sub(lambda found: chr(0x2400 + ord(found[0])) if found[0] < " " else "\ufffd", text)


def _width(text: str) -> int:
    """Return how many columns of a terminal `text` takes."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )
