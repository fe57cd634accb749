"""Map places in the output to the template lines that generate them and to the values in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

from generator.findings import SEEN, Finding, Note, Span
from generator.provenance.blame import causes, segments_at, values_at
from generator.provenance.trace import Segment, Trace
from generator.render.tree import Artifact, Tree
from generator.values.layers import Values
from generator.values.source import format_path

TraceOf = Callable[[Values], Trace]


class Locator:
    """A locator for places in the output of one environment; it makes the trace on first use."""

    def __init__(self, tree: Tree, values: Values, trace_of: TraceOf) -> None:
        self._values = values
        self._trace_of = trace_of
        self._artifacts = {f"{tree.folder}/{artifact.path}": artifact for artifact in tree.artifacts}

    @cached_property
    def _trace(self) -> Trace:
        return self._trace_of(self._values)

    def remember(self) -> None:
        """Keep for the next run what was traced."""
        if "_trace" in vars(self):
            self._trace.remember()

    def finding(self, finding: Finding) -> Finding:
        """Return a finding at the template line, with the output line and the values in it as notes."""
        artifact = self._artifacts.get(finding.at.path) if finding.at else None
        if artifact is None or finding.at is None:
            return replace(finding, notes=tuple(self._note(note) for note in finding.notes))
        segments = self._segments(artifact, finding.at)
        file = self._trace.file(artifact.path)
        notes = [
            Note("generates this line", finding.at, SEEN),
            *(causes(file, finding.at, self._trace) if file else ()),
            *(self._note(note) for note in finding.notes),
        ]
        return replace(finding, at=self._span(artifact, finding.at, segments), notes=tuple(notes))

    def _segments(self, artifact: Artifact, at: Span) -> tuple[Segment, ...]:
        file = self._trace.file(artifact.path)
        return segments_at(file, at.line, at.column) if file else ()

    def _span(self, artifact: Artifact, at: Span, segments: tuple[Segment, ...]) -> Span:
        """Return the place in a template that generates a place of the output, or the start of the template."""
        place = next((segment.location for segment in segments if segment.location), None)
        if place is None:
            return Span(self._trace.template(artifact.template), 1)
        own = self._trace.tracer.span(place)
        text = at.text[at.column - 1 : at.column - 1 + at.length]
        column = own.text.find(text) if text.strip() and not segments[0].tag.values else -1
        return replace(own, column=column + 1, length=len(text)) if column >= 0 else own

    def _note(self, note: Note) -> Note:
        """Return a note about another output line, moved to its template line, with the value in it."""
        artifact = self._artifacts.get(note.at.path) if note.at else None
        if artifact is None or note.at is None:
            return note
        span = self._span(artifact, note.at, self._segments(artifact, note.at))
        file = self._trace.file(artifact.path)
        moved = replace(note, message=f"{note.message} ({note.at.path}:{note.at.line})", at=span)
        for path, place in values_at(file, note.at, self._trace)[:1] if file else ():
            return replace(moved, value=format_path(path), set_at=place)
        return moved
