"""Return the content of the page as data. Equal parts of lines are stored once, so that the page stays small."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from generator.changes import Comparison, Review
from generator.checks.suppressions import Suppression
from generator.findings import Finding, Span
from generator.findings.record import record
from generator.provenance.coverage import Coverage
from generator.provenance.impact import Index, Reach, reach
from generator.provenance.trace import Frame, Segment, SourceMap, Tag, Trace
from generator.render.engine import Location
from generator.report.blame_data import frame_data
from generator.report.changes import do_not_apply, file_text, objects_text
from generator.report.explain import explanations, lookup
from generator.report.page.highlight import Highlights
from generator.report.places import is_located, rows
from generator.report.text import line_ranges
from generator.report.values import inline, settings_data
from generator.system.costs import Bill
from generator.system.graph import KINDS, Graph
from generator.values.layers import Values, value_at
from generator.values.origins import history, removed, repetitions
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
    bill: Bill | None = None
    rules: int = 0
    """How many rules apply to it."""
    entries: Sequence[Suppression] = ()
    """Which findings are suppressed."""

    @property
    def reported(self) -> tuple[Finding, ...]:
        """Return all findings that the page shows, with the hazards."""
        hazards = self.review.hazards if self.review else ()
        return (*self.findings, *(each.finding for each in hazards))


def page_data(
    subjects: Sequence[Subject],
    comparisons: Sequence[Comparison],
    coverage: Coverage | None,
    highlights: Highlights,
    done: Callable[[], None],
) -> dict[str, Any]:
    """Return the content of the page; `done` is called after each environment."""
    environments = []
    shared = _Shared(highlights)
    for subject in subjects:
        environments.append(_environment(subject, shared))
        done()
    return {
        "version": 1,
        "environments": environments,
        "folders": subjects[0].values.folders._asdict() if subjects else {},
        "coverage": _coverage(coverage) if coverage else None,
        "comparisons": [_comparison(each) for each in comparisons],
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
    indexes = {each.path: Index(each) for each in traced}
    paths = _paths(values, indexes.values())
    review = subject.review
    return {
        "name": values.env,
        "folder": values.folder,
        "findings": [
            {**finding_data(each), "refused": review.refused(each) if review else ""}
            for each in subject.findings
        ],
        "files": files,
        "values": [_value(values, path) for path in paths],
        "rows": [format_path(path) for path in _rows(values.data)],
        "removed": [
            [format_path(path), settings[0].at.path, settings[0].at.line]
            for path, settings in removed(values)
            if settings
        ],
        "reach": _reaches([indexes[each.path] for each in generated], paths),
        "redundant": [format_path(each.path) for each in repetitions(values)],
        "hazards": [
            {
                "effect": each.hazard.effect.value,
                "awaits": each.hazard.awaits,
                "subject": each.hazard.subject,
                **finding_data(each.finding),
            }
            for each in review.hazards
        ]
        if review
        else [],
        "costs": [
            {
                "what": each.what,
                "name": each.name,
                "size": each.size,
                "billed": each.billed,
                "at": _at(_below(values.folder, each.at)),
            }
            for each in (subject.bill.costs if subject.bill else ())
        ],
        "unjudged": dict(subject.bill.unknown) if subject.bill else {},
        "parts": list(_parts_of(subject.graph, values.folder)) if subject.graph else [],
        "against": review.against if review else None,
        "stop": do_not_apply(review) if review else "",
        "changes": _painted(objects_text(review, _paint)) if review else [],
        "rules": subject.rules,
        "skipped": [
            {"code": each.code, "files": each.files, "reason": each.reason, "at": _at(each.at)}
            for each in subject.entries
            if each.action == "skip"
        ],
    }


def _below(folder: str, at: Span | None) -> Span | None:
    """Return a place in the output as a place in the project."""
    return replace(at, path=f"{folder}/{at.path}") if at else None


def _parts_of(graph: Graph, folder: str) -> Iterator[dict[str, Any]]:
    """Yield the items of the drawing as data; what each one uses, by their numbers."""
    numbers = {item.key: number for number, item in enumerate(graph.items)}
    uses = graph.uses()
    for item in graph.items:
        at = _below(folder, item.at)
        yield {
            "is": item.kind,
            "kind": KINDS[item.kind],
            "name": item.name,
            "lines": item.lines,
            "at": [at.path, at.line] if at else None,
            "uses": [numbers[used.key] for used in uses[item.key]],
        }


def _comparison(found: Comparison) -> dict[str, Any]:
    """Return the files that differ: the path in both environments, or in one, and the lines below its name."""
    files = [
        {"old": each.old_path, "new": each.path, "lines": _painted(file_text(each, found, _paint))[1:]}
        for each in found.files
    ]
    return {"old": found.old, "new": found.new, "files": files}


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


def _without_empty_end(items: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a tuple without the empty ones at its end, of which the page would have thousands."""
    end = len(items)
    while end > 1 and items[end - 1] == ():
        end -= 1
    return items[:end]


class _Table:
    """Items that are stored once, and referred to by number."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self._known: dict[Any, int] = {}

    def number(self, key: Hashable, item: Any = None) -> int:
        """Return the number of the item with this key, or of the key itself; equal keys have the same number."""
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = len(self.items)
            self.items.append(key if item is None else item)
        return known


class _Shared:
    """The tables that all environments of the page share."""

    def __init__(self, highlights: Highlights) -> None:
        self._highlights = highlights
        self.files, self.maps, self.origins, self.places, self.steps, self.paths = (
            _Table() for _ in range(6)
        )
        self.templates: list[list[str]] = []
        self._numbers: dict[str, int] = {}
        self._names: dict[frozenset[KeyPath], tuple[int, ...]] = {}
        self._places: dict[Location, int] = {}
        self._texts: dict[tuple[str, str], int] = {}

    def place(self, trace: Trace, location: Location | None) -> int | None:
        """Return the number of a position in a template, and add the text of the template to the page."""
        if location is None:
            return None
        if location not in self._places:
            at = trace.tracer.span(location)
            self._places[location] = self.places.number((self._template(trace, at.path), at.line, at.column))
        return self._places[location]

    def step(self, trace: Trace, frame: Frame) -> int:
        """Return the number of a step, without its line of text, which the template contains."""
        step = {name: value for name, value in frame_data(trace, frame).items() if name != "source"}
        step |= {"path": self._template(trace, step["path"]), "decides": self.names(frame.paths)}
        return self.steps.number(tuple(step.items()), step)

    def names(self, paths: frozenset[KeyPath]) -> tuple[int, ...]:
        """Return the numbers of value paths, in the order of their names."""
        if paths not in self._names:
            self._names[paths] = tuple(map(self.paths.number, sorted(map(format_path, paths))))
        return self._names[paths]

    def text(self, language: str, text: str) -> int:
        """Return the number of the text of a file, with its highlighting."""
        key = language, text
        if key not in self._texts:
            self._texts[key] = self.files.number(
                key, {"text": text, "marks": self._highlights.of(language, text)}
            )
        return self._texts[key]

    def _template(self, trace: Trace, path: str) -> int:
        if path not in self._numbers:
            self._numbers[path] = len(self.templates)
            name = trace.values.folders.template(path)
            self.templates.append([path, trace.tracer.engine.source(name)])
        return self._numbers[path]


class _Origins:
    """The origins of the parts of one file: those with equal places, values and steps are one."""

    def __init__(self, trace: Trace, shared: _Shared) -> None:
        self._trace, self._shared = trace, shared
        self._known: dict[tuple[Location | None, Tag, tuple[Frame, ...]], int] = {}
        self._steps: dict[Frame, int] = {}

    def number(self, segment: Segment) -> int:
        """Return the number of the origin of a part of a line."""
        key = segment.location, segment.tag, segment.frames
        if key not in self._known:
            tag, shared = segment.tag, self._shared
            names = map(shared.names, (tag.values, tag.keys, tag.decides))
            steps = tuple(map(self._step, segment.frames))
            place = shared.place(self._trace, segment.location)
            self._known[key] = shared.origins.number((place, *names, steps))
        return self._known[key]

    def _step(self, frame: Frame) -> int:
        if frame not in self._steps:
            self._steps[frame] = self._shared.step(self._trace, frame)
        return self._steps[frame]


def _file(trace: Trace, found: SourceMap, shared: _Shared) -> dict[str, Any]:
    """Return a file: its text, the parts of its lines with their origin, and the places of omitted text."""
    if not found.certain:
        return {"path": found.path, "template": found.template, "reason": found.reason}
    language = trace.tracer.engine.settings.language_of(found.path, found.text)
    origins = _Origins(trace, shared)
    lines = tuple(
        tuple(part for each in line for part in (each.start, each.end, origins.number(each)))
        for line in found.lines
    )
    absent = tuple(
        (each.line, int(each.inline), shared.place(trace, each.location), shared.names(each.decides))
        for each in sorted(found.omissions, key=lambda each: each.line)
        if each.line <= len(found.lines)
    )
    return {
        "path": found.path,
        "template": found.template,
        "is": shared.text(language, found.text),
        "made": shared.maps.number((lines, absent), {"lines": lines, "absent": absent}),
        "decides": shared.names(found.decides),
    }


def _paths(values: Values, indexes: Iterable[Index]) -> list[KeyPath]:
    """Return every value that is set or that a template reads, including maps that are read as a whole."""
    paths = {path for path, _ in leaves(values.data)} | set(_rows(values.data))
    return sorted(paths.union(*(index.paths for index in indexes)), key=format_path)


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


def _reaches(indexes: Sequence[Index], paths: Iterable[KeyPath]) -> dict[str, list[list[Any]]]:
    """Return by value the lines of each file that it affects, by the number of the file."""
    found: dict[KeyPath, list[list[Any]]] = {path: [] for path in paths}
    for number, index in enumerate(indexes):
        if index.file.certain:
            for path in index.above:
                reached = reach(index, path) if path in found else None
                if reached:
                    found[path].append([number, *_ranges(reached)])
    return {format_path(path): each for path, each in found.items() if each}


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
