"""From a place in the output to the place in the template that made it, and to the values in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from generator.blame import pieces_at
from generator.findings import Finding, Note, Span
from generator.located import KeyPath, format_path
from generator.project import OUT
from generator.trace import FileMap, Piece, Trace
from generator.tree import Artifact, Tree

_SHOWN = 3  # values named in a note


class Locator:
    """Finds the origin of places in the output of one environment."""

    def __init__(self, trace: Trace, tree: Tree) -> None:
        self._trace = trace
        self._artifacts = {f"{OUT}/{tree.env}/{artifact.path}": artifact for artifact in tree.artifacts}

    def finding(self, finding: Finding) -> Finding:
        """Return a finding at the template's line; the line of the output, and the values in it, become notes."""
        artifact = self._artifacts.get(finding.at.path) if finding.at else None
        if artifact is None or finding.at is None:
            return replace(finding, notes=tuple(self._note(note) for note in finding.notes))
        notes = [
            Note("it makes this line of the output", finding.at),
            *self._value_notes(artifact, finding.at),
            *(self._note(note) for note in finding.notes),
        ]
        return replace(finding, at=self._template_span(artifact, finding.at), notes=tuple(notes))

    def _note(self, note: Note) -> Note:
        """Return a note about another line of the output, at the line of its template."""
        artifact = self._artifacts.get(note.at.path) if note.at else None
        if artifact is None or note.at is None:
            return note
        span = self._template_span(artifact, note.at)
        return Note(f"{note.message} ({note.at.path}:{note.at.line})", span)

    def _template_span(self, artifact: Artifact, at: Span) -> Span:
        """Return the place in a template that made a place of the output; its first line, when that is not known."""
        found = self._trace.file(artifact.path)
        pieces = _pieces(found, at) if found else ()
        if not pieces or not pieces[0].place:
            return self._trace.tracer.engine.line(artifact.template, 1)
        own = self._trace.tracer.span(pieces[0].place)
        text = at.text[at.column - 1 : at.column - 1 + at.length]
        start = own.text.find(text) if text.strip() and not pieces[0].tag.values else -1
        return replace(own, column=start + 1, length=len(text)) if start >= 0 else own

    def _value_notes(self, artifact: Artifact, at: Span) -> Iterator[Note]:
        found = self._trace.file(artifact.path)
        pieces = _pieces(found, at) if found else ()
        paths = _values(pieces) or _values(pieces_at(found, at.line) if found else ())
        for path in paths[:_SHOWN]:
            if place := self._trace.values.at(path):
                yield Note(f"{format_path(path)} is set here", place)


def _pieces(found: FileMap, at: Span) -> tuple[Piece, ...]:
    """Return the pieces of a line that a place covers, those with values in them first."""
    start, end = at.column - 1, at.column - 1 + at.length
    covered = [piece for piece in pieces_at(found, at.line) if piece.start < end and start < piece.end]
    return tuple(covered) or pieces_at(found, at.line)


def _values(pieces: tuple[Piece, ...]) -> list[KeyPath]:
    return list(dict.fromkeys(path for piece in pieces for path in sorted(piece.tag.values, key=format_path)))
