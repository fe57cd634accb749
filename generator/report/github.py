"""Format the result of `check` as GitHub workflow commands: annotations on lines of templates and values.

Source: docs.github.com, "Workflow commands for GitHub Actions", and its toolkit's `command.ts` for the escapes.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import TYPE_CHECKING

from generator.findings import IF, SET, Finding, Severity
from generator.report.check import summary_line, suppression_lines
from generator.report.markdown import code, cut, plain
from generator.report.places import is_located, rows
from generator.report.text import row_text

if TYPE_CHECKING:
    from generator.checks.runner import CheckResult

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


Changed = Mapping[str, frozenset[int]]


def render(findings: list[Finding], checked: CheckResult, changed: Changed, folder: str = "") -> str:
    """Return an annotation for each finding, and the suppressions and the summary as plain lines of the log.

    GitHub shows the first ten of a kind: those on `changed` lines, by file, come first. `folder` is that of the
    project in its repository.
    """
    lines = [annotation(finding, folder) for finding in _changed_first(findings, changed)]
    return "\n".join([*lines, *suppression_lines(checked), summary_line(findings, checked)])


def markdown(findings: list[Finding], checked: CheckResult, changed: Changed) -> str:
    """Return all findings for the summary of a job, those on `changed` lines first."""
    lines = [f"### oetgen check: {plain(summary_line(findings, checked))}", ""]
    ordered = _changed_first(findings, changed)
    count = sum(_is_changed(each, changed) for each in ordered)
    if count:
        lines += ["On changed lines:", "", *map(_item, ordered[:count]), ""]
    if ordered[count:]:
        lines += ["On other lines:" if count else "", "", *map(_item, ordered[count:])]
    return "\n".join(cut(lines, "oetgen check"))


def _item(finding: Finding) -> str:
    at = f" {code(f'{finding.at.path}:{finding.at.line}')}" if finding.at else ""
    fix = f" Fix: {plain(finding.hint)}" if finding.hint else ""
    return f"- **{finding.severity}**{at} {plain(finding.message)} ({code(finding.code)}).{fix}"


def _changed_first(findings: list[Finding], changed: Changed) -> list[Finding]:
    return sorted(findings, key=lambda each: not _is_changed(each, changed))


def _is_changed(finding: Finding, changed: Changed) -> bool:
    """Return whether a finding, or a value that causes it, is on a changed line."""
    causes = [note.set_at or note.at for note in finding.notes if note.label in (SET, IF)]
    return any(at and at.line in changed.get(at.path, ()) for at in (finding.at, *causes))


def annotation(finding: Finding, folder: str = "") -> str:
    """Return the workflow command of a finding; `folder` is that of the project in its repository."""
    properties = {"title": finding.code}
    if finding.at:
        end = finding.at.column + finding.at.length
        properties = {
            "file": posixpath.normpath(posixpath.join(folder, finding.at.path)),
            "line": str(finding.at.line),
            "endLine": str(finding.at.line),
            "col": str(finding.at.column),
            "endColumn": str(end),
            **properties,
        }
    text = [finding.message]
    if is_located(finding):
        text += [f"{row.label}: {row_text(row)}" for row in rows(finding)]
        return _command(finding, properties, text)
    text += [
        f"{note.message} ({note.at.path}:{note.at.line})" if note.at else note.message
        for note in finding.notes
    ]
    text += [f"in {finding.environment}"] if finding.environment else []
    text += [f"hint: {finding.hint}"] if finding.hint else []
    return _command(finding, properties, text)


def _command(finding: Finding, properties: dict[str, str], text: list[str]) -> str:
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {written}::{_message(chr(10).join(text))}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
