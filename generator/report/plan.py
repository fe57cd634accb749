"""Format what `oetgen plan` finds for programs and for pull requests; as text, report/changes.py does.

The schema of the JSON document is docs/plan.schema.json.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from generator.changes import HazardFinding, Review
from generator.changes.diff import Change, path_text
from generator.changes.hazards import Place
from generator.changes.objects import ObjectChange
from generator.findings import Finding
from generator.languages.node import summary
from generator.report.changes import summary_line
from generator.report.github import annotation
from generator.report.json import finding_data
from generator.report.text import plural, visible

VERSION = 1
_ACTIONS = {"+": "created", "~": "changed", "-/+": "replaced", "-": "no longer rendered"}
_LONGEST = 60_000  # characters; GitHub refuses a comment of more than 65,536
_MARKDOWN = re.compile(r"([\\`*_\[\]~|])")
_LINKED = re.compile(r"[@#]")  # would mention a person, or refer to an issue


def json_text(review: Review) -> str:
    """Return the JSON document."""
    document = {
        "version": VERSION,
        "environment": review.env,
        "against": review.against,
        "errors": [finding_data(each) for each in review.errors],
        "hazards": [_hazard(each, review) for each in review.hazards],
        "objects": [_object(each, review.folder) for each in review.objects],
        "summary": {
            "fails": review.fails,
            "errors": len(review.errors),
            "earlier_errors": review.earlier_errors,
            "effects": dict(Counter(each.hazard.effect.value for each in review.hazards)),
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def _hazard(each: HazardFinding, review: Review) -> dict[str, Any]:
    hazard = each.hazard
    return {
        **finding_data(each.finding),
        "environment": review.env,
        "effect": hazard.effect.value,
        "refused_by": hazard.by or None,
        "subject": hazard.subject,
        "before": _place(hazard.old, review.folder),
        "after": _place(hazard.new, review.folder),
        "source": hazard.source,
    }


def _place(at: Place | None, folder: str) -> dict[str, Any] | None:
    return {"path": f"{folder}/{at.path}", "line": at.line} if at else None


def _object(each: ObjectChange, folder: str) -> dict[str, Any]:
    return {
        "area": each.area,
        "action": _ACTIONS[each.sign],
        "subject": each.subject,
        "path": f"{folder}/{each.at.path}",
        "line": each.at.line,
        "effects": list(each.notes),
        "changes": [_change(change) for change in each.changes],
    }


def _change(change: Change) -> dict[str, str | None]:
    old, new = (None if node is None else summary(node) for node in (change.old, change.new))
    return {"path": path_text(change.path), "before": old, "after": new}


def github(review: Review) -> str:
    """Return an annotation for each error and hazard, and the summary as a line of the log."""
    findings = [*review.errors, *(hazard_finding(each) for each in review.hazards)]
    return "\n".join([*map(annotation, findings), f"{review.env}: {summary_line(review)}"])


def hazard_finding(each: HazardFinding) -> Finding:
    """Return the finding of a hazard whose message begins with the effect, at a line that exists."""
    finding = each.finding
    at = finding.at if each.hazard.new else None
    text = f"{each.hazard.verdict}: {finding.message}"
    return Finding(finding.code, finding.severity, text, at, finding.notes, finding.hint, finding.environment)


def markdown(review: Review) -> str:
    """Return a comment for a pull request, or the summary of a job: verdicts in a table, then the objects."""
    if not review.objects and not review.hazards:
        return f"**{_text(review.env)}**: no differences from {_text(review.against)}"
    rows = [*_error_rows(review), *_hazard_rows(review)]
    table = ["", "| effect | what happens | what to do |", "| --- | --- | --- |", *rows] if rows else []
    counts = Counter(_ACTIONS[each.sign] for each in review.objects)
    title = ", ".join(f"{count} {action}" for action, count in counts.items())
    objects = [f"- {_ACTIONS[each.sign]}: {_code(each.subject)}" for each in review.objects]
    lines = [
        f"### {_text(review.env)}: {_text(summary_line(review))}",
        "",
        f"Effects of applying it, compared with {_text(review.against)}.",
        *table,
        "",
        f"<details><summary>{plural(len(objects), 'object')}: {title}</summary>",
        "",
        *objects,
    ]
    return "\n".join([*_cut(lines, review.env), "", "</details>"])


def _error_rows(review: Review) -> Iterator[str]:
    for each in review.errors:
        place = f" ({each.at.path}:{each.at.line})" if each.at else ""
        yield f"| **error** {_code(each.code)} | {_text(each.message + place)} | {_text(each.hint)} |"


def _hazard_rows(review: Review) -> Iterator[str]:
    for each in review.hazards:
        hazard = each.hazard
        at = hazard.new or hazard.old
        place = f" ({review.folder}/{at.path}:{at.line})" if at else ""
        source = f" [source]({hazard.source})" if hazard.source.startswith("https://") else ""
        what = f"{_code(hazard.subject)}: {_text(hazard.message + place)}"
        yield f"| **{_text(hazard.verdict)}** | {what} | {_text(hazard.safe)}{source} |"


def _cut(lines: list[str], env: str) -> Iterator[str]:
    """Yield the lines that fit into a comment, and the number of the others."""
    length = 0
    for number, line in enumerate(lines):
        length += len(line) + 1
        if length > _LONGEST:
            yield f"\n… and {len(lines) - number} more lines: run `oetgen plan {env}`"
            return
        yield line


def _code(text: str) -> str:
    """Return a name in the font of code, in which nothing has a meaning."""
    shown = visible(text.replace("\n", " ")).replace("`", "'").replace("|", r"\|")
    return f"`{shown}`"


def _text(text: str) -> str:
    """Return text that Markdown shows as it is: no markup, no link, no mention of a person, on one line."""
    escaped = visible(text.replace("\n", " ")).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _LINKED.sub(r"<span>\g<0></span>", _MARKDOWN.sub(r"\\\1", escaped))
