"""From a line of the output to the line of the template that made it, and to the values in it.

This is the one place that knows how. It compares texts: a line of a template fits a line of the output when its
literal parts do, and of several that fit, the one whose neighbours fit as well is taken. An exact map of a
render would replace `template_span` and `values_in`, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from generator.engine import Engine
from generator.findings import Finding, Note, Span
from generator.located import KeyPath, format_path, leaves
from generator.project import OUT, SUFFIX, is_partial
from generator.render import Artifact, Tree
from generator.values import Values

_CODE = re.compile(r"\{\{(?P<output>.*?)\}\}|\{%.*?%\}|\{#.*?#\}")
_PATH = re.compile(r"""\s*([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*|\[["'][^"']+["']\])*)\s*(?:\||$)""")
_PART = re.compile(r"""\.([A-Za-z_]\w*)|\[["']([^"']+)["']\]""")
_AROUND = 6  # neighbouring lines that are compared
_SHOWN = 3  # values named in a note


@dataclass(frozen=True)
class _Line:
    """A line of a template: what it fits, and how much of it is literal."""

    template: str
    number: int
    pattern: re.Pattern[str]
    outputs: tuple[str, ...]
    literal: int


class Locator:
    """Finds the origin of places in the output of one environment."""

    def __init__(self, engine: Engine, tree: Tree, values: Values) -> None:
        self._engine = engine
        self._values = values
        self._artifacts = {f"{OUT}/{tree.env}/{artifact.path}": artifact for artifact in tree.artifacts}
        self._templates: dict[str, list[_Line]] = {}

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
        line = self._line(artifact, at)
        if line is None:
            return self._engine.line(artifact.template, 1)
        text = at.text[at.column - 1 : at.column - 1 + at.length]
        own = self._engine.line(line.template, line.number)
        source = own.text
        column = source.find(text) if text.strip() and "{{" not in text else -1
        if column >= 0:
            return replace(own, column=column + 1, length=len(text))
        return own

    def values_in(self, artifact: Artifact, at: Span) -> Iterator[KeyPath]:
        """Yield the paths of the values that a line of the output was made from, as far as they can be told."""
        line = self._line(artifact, at)
        if line is None:
            return
        service = _service(artifact)
        for expression in line.outputs:
            path = _path(expression)
            if path[:1] == ("service",) and service:
                path = ("services", service, *path[1:])
            if path and _holds(self._values.data, path):
                yield path

    def _value_notes(self, artifact: Artifact, at: Span) -> Iterator[Note]:
        paths = list(dict.fromkeys(self.values_in(artifact, at)))
        text = at.text[at.column - 1 : at.column - 1 + at.length].strip("\"'")
        if not paths and len(text) > 1 and (line := self._line(artifact, at)) and line.outputs:
            found = [path for path, value in leaves(self._values.data) if str(value) == text]
            paths = found if len(found) == 1 else []
        for path in paths[:_SHOWN]:
            yield Note(f"{format_path(path)} is set here", self._values.at(path))

    def _note(self, note: Note) -> Note:
        """Return a note about another line of the output, at the line of its template."""
        artifact = self._artifacts.get(note.at.path) if note.at else None
        if artifact is None or note.at is None:
            return note
        span = self.template_span(artifact, note.at)
        return Note(f"{note.message} ({note.at.path}:{note.at.line})", span)

    def _line(self, artifact: Artifact, at: Span) -> _Line | None:
        lines = [line.strip() for line in artifact.text.split("\n")]
        if not 0 < at.line <= len(lines):
            return None
        fitting = [
            each for each in self._lines(artifact.template) if each.pattern.fullmatch(lines[at.line - 1])
        ]
        if not fitting:
            return None
        return max(fitting, key=lambda each: self._rank(each, artifact, lines, at.line - 1))

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
        parts = _CODE.split(text.strip())  # literal, output or None, literal, …
        pattern = "".join(
            re.escape(part or "") if index % 2 == 0 else ".*" for index, part in enumerate(parts)
        )
        outputs = tuple(part for part in parts[1::2] if part)
        yield _Line(name, number, re.compile(pattern), outputs, len(literal))


def _service(artifact: Artifact) -> str:
    """Return the service that a file was made for, by the path of its template."""
    pattern = re.escape(artifact.template.removesuffix(SUFFIX))
    pattern = pattern.replace(r"\{service\}", "(?P<service>[a-z0-9-]+?)", 1).replace(
        r"\{service\}", "(?P=service)"
    )
    pattern = pattern.replace(r"\{suffix\}", "[a-z0-9-]*")
    found = re.fullmatch(pattern, artifact.path)
    return (found.groupdict().get("service") or "") if found else ""


def _path(expression: str) -> KeyPath:
    found = _PATH.match(expression)
    if not found:
        return ()
    return (found[1], *(part[1] or part[2] for part in _PART.finditer(found[2])))


def _holds(data: object, path: KeyPath) -> bool:
    for part in path:
        if not isinstance(data, dict) or part not in data:
            return False
        data = data[part]
    return True
