"""The map of a rendered file: for each part of each line, the template's text or values that made it, and how."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any

from generator.languages import encode
from generator.languages.site import MARK
from generator.provenance.trace import marks
from generator.provenance.trace.recorder import EndRegion, Event, Gap, Literal, Place, Put, Region, Step
from generator.provenance.trace.tainted import NO_TAG, Paths, Tag
from generator.render.outputs import Draft
from generator.render.shape import header, header_offset

_TOKEN = re.compile(f"[{chr(marks.FIRST_EMISSION)}-{chr(marks.FIRST_EVENT + marks.MOST)}]")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line: the columns from `start` to before `end`, counted from 0.

    `place` is what stands in the template: its text, or the `{{ … }}`; None for oetgen's own header. `tag` has the
    values that the piece was made from, `steps` the way to it, outermost first. `value` is what a `{{ … }}` put out,
    before it was encoded.
    """

    start: int
    end: int
    place: Place | None
    tag: Tag
    steps: tuple[Step, ...]
    value: Any = None

    @property
    def decides(self) -> Paths:
        """The values that decide whether it is here, or that chose it."""
        return self.tag.decides.union(*(step.paths for step in self.steps))


@dataclass(frozen=True, slots=True)
class Hole:
    """A place where a branch or a loop puts nothing: in the line `line`, or (not `inline`) before it."""

    line: int
    column: int
    inline: bool
    place: Place
    decides: Paths


@dataclass(frozen=True, slots=True)
class FileMap:
    """The map of one file. `lines[0]` is the first line; `decides` are the values that are in the file's path.

    A template that puts out nothing makes no file: `text` is empty, and `holes` say what decided so. Where the render
    could not be followed, `certain` is false, there are no lines, and `reason` says why.
    """

    path: str
    template: str
    text: str = ""
    lines: tuple[tuple[Piece, ...], ...] = ()
    holes: tuple[Hole, ...] = ()
    decides: Paths = frozenset()
    certain: bool = True
    reason: str = ""


@dataclass(slots=True)
class _Cursor:
    """Where literal text comes from, while the shape is gone through."""

    place: Place | None = None
    step: Step | None = None
    tag: Tag = NO_TAG
    regions: list[Region] = field(default_factory=list)

    def follow(self, event: Event) -> None:
        """Note what an event says of the text behind it."""
        if isinstance(event, Literal):
            self.place, self.step, self.tag = event.place, event.step, NO_TAG
        elif isinstance(event, Region):
            self.regions.append(event)
            if event.tag is not None:
                self.place, self.step, self.tag = event.place, event.step, event.tag
        elif isinstance(event, EndRegion):
            self.regions.pop()
            self.place = None

    def advance(self, text: str) -> None:
        """Note that `text` was gone through; behind its line, the layout may put spaces that no template has."""
        is_written = bool(self.regions) and self.regions[-1].tag is not None
        if self.place and not is_written:
            name, line, column, _ = self.place
            self.place = None if text.endswith("\n") else (name, line, column + len(text), 0)

    def steps(self, step: Step | None) -> tuple[Step, ...]:
        """Return the way to a piece: its own steps, and those of the text that it was put in with."""
        found: dict[Step, None] = {}
        for end in [*(region.step for region in self.regions), step]:
            found |= dict.fromkeys(end.chain() if end else [])
        return tuple(found)


def build(draft: Draft, traced: str, events: list[Event], puts: list[Put], decides: Paths) -> FileMap | str:
    """Return the map of a file from its plain draft and its traced text, or why the two do not fit."""
    put_out = [puts[ord(mark) - marks.FIRST_EMISSION] for mark in _TOKEN.findall(traced) if _is_value(mark)]
    shape = _TOKEN.sub(lambda found: MARK if _is_value(found[0]) else "", traced)
    own = shape.strip("\n") + "\n"
    at = header_offset(own)
    head = header(draft.format, draft.template)
    if own[:at] + head + own[at:] != draft.outline.shape:
        return "what it does with text that a template made cannot be followed"
    if [_typed(put.value) for put in put_out] != [_typed(each) for each in draft.values]:
        return "what it does with a value cannot be followed"
    text, final = _filled(draft)

    def moved(offset: int, *, is_end: bool = False) -> int:
        """Turn an offset in the traced shape into one in the file; what ends at the header ends before it."""
        here = min(max(offset - len(shape) + len(shape.lstrip("\n")), 0), len(own))
        return final(here + (len(head) if here > at or (here == at and not is_end) else 0))

    pieces, holes = _pieces(traced, events, puts)
    lines = _Lines(text)
    lines.add(final(at), final(at + len(head)), Piece(0, 0, None, NO_TAG, ()))
    for piece in pieces:
        lines.add(moved(piece.start), moved(piece.end, is_end=True), piece)
    found = [lines.hole(moved(offset), gap) for offset, gap in holes if gap.paths]
    return FileMap(draft.path, draft.template, text, lines.finished(), (*found, *lines.joints()), decides)


def no_file(path: str, template: str, events: list[Event], decides: Paths) -> FileMap:
    """Return the map of a file that is not made, with what decided so."""
    gaps = (event for event in events if isinstance(event, Gap) and event.paths)
    return FileMap(
        path, template, holes=tuple(Hole(0, 0, False, gap.place, gap.paths) for gap in gaps), decides=decides
    )


def _is_value(mark: str) -> bool:
    return ord(mark) < marks.FIRST_EVENT


def _typed(value: object) -> tuple[object, str]:
    """Return a value with its kind, so that 1, 1.0 and true differ."""
    kinds = {bool: "boolean", int: "integer", float: "number", str: "text"}
    return value, next((name for kind, name in kinds.items() if isinstance(value, kind)), "null")


def _filled(draft: Draft) -> tuple[str, Callable[[int], int]]:
    """Return the text of the file, and what turns an offset in its shape into one in the text."""
    written = [encode(site, value) for site, value in zip(draft.outline.sites, draft.values, strict=True)]
    first, *rest = draft.outline.texts
    text = first + "".join(value + piece for value, piece in zip(written, rest, strict=True))
    places = [found.start() for found in re.finditer(MARK, draft.outline.shape)]
    growth = [0, *accumulate(len(value) - 1 for value in written)]
    return text, lambda offset: offset + growth[bisect_left(places, offset)]


def _pieces(traced: str, events: list[Event], puts: list[Put]) -> tuple[list[Piece], list[tuple[int, Gap]]]:
    """Return the pieces of a traced shape and the gaps in it; columns are offsets in the whole shape."""
    pieces: list[Piece] = []
    gaps: list[tuple[int, Gap]] = []
    cursor = _Cursor()
    offset = 0
    for token in re.split(f"({_TOKEN.pattern})", traced):
        if not _TOKEN.fullmatch(token):
            for part in _LINES.findall(token):
                place, tag, steps = cursor.place, cursor.tag, cursor.steps(cursor.step)
                pieces.append(Piece(offset, offset + len(part), place, tag, steps))
                cursor.advance(part)
                offset += len(part)
        elif _is_value(token):
            put = puts[ord(token) - marks.FIRST_EMISSION]
            pieces.append(Piece(offset, offset + 1, put.place, put.tag, cursor.steps(put.step), put.value))
            offset += 1
        else:
            event = events[marks.number(token)]
            cursor.follow(event)
            if isinstance(event, Gap):
                gaps.append((offset, event))
    return _with_indents(pieces), gaps


def _with_indents(pieces: list[Piece]) -> list[Piece]:
    """Count the spaces that the layout put before a line as part of what stands behind them."""
    found: list[Piece] = []
    for piece in reversed(pieces):
        if piece.place is None and found:
            behind = found[-1]
            piece = replace(behind, start=piece.start, end=piece.end)
        found.append(piece)
    return found[::-1]


class _Lines:
    """The lines of a file, while their pieces are found."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))][:-1]
        self._pieces: list[list[Piece]] = [[] for _ in self._starts]
        self._breaks: list[Piece | None] = [None for _ in self._starts]

    def _line(self, offset: int) -> int:
        return max(bisect_left(self._starts, offset + 1) - 1, 0)

    def add(self, start: int, end: int, piece: Piece) -> None:
        """Add a piece that stands from `start` to before `end` of the text, in each line that it reaches into."""
        if end < start:
            return  # a line break before the first line of the file, which the file does not have
        last = self._line(max(end - 1, start))
        for index in range(self._line(start), last + 1):
            begin = self._starts[index]
            behind = self._text.index("\n", begin)
            if end > behind:
                self._breaks[index] = piece
            here = replace(piece, start=max(start, begin) - begin, end=min(end, behind) - begin)
            if here.start < here.end or begin == behind or (here.tag.values and start == end):
                self._pieces[index].append(here)

    def hole(self, offset: int, gap: Gap) -> Hole:
        """Return where a branch or a loop puts nothing."""
        if offset >= len(self._text):
            return Hole(len(self._starts) + 1, 0, False, gap.place, gap.paths)
        index = self._line(offset)
        begin = self._starts[index]
        column = offset - begin
        blank_before = not self._text[begin:offset].strip()
        at_end = gap.behind and self._text[offset] == "\n"
        inline = not gap.own_line or not (blank_before or at_end)
        line = index + 2 if at_end and not inline else index + 1
        return Hole(line, column if inline else 0, inline, gap.place, gap.paths)

    def joints(self) -> Iterator[Hole]:
        """Yield the beginnings of lines that a value joins to the line before: it decided about the break alone."""
        carried: Paths = frozenset()  # what decides text that began inside of an earlier line
        for index, (pieces, broken) in enumerate(zip(self._pieces, self._breaks, strict=True)):
            if not broken or not broken.place or not pieces:
                carried = frozenset()
                continue
            first = min(pieces, key=lambda piece: piece.start)
            carried = broken.decides - (first.decides - carried)
            if carried and index + 1 < len(self._starts):
                yield Hole(index + 2, 0, True, broken.place, carried)

    def finished(self) -> tuple[tuple[Piece, ...], ...]:
        """Return the pieces of each line, from left to right, those with one origin as one."""
        return tuple(
            tuple(_merged(sorted(line, key=lambda piece: (piece.start, piece.end)))) for line in self._pieces
        )


def _merged(pieces: list[Piece]) -> Iterator[Piece]:
    before: Piece | None = None
    for piece in pieces:
        if before and before.end == piece.start and _same_origin(before, piece):
            before = replace(before, end=piece.end)
            continue
        if before:
            yield before
        before = piece
    if before:
        yield before


def _same_origin(first: Piece, second: Piece) -> bool:
    """Say whether two pieces are one: the layout's spaces before a text, or parts of what one filter wrote."""
    return first.place == second.place and first.tag == second.tag and first.steps == second.steps
