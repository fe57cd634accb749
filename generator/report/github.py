"""Format the result of `check` as GitHub workflow commands: annotations on lines of templates and values.

Source: docs.github.com, "Workflow commands for GitHub Actions", and its toolkit's `command.ts` for the escapes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.findings import Finding, Severity
from generator.report.check import summary_line, suppression_lines
from generator.report.places import is_located, rows
from generator.report.text import row_text

if TYPE_CHECKING:
    from generator.checks.runner import CheckResult

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(findings: list[Finding], checked: CheckResult) -> str:
    """Return an annotation for each finding, and the suppressions and the summary as plain lines of the log."""
    lines = [annotation(finding) for finding in findings]
    return "\n".join([*lines, *suppression_lines(checked), summary_line(findings, checked)])


def annotation(finding: Finding) -> str:
    """Return the workflow command of a finding."""
    properties = {"title": finding.code}
    if finding.at:
        end = finding.at.column + finding.at.length
        properties = {
            "file": finding.at.path,
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
