"""From output to cause: which template, values and conditions made a line, for people and for findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generator.findings import Note, Span
from generator.provenance.trace import FileMap, Piece, Trace
from generator.values.source import KeyPath, format_path

_MOST_NOTES = 3  # values that a finding names


def pieces_at(found: FileMap, line: int, column: int = 1) -> tuple[Piece, ...]:
    """Return the piece at a line and column of a file, both counted from 1; for column 1 all pieces of the line,
    those with values in them first, and spaces last.
    """
    if not 0 < line <= len(found.lines):
        return ()
    pieces = found.lines[line - 1]
    exact = tuple(piece for piece in pieces if piece.start < column <= piece.end)
    if column > 1 and exact:
        return exact
    text = found.text.split("\n")[line - 1]
    return tuple(
        sorted(pieces, key=lambda piece: (not text[piece.start : piece.end].strip(), not piece.tag.values))
    )


def origin(trace: Trace, found: FileMap, number: int) -> tuple[Span | None, tuple[tuple[KeyPath, Span], ...]]:
    """Return the line of a template that a line of a file comes from, and the values in it, each with what sets it.

    Nothing, where it is not known, or where the line is oetgen's own.
    """
    pieces = pieces_at(found, number)
    place = pieces[0].place if pieces else None
    paths = dict.fromkeys(path for piece in pieces for path in sorted(piece.tag.values, key=format_path))
    set_at = ((path, trace.values.at(path)) for path in paths)
    return trace.tracer.span(place) if place else None, tuple((path, at) for path, at in set_at if at)


def first_piece(found: FileMap, number: int) -> Piece:
    """Return the piece that a line begins with, after the spaces before it."""
    text = found.text.split("\n")[number - 1]
    pieces = found.lines[number - 1]
    return next((piece for piece in pieces if text[piece.start : piece.end].strip()), pieces[0])


def causes(pieces: Sequence[Piece], trace: Trace) -> Iterator[Note]:
    """Yield as notes which lines led to the first of `pieces`, and where the values in all of them are set."""
    for step in reversed(pieces[0].steps if pieces else ()):
        if step.kind in ("macro", "include"):
            yield Note("used by this line", trace.tracer.line(step))
    paths = sorted({path for piece in pieces for path in piece.tag.values}, key=format_path)
    for path in paths[:_MOST_NOTES]:
        if at := trace.values.at(path):
            yield Note(f"{format_path(path)} is set here", at)
