"""Format the result of `check` as SARIF 2.1.0, for code-scanning services.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from generator import __version__
from generator.findings import SEEN, Finding, Severity, Span
from generator.report.places import Row, rows

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
    shown = rows(finding)
    related = [row for row in shown if row.at] + _further(finding, shown)
    numbers = {id(row): number for number, row in enumerate(related)}
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": codes.index(finding.code),
        "level": _LEVELS[finding.severity],
        "message": _message(finding, shown, numbers),
        "properties": _properties(finding, shown),
    }
    if finding.at:
        result["locations"] = [{"physicalLocation": _physical(finding.at)}]
    if related:
        result["relatedLocations"] = [_related(number, row) for number, row in enumerate(related)]
    return result


def _further(finding: Finding, shown: list[Row]) -> list[Row]:
    """Return the lines of the output that `shown` has in one row with the first of them."""
    first = next((row.at for row in shown if row.label == SEEN), None)
    return [Row(SEEN, each.at, "") for each in finding.notes if each.label == SEEN and each.at != first]


def _message(finding: Finding, shown: list[Row], numbers: dict[int, int]) -> dict[str, str]:
    """Return the message, and a line for each place, which is a link to its related location."""
    texts, marked = [finding.message], [_markdown(finding.message)]
    for row in shown:
        place = _linked(row, numbers[id(row)]) if row.at else ""
        texts.append(" ".join(filter(None, (f"{row.label}:", place, row.text))))
        marked.append(" ".join(filter(None, (f"- **{row.label}**", place, _markdown(row.text)))))
    first, *others = marked
    return {
        "text": "\n".join(texts),
        "markdown": "\n".join([first, "", *others]) if others else first,
    }


def _linked(row: Row, number: int) -> str:
    """Return the place of a row as a link to a related location, with the environments that it is for."""
    assert row.at is not None
    place = re.sub(r"([\\\[\]])", r"\\\1", f"{row.at.path}:{row.at.line}")
    return f"[{place}]({number})" + (f" (in {row.environment})" if row.environment else "")


def _markdown(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", text)


def _properties(finding: Finding, shown: list[Row]) -> dict[str, Any]:
    """Return what SARIF has no own field for: a fix in words, which is no change of a file, and the sources."""
    sources = [row.text for row in shown if row.label == "source" and row.at is None]
    values = [row.value for row in shown if row.value]
    found = {"fix": finding.hint, "sources": sources, "values": list(dict.fromkeys(values))}
    return {"environment": finding.environment, **{name: each for name, each in found.items() if each}}


def _related(number: int, row: Row) -> dict[str, Any]:
    assert row.at is not None
    related = {
        "id": number,
        "message": {"text": f"{row.label}: {row.text}" if row.text else row.label},
        "physicalLocation": _physical(row.at),
    }
    if row.value:
        related["logicalLocations"] = [{"fullyQualifiedName": row.value, "kind": "property"}]
    return related


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
