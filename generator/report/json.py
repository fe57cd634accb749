"""Format the result of `check` as a JSON document; its schema is docs/check.schema.json."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from generator.findings import Finding, Note, Severity, Span
from generator.report.places import Row, rows

if TYPE_CHECKING:
    from generator.checks.runner import CheckResult

VERSION = 1


def render(findings: list[Finding], checked: CheckResult) -> str:
    """Return the document; `findings` are those of `checked`, sorted by location."""
    document = {
        "version": VERSION,
        "findings": [finding_data(finding) for finding in findings],
        "summary": _summary(findings, checked),
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def finding_data(finding: Finding) -> dict[str, Any]:
    """Return a finding as data."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
        **_location(finding.at),
        "end_column": finding.at.column + finding.at.length if finding.at else None,
        "notes": [_note(note) for note in finding.notes],
        "hint": finding.hint,
        "environment": finding.environment,
        "places": [_place(row) for row in rows(finding)],
    }


def _note(note: Note) -> dict[str, Any]:
    return {"message": note.message, **_location(note.at)}


def _place(row: Row) -> dict[str, Any]:
    return {
        "label": row.label,
        **_location(row.at),
        "text": row.text,
        "value": row.value,
        "environment": row.environment,
    }


def _location(at: Span | None) -> dict[str, Any]:
    return {
        "path": at.path if at else None,
        "line": at.line if at else None,
        "column": at.column if at else None,
    }


def _summary(findings: list[Finding], checked: CheckResult) -> dict[str, Any]:
    report = checked.report
    return {
        "errors": sum(finding.severity is Severity.ERROR for finding in findings),
        "warnings": sum(finding.severity is Severity.WARNING for finding in findings),
        "environments": list(checked.sizes),
        "files": checked.files,
        "rules": report.rules,
        "support_tables": report.tables.isoformat(),
        "validators": {ran.name: "ran" if ran.version else "not installed" for ran in report.tools},
        "versions": {ran.name: ran.version for ran in report.tools if ran.version},
        "turned": [
            {
                "code": each.suppression.code,
                "action": each.suppression.action,
                "environment": each.env,
                "findings": each.count,
                "reason": each.suppression.reason,
                **_location(each.suppression.at),
            }
            for each in report.suppressed
        ],
        "inapplicable": [
            {"environment": env, "code": code, "reason": reason} for env, code, reason in report.inapplicable
        ],
    }
