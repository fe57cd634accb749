"""Findings for an editor: by file, with related places and quick fixes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from generator.editor.place import Edit, Range, line_of
from generator.editor.workspace import Snapshot
from generator.findings import USED, Finding, Severity
from generator.findings.record import record
from generator.report.places import Row, is_located, rows

_DID_YOU_MEAN = re.compile(r'did you mean "([^"]+)"\?')
_WRITE = re.compile(r'write (\S+) without quotes|write ("[^"]*") for the text(?:, or (\S+)$)?')
_ENTRY = re.compile(r"""\s*[\w"'./-]+:(\s|$)""")

TextOf = Callable[[str], str]


@record
class Diagnostic:
    """A finding at a range of its file; `related` are the places that its notes name."""

    at: Range
    code: str
    severity: Severity
    message: str
    related: tuple[tuple[Range, str], ...] = ()


@record
class Fix:
    """A quick fix: what it does, and the edits that do it."""

    title: str
    edits: tuple[Edit, ...]


def diagnostics(findings: Iterable[Finding]) -> dict[str, list[Diagnostic]]:
    """Return the diagnostics of each file, by path."""
    found: dict[str, list[Diagnostic]] = {}
    for finding in findings:
        if finding.at:
            found.setdefault(finding.at.path, []).append(_diagnostic(finding, Range.of(finding.at)))
    return found


def fixes(snapshot: Snapshot, path: str, line: int, text_of: TextOf) -> Iterator[tuple[Finding, Fix]]:
    """Yield the quick fixes for the findings on a line of a file; `text_of` returns the text of a file."""
    for finding in snapshot.findings:
        if finding.at and finding.at.path == path and finding.at.line - 1 == line:
            is_values = snapshot.project.folders.is_values(path)
            own = _fixes(finding, Range.of(finding.at), text_of, is_values=is_values)
            yield from ((finding, fix) for fix in own)
            yield from ((finding, fix) for fix in _suppressions(snapshot, finding, text_of))


def _diagnostic(finding: Finding, at: Range) -> Diagnostic:
    if is_located(finding):
        return _located_diagnostic(finding, at)
    lines = [finding.message, *(f"note: {note.message}" for note in finding.notes if not note.at)]
    lines += [f"hint: {finding.hint}"] if finding.hint else []
    lines += [f"in: {finding.environment}"] if "," in finding.environment else []
    related = tuple((Range.of(note.at), note.message) for note in finding.notes if note.at)
    return Diagnostic(at, finding.code, finding.severity, "\n".join(lines), related)


def _located_diagnostic(finding: Finding, at: Range) -> Diagnostic:
    """Return what the rules find in the output: each place with what it is, as in text, and the fix."""
    shown = [row for row in rows(finding) if row.label != USED]
    lines = [finding.message, *(f"{row.label}: {row.text}" for row in shown if not row.at)]
    lines += [f"in: {finding.environment}"] if "," in finding.environment else []
    related = tuple((Range.of(row.at), _row_text(row)) for row in shown if row.at)
    return Diagnostic(at, finding.code, finding.severity, "\n".join(lines), related)


def _row_text(row: Row) -> str:
    where = f" (in {row.environment})" if row.environment else ""
    return f"{row.label}{where}: {row.text}".removesuffix(": ")


def _fixes(finding: Finding, at: Range, text_of: TextOf, *, is_values: bool) -> Iterator[Fix]:
    line = line_of(text_of(at.path), at.line)
    for word in _DID_YOU_MEAN.findall(finding.hint):
        yield Fix(f'Change to "{word}"', (Edit(_word(at, line), word),))
    for words in _WRITE.findall(finding.hint):
        yield from (Fix(f"Write {word}", (Edit(at, word),)) for word in words if word)
    if finding.hint.startswith("remove it") and is_values and _ENTRY.match(line):
        lines = entry_lines(text_of(at.path).split("\n"), at.line)
        yield Fix("Remove it", (Edit(Range(at.path, at.line, 0, 0), "", lines),))


def _word(at: Range, line: str) -> Range:
    """Return the range of the word to replace: without the quotes around it."""
    is_quoted = line[at.start : at.start + 1] in ("'", '"') and line[at.end - 1 : at.end] == line[at.start]
    return Range(at.path, at.line, at.start + 1, at.end - 1) if is_quoted and at.end - at.start > 1 else at


def entry_lines(lines: list[str], start: int) -> int:
    """Return how many lines an entry of a map has: its key, and everything below it that is indented more."""
    indent = len(lines[start]) - len(lines[start].lstrip())
    end = start + 1
    while end < len(lines) and (
        not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > indent
    ):
        end += 1
    while not lines[end - 1].strip():
        end -= 1
    return end - start


def _suppressions(snapshot: Snapshot, finding: Finding, text_of: TextOf) -> Iterator[Fix]:
    """Yield a fix for each values file of the environments that a finding of a check is about."""
    if not finding.code.startswith("checks/"):
        return
    named = (snapshot.results.get(env) for env in finding.environment.split(", "))
    for path in dict.fromkeys(result.values.path for result in named if result):
        name = snapshot.project.folders.environment(path)
        yield Fix(f"Accept it in {name}: write the reason", (_suppression(path, text_of(path), finding),))


def _suppression(path: str, text: str, finding: Finding) -> Edit:
    """Return the edit that adds an entry to `checks:`; its empty reason is a finding until somebody writes one."""
    action = "warn" if finding.severity is Severity.ERROR else "skip"
    entry = f'- {{{action}: {finding.code}, reason: ""}}\n'
    lines = text.split("\n")
    if "checks:" in lines:
        return Edit(Range(path, lines.index("checks:") + 1, 0, 0), entry)
    start = next((number for number, line in enumerate(lines) if line and line[0] not in "#%"), 0)
    return Edit(Range(path, start, 0, 0), f"checks:\n{entry}\n")
