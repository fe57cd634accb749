"""From output to cause: the template line, values and conditions behind a line, for reports and findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generator.findings import Note, Span
from generator.provenance.trace import Segment, SourceMap, Trace
from generator.values.source import KeyPath, format_path

_MOST_NOTES = 3  # values in the notes of a finding


def segments_at(source_map: SourceMap, line: int, column: int = 1) -> tuple[Segment, ...]:
    """Return the segment at a line and column, both counted from 1; for column 1, all segments of the line.

    Those with values come first, white space last.
    """
    if not 0 < line <= len(source_map.lines):
        return ()
    segments = source_map.lines[line - 1]
    exact = tuple(segment for segment in segments if segment.start < column <= segment.end)
    if column > 1 and exact:
        return exact
    return tuple(sorted(segments, key=lambda each: (_is_blank(source_map, line, each), not each.tag.values)))


def origin(
    trace: Trace, source_map: SourceMap, line: int
) -> tuple[Span | None, tuple[tuple[KeyPath, Span], ...]]:
    """Return the template line behind a line of a file, and the values in the line with the span that sets each.

    The span is None where it is not known, or where the line is oetgen's own.
    """
    segments = segments_at(source_map, line)
    location = segments[0].location if segments else None
    paths = dict.fromkeys(path for each in segments for path in sorted(each.tag.values, key=format_path))
    set_at = ((path, trace.values.at(path)) for path in paths)
    return trace.tracer.span(location) if location else None, tuple((path, at) for path, at in set_at if at)


def first_segment(source_map: SourceMap, line: int) -> Segment:
    """Return the first segment of a line that is not white space."""
    segments = source_map.lines[line - 1]
    return next((each for each in segments if not _is_blank(source_map, line, each)), segments[0])


def _is_blank(source_map: SourceMap, line: int, segment: Segment) -> bool:
    return not source_map.text.split("\n")[line - 1][segment.start : segment.end].strip()


def causes(segments: Sequence[Segment], trace: Trace) -> Iterator[Note]:
    """Yield notes at the macro calls and includes around the first of `segments`, and at the values in all."""
    for frame in reversed(segments[0].frames if segments else ()):
        if frame.kind in ("macro", "include"):
            yield Note("used by this line", trace.tracer.line(frame))
    paths = sorted({path for segment in segments for path in segment.tag.values}, key=format_path)
    for path in paths[:_MOST_NOTES]:
        if at := trace.values.at(path):
            yield Note(f"{format_path(path)} is set here", at)
