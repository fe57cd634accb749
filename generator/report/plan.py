"""Format what `oetgen plan` finds for programs and for pull requests; as text, report/changes.py does.

The schema of the JSON document is docs/plan.schema.json.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from generator.changes import HazardFinding, Review
from generator.changes.diff import Change, path_text
from generator.changes.hazards import Place
from generator.changes.objects import ObjectChange
from generator.findings import Finding
from generator.languages.node import summary
from generator.report.changes import (
    by_object,
    do_not_apply,
    edited_line,
    inherited_line,
    steps_of,
    summary_line,
)
from generator.report.github import annotation
from generator.report.json import finding_data
from generator.report.markdown import code, cut, plain
from generator.report.text import plural
from generator.values.source import format_path

VERSION = 1
_ACTIONS = {"+": "created", "~": "changed", "-/+": "replaced", "-": "no longer rendered"}


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
            "do_not_apply": do_not_apply(review),
            "steps": steps_of(review),
            "edited_by_hand": list(review.edited),
            "inherited": [
                {
                    "value": format_path(each.path),
                    "path": each.at.path,
                    "line": each.at.line,
                    "environments": list(each.environments),
                }
                for each in review.inherited
            ],
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
        "awaits": hazard.awaits or None,
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
        "deleted_by": _place(each.by, folder),
        "changes": [_change(change) for change in each.changes],
    }


def _change(change: Change) -> dict[str, str | None]:
    old, new = (None if node is None else summary(node) for node in (change.old, change.new))
    return {"path": path_text(change.path), "before": old, "after": new}


def github(review: Review, folder: str = "") -> str:
    """Return an annotation for each error and hazard, then verdict, steps and summary as lines of the log.

    `folder` is that of the project in its repository.
    """
    findings = [*review.errors, *(hazard_finding(each) for each in review.hazards)]
    sentences = [do_not_apply(review)] if review.fails else []
    sentences += _to_do(review)
    sentences += [edited_line(review)] if review.edited else []
    sentences += [inherited_line(review)] if review.inherited else []
    last = f"{review.env}: {summary_line(review)}"
    return "\n".join([*(annotation(each, folder) for each in findings), *sentences, last])


def _to_do(review: Review) -> list[str]:
    steps = [f"{number}. {each}" for number, each in enumerate(steps_of(review), 1)]
    return ["To do, in this order:", *steps] if steps else []


def hazard_finding(each: HazardFinding) -> Finding:
    """Return the finding of a hazard whose message begins with the effect, at a line that exists."""
    finding = each.finding
    at = finding.at if each.hazard.new else None
    text = f"{each.hazard.verdict}: {finding.message}"
    return Finding(finding.code, finding.severity, text, at, finding.notes, finding.hint, finding.environment)


def markdown(review: Review) -> str:
    """Return a comment for a pull request, or the summary of a job: steps, a table of verdicts, then the objects."""
    if not review.objects and not review.hazards:
        return f"**{plain(review.env)}**: no differences from {plain(review.against)}"
    rows = [*_error_rows(review), *_hazard_rows(review)]
    table = ["", "| effect | what happens | what to do |", "| --- | --- | --- |", *rows] if rows else []
    counts = Counter(_ACTIONS[each.sign] for each in review.objects)
    title = ", ".join(f"{count} {action}" for action, count in counts.items())
    objects = [f"- {_ACTIONS[each.sign]}: {code(each.subject)}{_by(each)}" for each in review.objects]
    lines = [
        f"### {plain(review.env)}: {plain(summary_line(review))}",
        "",
        f"Effects of applying it, compared with {plain(review.against)}.",
        *(["", f"**{plain(do_not_apply(review))}**"] if review.fails else []),
        *_paragraph(_to_do(review)),
        *(["", plain(edited_line(review))] if review.edited else []),
        *(["", plain(inherited_line(review))] if review.inherited else []),
        *table,
        "",
        f"<details><summary>{plural(len(objects), 'object')}: {title}</summary>",
        "",
        *objects,
    ]
    return "\n".join([*cut(lines, f"oetgen plan {review.env}"), "", "</details>"])


def _paragraph(lines: list[str]) -> list[str]:
    return ["", *map(plain, lines)] if lines else []


def _by(each: ObjectChange) -> str:
    return f"; {code(f'{each.by.path}:{each.by.line}')} deletes it first" if each.by else ""


def _error_rows(review: Review) -> Iterator[str]:
    for each in review.errors:
        place = f" ({each.at.path}:{each.at.line})" if each.at else ""
        yield f"| **error** {code(each.code)} | {plain(each.message + place)} | {plain(each.hint)} |"


def _hazard_rows(review: Review) -> Iterator[str]:
    for (verdict, subject), found in by_object(review).items():
        title = f"**{plain(verdict)}**"
        for each in found:
            hazard = each.hazard
            at = hazard.new or hazard.old
            place = f" ({review.folder}/{at.path}:{at.line})" if at else ""
            source = f" [source]({hazard.source})" if hazard.source.startswith("https://") else ""
            what = f"{code(subject)}: {plain(hazard.message + place)}"
            yield f"| {title} | {what} | {plain(hazard.safe)}{source} |"
            title = ""
