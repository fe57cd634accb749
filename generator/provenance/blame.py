"""From output to cause: the template line, values and conditions behind a line, for reports and findings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from generator.findings import FOR, IF, SET, USED, Note, Span
from generator.provenance.trace import Segment, SourceMap, Trace
from generator.provenance.trace.tainted import Paths
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


def causes(source_map: SourceMap, at: Span, trace: Trace) -> Iterator[Note]:
    """Yield notes at the macro calls and includes around a place of a file, and at the values that cause it."""
    segments = segments_at(source_map, at.line, at.column)
    for frame in reversed(segments[0].frames if segments else ()):
        if frame.kind in ("macro", "include"):
            yield Note("used by this line", trace.tracer.line(frame), USED)
    settings = values_at(source_map, at, trace)
    for path, place in settings:
        yield Note(f"{format_path(path)} is set here", place, SET, format_path(path))
    yield from _notes(() if settings else _conditions(segments), "decides whether this is written", IF, trace)
    keys = {path for segment in segments for path in segment.tag.keys}
    yield from _notes(keys, "is the entry that it is written for", FOR, trace)


def _notes(paths: Collection[KeyPath], what: str, label: str, trace: Trace) -> Iterator[Note]:
    for path in sorted(paths, key=format_path)[:_MOST_NOTES]:
        if place := trace.values.at(path):
            yield Note(f"{format_path(path)} {what}", place, label, format_path(path))


def values_at(source_map: SourceMap, at: Span, trace: Trace) -> list[tuple[KeyPath, Span]]:
    """Return the values in a place of a file, or else those beside it in its line, with the span that sets each."""
    if not 0 < at.line <= len(source_map.lines):
        return []
    line = source_map.lines[at.line - 1]
    start, end = at.column - 1, at.column - 1 + at.length
    inside = [each for each in line if each.start < end and start < each.end]
    beside = sorted(line, key=lambda each: (each.end <= start, abs(each.start - start)))
    for segments in (inside, beside):
        paths = [path for each in segments for path in sorted(each.tag.values, key=format_path)]
        found = [(path, place) for path in dict.fromkeys(paths) if (place := trace.values.at(path))]
        if found:
            return found[:_MOST_NOTES]
    return []


def _conditions(segments: Sequence[Segment]) -> Paths:
    """Return the values of the innermost condition around the first of `segments`."""
    frames = segments[0].frames if segments else ()
    return next((each.paths for each in reversed(frames) if each.kind == "branch"), frozenset())
