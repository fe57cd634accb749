"""From a place in the output to the line of the template that made it, and to the values in it.

A line that holds a value is known from rendering its file again. One that is written in the template as it stands is
looked for there and in the partials; of several that are alike, the one whose neighbours fit as well is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from generator.engine import Emission, Engine
from generator.findings import Finding, Note, Span
from generator.formats.site import MARK
from generator.located import KeyPath, format_path
from generator.origin import value_paths
from generator.project import OUT, is_partial
from generator.render import Line, trace
from generator.tree import Artifact, Tree
from generator.values import Values

_CODE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}")
_AROUND = 6  # neighbouring lines that are compared
_SHOWN = 3  # values named in a note


@dataclass(frozen=True)
class _Line:
    """A line of a template: what it makes, and how much of it is literal."""

    template: str
    number: int
    pattern: re.Pattern[str]
    literal: int


class Locator:
    """Finds the origin of places in the output of one environment."""

    def __init__(self, engine: Engine, tree: Tree, values: Values) -> None:
        self._engine = engine
        self._values = values
        self._artifacts = {f"{OUT}/{tree.env}/{artifact.path}": artifact for artifact in tree.artifacts}
        self._templates: dict[str, list[_Line]] = {}
        self._traces: dict[str, list[Line]] = {}

    def finding(self, finding: Finding) -> Finding:
        """Return a finding at the template's line; the line of the output, and the values in it, become notes."""
        artifact = self._artifacts.get(finding.at.path) if finding.at else None
        if artifact is None or finding.at is None:
            return replace(finding, notes=tuple(self._note(note) for note in finding.notes))
        span = self.template_span(artifact, finding.at)
        notes = [
            Note("it makes this line of the output", finding.at),
            *self._value_notes(artifact, finding.at),
            *(self._note(note) for note in finding.notes),
        ]
        return replace(finding, at=span, notes=tuple(notes))

    def template_span(self, artifact: Artifact, at: Span) -> Span:
        """Return the place in a template that made a place of the output; of its file, when no line fits."""
        emissions = self._emissions(artifact, at)
        if len(emissions) == 1:
            return self._engine.span(emissions[0].place)
        own = self._engine.span(emissions[0].place) if emissions else self._literal(artifact, at)
        text = at.text[at.column - 1 : at.column - 1 + at.length]
        column = own.text.find(text) if text.strip() and "{{" not in text else -1
        if column >= 0:
            return replace(own, column=column + 1, length=len(text))
        indent = len(own.text) - len(own.text.lstrip())
        return replace(own, column=indent + 1, length=len(own.text.strip()))

    def values_in(self, artifact: Artifact, at: Span) -> Iterator[KeyPath]:
        """Yield the paths of the values that a place of the output was made from, as far as they can be told."""
        for emission in self._emissions(artifact, at):
            yield from value_paths(self._engine, self._values, artifact, emission)

    def _value_notes(self, artifact: Artifact, at: Span) -> Iterator[Note]:
        for path in list(dict.fromkeys(self.values_in(artifact, at)))[:_SHOWN]:
            if place := self._values.at(path):
                yield Note(f"{format_path(path)} is set here", place)

    def _emissions(self, artifact: Artifact, at: Span) -> tuple[Emission, ...]:
        """Return what puts out a place; when it is none of a line's values, what puts out the values of its line."""
        if artifact.path not in self._traces:
            self._traces[artifact.path] = trace(self._engine, self._values, artifact)
        lines = self._traces[artifact.path]
        if not 0 < at.line <= len(lines):
            return ()
        line = lines[at.line - 1]
        pattern = "(.*?)".join(re.escape(part) for part in line.shape.split(MARK))
        found = re.fullmatch(pattern, line.text)
        start, end = at.column - 1, at.column - 1 + max(at.length, 1)
        for index, emission in enumerate(line.emissions if found else (), start=1):
            first, last = found.span(index) if found else (0, 0)
            if start < last and first < end:
                return (emission,)
        return line.emissions

    def _note(self, note: Note) -> Note:
        """Return a note about another line of the output, at the line of its template."""
        artifact = self._artifacts.get(note.at.path) if note.at else None
        if artifact is None or note.at is None:
            return note
        span = self.template_span(artifact, note.at)
        return Note(f"{note.message} ({note.at.path}:{note.at.line})", span)

    def _literal(self, artifact: Artifact, at: Span) -> Span:
        """Return the line of a template that is written there as it stands in the output."""
        lines = [line.strip() for line in artifact.text.split("\n")]
        text = lines[at.line - 1] if 0 < at.line <= len(lines) else ""
        fitting = [each for each in self._lines(artifact.template) if each.pattern.fullmatch(text)]
        if not fitting:
            return self._engine.line(artifact.template, 1)
        line = max(fitting, key=lambda each: self._rank(each, artifact, lines, at.line - 1))
        return self._engine.line(line.template, line.number)

    def _rank(
        self, line: _Line, artifact: Artifact, lines: list[str], index: int
    ) -> tuple[int, int, bool, int]:
        """Rank a line that fits: by its neighbours, then by how much of it is literal."""
        own = self._templates[line.template]
        place = own.index(line)
        neighbours = 0
        for step in (1, -1):
            at = place
            for distance in range(1, _AROUND):
                output = index + step * distance
                if not 0 <= output < len(lines):
                    break
                ahead = own[at + step : at + 4 * step : step] if step > 0 else own[max(at - 3, 0) : at][::-1]
                fits = next(
                    (n for n, each in enumerate(ahead) if each.pattern.fullmatch(lines[output])), None
                )
                if fits is None:
                    break
                at += step * (fits + 1)
                neighbours += own[at].literal > 0
        return neighbours, line.literal, line.template == artifact.template, -line.number

    def _lines(self, template: str) -> list[_Line]:
        """Return the lines that may have made a file: those of its template, and of every partial."""
        names = [template, *(name for name in self._engine.names() if is_partial(name))]
        found: list[_Line] = []
        for name in names:
            if name not in self._templates:
                self._templates[name] = list(_template_lines(name, self._engine.source(name)))
            found += self._templates[name]
        return found


def _template_lines(name: str, source: str) -> Iterator[_Line]:
    for number, text in enumerate(source.split("\n"), start=1):
        literal = _CODE.sub("", text).strip()
        if not literal:
            continue
        pattern = ".*".join(re.escape(part) for part in _CODE.split(text.strip()))
        yield _Line(name, number, re.compile(pattern), len(literal))
