"""Format the result of `check` as SARIF 2.1.0, for code-scanning services.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from generator import __version__
from generator.findings import Finding, Note, Severity, Span

if TYPE_CHECKING:
    from generator.checks.runner import CheckResult

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_BASE = "PROJECT"
_VERBS = {"skip": "skips", "warn": "reduces to a warning:"}


def render(findings: list[Finding], checked: CheckResult) -> str:
    """Return the log: one run, with a result for each finding in the given order."""
    codes = sorted({finding.code for finding in findings})
    run = {
        "tool": {"driver": _driver(codes), "extensions": _extensions(checked)},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_BASE: {"description": {"text": "The folder of the project."}}},
        "invocations": [
            {"executionSuccessful": True, "toolConfigurationNotifications": _suppressions(checked)}
        ],
        "results": [_result(finding, codes) for finding in findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


def _driver(codes: list[str]) -> dict[str, Any]:
    from generator.checks.registry import documentation

    texts = dict(documentation())
    return {
        "name": "oetgen",
        "version": __version__,
        "rules": [
            _rule(code, texts.get(code) or texts.get(f"{code.partition('/')[0]}/*", "")) for code in codes
        ],
    }


def _rule(code: str, text: str) -> dict[str, Any]:
    first = " ".join(text.partition("\n\n")[0].split())
    described = {"shortDescription": {"text": first}, "help": {"text": text}} if text else {}
    return {"id": code, "name": code.partition("/")[2], **described}


def _extensions(checked: CheckResult) -> list[dict[str, Any]]:
    return [{"name": ran.name, "version": ran.version} for ran in checked.report.tools if ran.version]


def _suppressions(checked: CheckResult) -> list[dict[str, Any]]:
    """Return a notification for each rule that is suppressed or reduced to a warning."""
    return [
        {
            "level": "note",
            "message": {
                "text": f"{each.env} {_VERBS[each.suppression.action]} {each.suppression.code}"
                f" ({each.count} findings): {each.suppression.reason}"
            },
            "locations": [{"physicalLocation": _physical(each.suppression.at)}],
        }
        for each in checked.report.suppressed
    ]


def _result(finding: Finding, codes: list[str]) -> dict[str, Any]:
    text = finding.message + (f"\nHint: {finding.hint}" if finding.hint else "")
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": codes.index(finding.code),
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "properties": {"environment": finding.environment},
    }
    if finding.at:
        result["locations"] = [{"physicalLocation": _physical(finding.at)}]
    related = [note for note in finding.notes if note.at]
    if related:
        result["relatedLocations"] = [_related(number, note) for number, note in enumerate(related)]
    return result


def _related(number: int, note: Note) -> dict[str, Any]:
    assert note.at is not None
    return {"id": number, "message": {"text": note.message}, "physicalLocation": _physical(note.at)}


def _physical(at: Span) -> dict[str, Any]:
    region: dict[str, Any] = {
        "startLine": at.line,
        "startColumn": at.column,
        "endColumn": at.column + at.length,
    }
    if at.text:
        region["snippet"] = {"text": at.text}
    return {"artifactLocation": {"uri": _uri(at.path), "uriBaseId": _BASE}, "region": region}


def _uri(path: str) -> str:
    """Return a path as a relative URI; names of templates can contain braces and blanks."""
    from urllib.parse import quote

    return quote(path)
