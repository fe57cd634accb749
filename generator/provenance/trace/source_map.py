"""The source map of a rendered file: the template text or values that each part of each line comes from."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate, count
from typing import Any

from generator.findings.record import record
from generator.languages.site import MARK, Scalar
from generator.provenance.trace import marks
from generator.provenance.trace.recorder import EndRegion, Event, Frame, Gap, Literal, Put, Region
from generator.provenance.trace.tainted import NO_TAG, Paths, Tag
from generator.render.engine import Location
from generator.render.engine.form import Form
from generator.render.filters import Structure
from generator.render.marks import resolve_indentation
from generator.render.outputs import Draft, fill_draft
from generator.render.shape import header_offset

_TOKEN = re.compile(f"[{chr(marks.FIRST_VALUE)}-{chr(marks.FIRST_EVENT + marks.MOST)}]")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


@record
class Segment:
    """A part of a line: the columns from `start` to before `end`, counted from 0.

    `location` is the literal text or the `{{ … }}` in the template; None for oetgen's own header. `tag` has the
    values that the segment was made from, `frames` are outermost first. `value` is what a `{{ … }}` wrote, unencoded.
    """

    start: int
    end: int
    location: Location | None
    tag: Tag
    frames: tuple[Frame, ...]
    value: Any = None

    @property
    def decides(self) -> Paths:
        """The values that decide whether it is written, or that chose it."""
        return self.tag.decides.union(*(frame.paths for frame in self.frames))


@record
class Omission:
    """A point where a branch or a loop writes nothing: in the line `line`, or (not `inline`) before it."""

    line: int
    column: int
    inline: bool
    location: Location
    decides: Paths


@record
class SourceMap:
    """The source map of one file. `lines[0]` is the first line; `decides` are the values that are in the file's path.

    For a template that writes nothing there is no file: `text` is empty, and `omissions` have what decided so. Where
    the render could not be followed, `certain` is false, there are no lines, and `reason` is the explanation.
    """

    path: str
    template: str
    text: str = ""
    lines: tuple[tuple[Segment, ...], ...] = ()
    omissions: tuple[Omission, ...] = ()
    decides: Paths = frozenset()
    certain: bool = True
    reason: str = ""


@dataclass(slots=True)
class _Cursor:
    """Where the literal text at the current offset of a shape comes from."""

    location: Location | None = None
    frame: Frame | None = None
    tag: Tag = NO_TAG
    regions: list[Region] = field(default_factory=list)
    _frames: dict[tuple[Frame | None, ...], tuple[Frame, ...]] = field(default_factory=dict)

    def follow(self, event: Event) -> None:
        """Update the cursor with an event."""
        if isinstance(event, Literal):
            self.location, self.frame, self.tag = event.location, event.frame, NO_TAG
        elif isinstance(event, Region):
            self.regions.append(event)
            if event.tag is not None:
                self.location, self.frame, self.tag = event.location, event.frame, event.tag
        elif isinstance(event, EndRegion):
            self.regions.pop()
            self.location = None

    def advance(self, text: str) -> None:
        """Move the cursor past `text`; indentation that no template has may begin the next line."""
        is_written = bool(self.regions) and self.regions[-1].tag is not None
        if self.location and not is_written:
            name, line, column, _ = self.location
            self.location = None if text.endswith("\n") else (name, line, column + len(text), 0)

    def frames(self, frame: Frame | None) -> tuple[Frame, ...]:
        """Return the frames of the inserted text around a segment, and its own."""
        innermost = (*(region.frame for region in self.regions), frame)
        if innermost not in self._frames:
            every = dict.fromkeys(each for end in innermost if end for each in end.chain())
            self._frames[innermost] = tuple(every)
        return self._frames[innermost]


def build(
    draft: Draft, form: Form, traced: str, events: list[Event], puts: list[Put], decides: Paths
) -> SourceMap | str:
    """Return the source map of a file from its plain draft and its traced text, or why the two do not agree."""
    traced = _with_parts(draft, traced, puts)
    written = [puts[ord(mark) - marks.FIRST_VALUE] for mark in _TOKEN.findall(traced) if _is_value(mark)]
    shape = _TOKEN.sub(lambda token: MARK if _is_value(token[0]) else "", traced)
    own = form.applied(shape)
    head = draft.head
    at = header_offset(own, draft.format) if head else 0
    if own[:at] + head + own[at:] != draft.shape.text:
        return "an operation on rendered text cannot be followed"
    if list(map(_typed, map(_value, written))) != list(map(_typed, _values(draft))):
        return "an operation on a value cannot be followed"
    text, final = _filled(draft)
    dropped = _leading(shape) - _leading(own)

    def moved(offset: int, *, is_end: bool = False) -> int:
        """Convert an offset in the traced shape to one in the file; what ends at the header ends before it."""
        here = min(max(offset - dropped, 0), len(own))
        return final(here + (len(head) if here > at or (here == at and not is_end) else 0))

    segments, gaps = _segments(traced, events, puts, iter(draft.values))
    lines = _Lines(text)
    lines.add(final(at), final(at + len(head)), Segment(0, 0, None, NO_TAG, ()))
    for segment in segments:
        lines.add(moved(segment.start), moved(segment.end, is_end=True), segment)
    empty = [lines.omission(moved(offset), gap) for offset, gap in gaps if gap.paths]
    return SourceMap(draft.path, draft.template, text, lines.finished(), (*empty, *lines.joints()), decides)


def _leading(text: str) -> int:
    return len(text) - len(text.lstrip("\n"))


def copied(path: str, template: str, text: str, decides: Paths) -> SourceMap:
    """Return the source map of a file that is copied: each line is that of the template."""
    lines = text.split("\n")
    lines = lines[:-1] if not lines[-1] else lines
    segments = tuple(
        (Segment(0, len(line), (template, number, 1, 0), NO_TAG, ()),) for number, line in enumerate(lines, 1)
    )
    return SourceMap(path, template, text, segments, decides=decides)


def no_file(path: str, template: str, events: list[Event], decides: Paths) -> SourceMap:
    """Return the source map of a file that is not generated, with what decided so."""
    gaps = (event for event in events if isinstance(event, Gap) and event.paths)
    omissions = tuple(Omission(0, 0, False, gap.location, gap.paths) for gap in gaps)
    return SourceMap(path, template, omissions=omissions, decides=decides)


def _is_value(mark: str) -> bool:
    return ord(mark) < marks.FIRST_EVENT


def _typed(value: object) -> tuple[object, str]:
    """Return a value with the name of its type, so that 1, 1.0 and true differ."""
    kinds = {bool: "boolean", int: "integer", float: "number", str: "text"}
    return value, next((name for kind, name in kinds.items() if isinstance(value, kind)), "null")


def _with_parts(draft: Draft, traced: str, puts: list[Put]) -> str:
    """Return a traced text in which the lists and maps that are parts of the file are written out."""
    parts = draft.placed.parts if draft.placed else None
    if not parts:
        return traced
    numbers = count()

    def written(token: re.Match[str]) -> str:
        number = next(numbers) if _is_value(token[0]) else -1
        if number not in parts:
            return token[0]
        return puts[ord(token[0]) - marks.FIRST_VALUE].text.replace("\n", f"\n{parts[number]}")

    return resolve_indentation(_TOKEN.sub(written, traced), marks.bare, marks.only_marks)


def _values(draft: Draft) -> Iterator[object]:
    """Yield the values of a file; of a list or map that became text, its plain data."""
    for index, value in enumerate(draft.values):
        structure = draft.placed.texts.get(index) if draft.placed else None
        yield structure.plain() if structure else value


def _value(put: Put) -> object:
    return put.value.plain() if isinstance(put.value, Structure) else put.value


def _filled(draft: Draft) -> tuple[str, Callable[[int], int]]:
    """Return the text of the file, and a function that converts an offset in its shape to one in the text."""
    filled = fill_draft(draft)
    grown = filled.growth()
    offsets = [offset for offset, _ in grown]
    growth = [0, *accumulate(more for _, more in grown)]
    return filled.text(), lambda offset: offset + growth[bisect_left(offsets, offset)]


def _segments(
    traced: str, events: list[Event], puts: list[Put], values: Iterator[Scalar]
) -> tuple[list[Segment], list[tuple[int, Gap]]]:
    """Return the segments of a traced shape and the gaps in it; columns are offsets in the whole shape.

    `values` are what its marks stand for.
    """
    segments: list[Segment] = []
    gaps: list[tuple[int, Gap]] = []
    cursor = _Cursor()
    offset = 0
    for number, token in enumerate(re.split(f"({_TOKEN.pattern})", traced)):
        if number % 2 == 0:  # the text between two marks
            for part in _LINES.findall(token):
                location, tag, frames = cursor.location, cursor.tag, cursor.frames(cursor.frame)
                segments.append(Segment(offset, offset + len(part), location, tag, frames))
                cursor.advance(part)
                offset += len(part)
        elif _is_value(token):
            put = puts[ord(token) - marks.FIRST_VALUE]
            segments.append(
                Segment(offset, offset + 1, put.location, put.tag, cursor.frames(put.frame), next(values))
            )
            offset += 1
        else:
            event = events[marks.number(token)]
            cursor.follow(event)
            if isinstance(event, Gap):
                gaps.append((offset, event))
    return _with_indents(segments), gaps


def _with_indents(segments: list[Segment]) -> list[Segment]:
    """Give the indentation of inserted text the origin of the segment after it."""
    indented: list[Segment] = []
    for segment in reversed(segments):
        if segment.location is None and indented:
            segment = replace(indented[-1], start=segment.start, end=segment.end)
        indented.append(segment)
    return indented[::-1]


class _Lines:
    """The lines of a file, to which segments are added."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        if text.endswith("\n"):
            self._starts.pop()
        self._segments: list[list[Segment]] = [[] for _ in self._starts]
        self._breaks: list[Segment | None] = [None for _ in self._starts]

    def _line(self, offset: int) -> int:
        return max(bisect_left(self._starts, offset + 1) - 1, 0)

    def add(self, start: int, end: int, segment: Segment) -> None:
        """Add a segment of the text from `start` to before `end` to each of its lines."""
        if end < start:
            return  # a line break before the first line, which the file does not have
        last = self._line(max(end - 1, start))
        for index in range(self._line(start), last + 1):
            begin = self._starts[index]
            line_end = self._text.find("\n", begin)
            line_end = len(self._text) if line_end < 0 else line_end
            if end > line_end:
                self._breaks[index] = segment
            first, after = max(start, begin) - begin, min(end, line_end) - begin
            if first < after or begin == line_end or (segment.tag.values and start == end):
                location, tag, frames = segment.location, segment.tag, segment.frames
                self._segments[index].append(Segment(first, after, location, tag, frames, segment.value))

    def omission(self, offset: int, gap: Gap) -> Omission:
        """Return the omission for a gap at `offset` of the text."""
        if offset >= len(self._text):
            return Omission(len(self._starts) + 1, 0, False, gap.location, gap.paths)
        index = self._line(offset)
        begin = self._starts[index]
        column = offset - begin
        blank_before = not self._text[begin:offset].strip()
        at_end = gap.next_line and self._text[offset] == "\n"
        inline = not gap.own_line or not (blank_before or at_end)
        line = index + 2 if at_end and not inline else index + 1
        return Omission(line, column if inline else 0, inline, gap.location, gap.paths)

    def joints(self) -> Iterator[Omission]:
        """Yield the beginnings of lines that a value joins to the line before: it decided about the break only."""
        carried: Paths = frozenset()  # what decides text that began in an earlier line
        for index, (segments, broken) in enumerate(zip(self._segments, self._breaks, strict=True)):
            if not broken or not broken.location or not segments:
                carried = frozenset()
                continue
            first = min(segments, key=lambda segment: segment.start)
            carried = broken.decides - (first.decides - carried)
            if carried and index + 1 < len(self._starts):
                yield Omission(index + 2, 0, True, broken.location, carried)

    def finished(self) -> tuple[tuple[Segment, ...], ...]:
        """Return the segments of each line, from left to right; adjacent ones with the same origin are merged."""
        return tuple(
            tuple(_merged(sorted(line, key=lambda segment: (segment.start, segment.end))))
            for line in self._segments
        )


def _merged(segments: list[Segment]) -> Iterator[Segment]:
    before: Segment | None = None
    for segment in segments:
        if before and before.end == segment.start and _same_origin(before, segment):
            before = replace(before, end=segment.end)
            continue
        if before:
            yield before
        before = segment
    if before:
        yield before


def _same_origin(first: Segment, second: Segment) -> bool:
    """Return whether two segments have one origin: indentation before text, or parts of what one filter wrote."""

    return first.location == second.location and first.tag == second.tag and first.frames == second.frames
