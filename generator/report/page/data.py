"""Return the content of the page as data. Equal parts of lines are stored once, so that the page stays small."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from generator.changes import Comparison, Review
from generator.findings import Finding, Span
from generator.findings.record import record
from generator.provenance.coverage import Coverage
from generator.provenance.impact import Index, Reach, reach
from generator.provenance.trace import SourceMap, Trace
from generator.report.blame_data import file_data
from generator.report.changes import file_text, objects_text
from generator.report.explain import explanations, lookup
from generator.report.page.highlight import highlighted
from generator.report.places import is_located, rows
from generator.report.text import line_ranges
from generator.report.values import inline, settings_data
from generator.system.costs import Bill
from generator.system.graph import Graph
from generator.values.layers import Values, value_at
from generator.values.origins import history, repetitions
from generator.values.source import KeyPath, format_path, leaves

_PAINT_BEGIN, _PAINT_MIDDLE, _PAINT_END = "\x02", "\x03", "\x04"


@record
class Subject:
    """The results for one environment: no trace and graph if it has errors, no review without a commit."""

    values: Values
    findings: Sequence[Finding]
    trace: Trace | None = None
    graph: Graph | None = None
    review: Review | None = None
    comparison: Comparison | None = None
    """The differences from the first environment of the page."""
    bill: Bill | None = None
    rules: int = 0
    """How many rules apply to it."""

    @property
    def reported(self) -> tuple[Finding, ...]:
        """Return all findings that the page shows, with the hazards."""
        hazards = self.review.hazards if self.review else ()
        return (*self.findings, *(each.finding for each in hazards))


def page_data(
    subjects: Sequence[Subject], coverage: Coverage | None, done: Callable[[], None]
) -> dict[str, Any]:
    """Return the content of the page; `done` is called after each environment."""
    environments = []
    shared = _Shared()
    for subject in subjects:
        environments.append(_environment(subject, shared))
        done()
    return {
        "version": 1,
        "environments": environments,
        "coverage": _coverage(coverage) if coverage else None,
        "files": shared.files.items,
        "maps": shared.maps.items,
        "origins": [_without_empty_end(each) for each in shared.origins.items],
        "places": shared.places.items,
        "steps": shared.steps.items,
        "paths": shared.paths.items,
        "templates": shared.templates,
        "sources": _sources(subjects),
        "codes": _codes(subjects),
    }


def _sources(subjects: Sequence[Subject]) -> dict[str, str]:
    """Return the text of each values file, by path; none while one of them may hold a secret."""
    if any(each.code.startswith("leaks/") for subject in subjects for each in subject.reported):
        return {}
    return {layer.path: layer.text for subject in subjects for layer in subject.values.layers if layer.text}


def _codes(subjects: Sequence[Subject]) -> dict[str, list[str]]:
    """Return what is required and why, by the code of each finding of the page."""
    codes = {finding.code for subject in subjects for finding in subject.reported}
    known = explanations() if codes else {}
    found = {code: lookup(code, known) for code in sorted(codes)}
    return {code: [each.what, each.why] for code, each in found.items() if each}


def _environment(subject: Subject, shared: _Shared) -> dict[str, Any]:
    trace, values = subject.trace, subject.values
    traced = list(trace.files()) if trace else []
    generated = [each for each in traced if each.text or not each.certain]
    files = [_file(trace, each, shared) for each in generated] if trace else []
    paths = _paths(values, traced)
    indexes = [(number, Index(each)) for number, each in enumerate(generated) if each.certain]
    review, comparison = subject.review, subject.comparison
    return {
        "name": values.env,
        "folder": values.folder,
        "findings": [finding_data(each) for each in subject.findings],
        "files": files,
        "values": [_value(values, path) for path in paths],
        "rows": [format_path(path) for path in _rows(values.data)],
        "reach": {format_path(path): reached for path in paths if (reached := _reaches(indexes, path))},
        "redundant": [format_path(each.path) for each in repetitions(values)],
        "hazards": [
            {"effect": each.hazard.effect.value, **finding_data(each.finding)} for each in review.hazards
        ]
        if review
        else [],
        "costs": [
            {
                "what": each.what,
                "name": each.name,
                "size": each.size,
                "billed": each.billed,
                "at": _at(each.at),
            }
            for each in (subject.bill.costs if subject.bill else ())
        ],
        "unjudged": dict(subject.bill.unknown) if subject.bill else {},
        "against": review.against if review else None,
        "changes": _painted(objects_text(review, _paint)) if review else [],
        "differences": _differences(comparison) if comparison else [],
        "rules": subject.rules,
    }


def _differences(comparison: Comparison) -> list[dict[str, Any]]:
    """Return the files that differ: the path in both environments, or in one, and the lines below its name."""
    return [
        {"old": each.old_path, "new": each.path, "lines": _painted(file_text(each, comparison, _paint))[1:]}
        for each in comparison.files
    ]


def finding_data(finding: Finding) -> dict[str, Any]:
    """Return a finding as data."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
        "at": _at(finding.at),
        "located": is_located(finding),
        "environment": finding.environment,
        "rows": [
            {
                "label": row.label,
                "at": _at(row.at),
                "text": row.text,
                "value": row.value,
                "in": row.environment,
            }
            for row in rows(finding)
        ],
    }


def _at(span: Span | None) -> dict[str, Any] | None:
    return {"path": span.path, "line": span.line, "text": span.text.strip()} if span else None


def _without_empty_end(items: list[Any]) -> list[Any]:
    """Return a list without the empty lists at its end, of which the page would have thousands."""
    end = len(items)
    while end > 1 and items[end - 1] == []:
        end -= 1
    return items[:end]


class _Table:
    """Items that are stored once, and referred to by number."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self._known: dict[str, int] = {}

    def number(self, item: Any) -> int:
        """Return the number of an item; equal items have the same number."""
        key = json.dumps(item, sort_keys=True)
        if key not in self._known:
            self._known[key] = len(self.items)
            self.items.append(item)
        return self._known[key]


class _Shared:
    """The tables that all environments of the page share."""

    def __init__(self) -> None:
        self.files, self.maps, self.origins, self.places, self.steps, self.paths = (
            _Table() for _ in range(6)
        )
        self.templates: list[list[str]] = []
        self._numbers: dict[str, int] = {}

    def place(self, trace: Trace, data: dict[str, Any] | None) -> int | None:
        """Return the number of a position in a template, and add the text of the template to the page."""
        if data is None:
            return None
        return self.places.number([self._template(trace, data["path"]), data["line"], data["column"]])

    def step(self, trace: Trace, data: dict[str, Any]) -> int:
        """Return the number of a step, without its line of text, which the template contains."""
        step = {name: value for name, value in data.items() if name != "source"}
        step["path"] = self._template(trace, data["path"])
        return self.steps.number(step | {"decides": self.names(data["decides"])})

    def names(self, paths: Iterable[str]) -> list[int]:
        """Return the numbers of value paths."""
        return [self.paths.number(path) for path in paths]

    def _template(self, trace: Trace, path: str) -> int:
        if path not in self._numbers:
            self._numbers[path] = len(self.templates)
            name = trace.values.folders.template(path)
            self.templates.append([path, trace.tracer.engine.source(name)])
        return self._numbers[path]


def _file(trace: Trace, found: SourceMap, shared: _Shared) -> dict[str, Any]:
    """Return a file: its text, the parts of its lines with their origin, and the places of omitted text."""
    if not found.certain:
        return {"path": found.path, "template": found.template, "reason": found.reason}
    data = file_data(trace, found)
    language = trace.tracer.engine.settings.language_of(found.path, found.text)
    lines, absent = [], []
    for line in data["lines"]:
        parts = []
        for piece in line["pieces"]:
            origin = [
                shared.place(trace, piece["template"]),
                *(shared.names(piece[role]) for role in ("values", "keys", "decides")),
                [shared.step(trace, step) for step in piece["steps"]],
            ]
            parts += [piece["column"] - 1, piece["end_column"] - 1, shared.origins.number(origin)]
        lines.append(parts)
        for gap in line["absent"]:
            place = shared.place(trace, gap["template"])
            absent.append([line["number"], int(gap["within"]), place, shared.names(gap["decides"])])
    return {
        "path": found.path,
        "template": found.template,
        "is": shared.files.number({"text": found.text, "marks": highlighted(language, found.text)}),
        "made": shared.maps.number({"lines": lines, "absent": absent}),
        "decides": shared.names(data["decides"]),
    }


def _paths(values: Values, traced: Iterable[SourceMap]) -> list[KeyPath]:
    """Return every value that is set or that a template reads, including maps that are read as a whole."""
    paths = {path for path, _ in leaves(values.data)} | set(_rows(values.data))
    for found in traced:
        paths |= found.decides
        for line in found.lines:
            for piece in line:
                paths |= piece.tag.paths | piece.decides
        for omission in found.omissions:
            paths |= omission.decides
    return sorted(paths, key=format_path)


def _rows(data: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield the path of each value that is shown in a row of its own: scalars, whole lists and empty maps."""
    if isinstance(data, dict) and (data or not path):
        for key, value in data.items():
            yield from _rows(value, (*path, key))
    else:
        yield path


def _value(values: Values, path: KeyPath) -> dict[str, Any]:
    value = value_at(values.data, path)
    settings = history(values, path)
    shown = "" if (isinstance(value, dict) and value) or not settings else inline(value)
    return {
        "path": format_path(path),
        "value": shown,
        "set": [
            [inline(each["value"]) if not isinstance(each["value"], dict) else "", each["path"], each["line"]]
            for each in settings_data(settings)
        ],
    }


def _reaches(indexes: Iterable[tuple[int, Index]], path: KeyPath) -> list[list[Any]]:
    """Return the lines of each file that a value affects, by the number of the file."""
    reached = ((number, reach(each, path)) for number, each in indexes)
    return [[number, *_ranges(each)] for number, each in reached if each]


def _ranges(reached: Reach) -> Iterator[str | int]:
    """Yield the line numbers of each role as ranges, 3-5,9, and whether the value affects the whole file."""
    for numbers in (reached.holds, reached.names, reached.decides, reached.before):
        yield ",".join(
            str(start) if start == end else f"{start}-{end}" for start, end in line_ranges(numbers)
        )
    yield int(reached.whole)


def _coverage(found: Coverage) -> dict[str, Any]:
    return {
        "branches": found.branches,
        "untaken": [[branch.text, _at(branch.at)] for branch in found.untaken if branch.is_written],
        "silent": list(found.without_output),
        "lonely": [[format_path(each.path), each.env, _at(each.at)] for each in found.set_once],
    }


def _paint(text: str, color: str) -> str:
    return f"{_PAINT_BEGIN}{color}{_PAINT_MIDDLE}{text}{_PAINT_END}" if color else text


def _painted(lines: Iterable[str]) -> list[list[str | list[str]]]:
    """Return each line as parts: a text, or a colour and a text."""
    return [[_part(part) for part in _parts(line)] for text in lines for line in text.split("\n")]


def _parts(line: str) -> Iterator[str]:
    for piece in line.split(_PAINT_BEGIN):
        painted, end, plain = piece.rpartition(_PAINT_END) if _PAINT_END in piece else ("", "", piece)
        if end:
            yield painted
        if plain:
            yield plain


def _part(text: str) -> str | list[str]:
    color, middle, shown = text.partition(_PAINT_MIDDLE)
    return [color, shown.replace(_PAINT_END, "")] if middle else text.replace(_PAINT_END, "")
