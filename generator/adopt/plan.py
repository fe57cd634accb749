"""Plan how the template of a group of files writes each of its lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from generator.adopt.align import Row, align
from generator.adopt.alike import Reader
from generator.adopt.lines import Line, Path, Scalar, shape
from generator.adopt.pairs import Group
from generator.adopt.parts import Environments, Texts, differs, segments
from generator.adopt.values import PATH, Piece, Place, Table
from generator.adopt.words import Mask

_MOST_WORDS = 2  # words of a command that may become values of their own; with more it is another command

_END = re.compile(r"[ \t]*(?:[ \t](?:#|//).*)?\n?")  # of a line after its last scalar
_VERSIONED = re.compile(r"(?:(?P<gap>[ \t]+# ?)(?P<word>v?\d[\w.+-]*))?\n?")
_WORD_END = re.compile(r"[A-Za-z0-9_.-]+\Z")
_WORD_START = re.compile(r"[A-Za-z0-9_.-]+")

_DIVIDED = re.compile(r"[\w./-]+")

LinePiece = str | Place


@dataclass(slots=True)
class Alternative:
    """How the environments in `holders` have a line: its pieces, and the line in one of them."""

    holders: Environments
    pieces: list[LinePiece]
    line: Line
    is_comment: bool = False  # whether others have it in another way only in the comment at its end


@dataclass(slots=True)
class RowPlan:
    """A line of the template: one alternative for each group of environments that have it in one way."""

    cells: Row
    alternatives: list[Alternative]


@dataclass
class FilePlan:
    """The template of a group of files. `indexes` are the environments that have the file."""

    group: Group
    language: str
    indexes: tuple[int, ...]
    texts: dict[int, str]  # without the line breaks at the end that only some have
    rows: list[RowPlan] = field(default_factory=list)
    reason: str = ""  # why it is written without values
    crlf: bool = False  # whether its lines end in CRLF
    name: Place | None = None  # its path, where that differs
    template: str = ""  # the path of the template, where it differs in the name of the environment alone
    # Those whose file has fewer line breaks at its end than others, and how many these have more.
    unended: Environments = frozenset()
    ending: int = 0

    @property
    def path(self) -> str:
        """The path that names the file."""
        return self.group.path

    def places(self) -> Iterator[Place]:
        """Yield the places of values."""
        if self.name:
            yield self.name
        for row in self.rows:
            for each in row.alternatives:
                for piece in each.pieces:
                    if isinstance(piece, Place):
                        yield piece


def plan_file(
    group: Group,
    language: str,
    environments: Sequence[str],
    mask: Mask,
    *,
    loosely: bool = False,
    ends: bool = True,
) -> FilePlan:
    """Align the files of a group, `loosely` also their comments, and find the places that differ.

    With `ends`, line breaks that only some have at the end of the file make no other last line.
    """
    indexes = tuple(number for number, name in enumerate(environments) if name in group.files)
    texts = {
        number: group.files[environments[number]].data.decode("utf-8").replace("\r\n", "\n")
        for number in indexes
    }
    crlf = all(b"\r\n" in each.data for each in group.files.values())
    paths: Texts = tuple(group.paths.get(name) for name in environments)
    name = Place(group.path, PATH, paths, ("file",), is_weak=True) if differs(paths) else None
    template = _named_after_environments(paths, environments) if name else ""
    plan = FilePlan(
        group, language, indexes, texts, crlf=crlf, name=None if template else name, template=template
    )
    breaks = {number: breaks_at_end(text) for number, text in texts.items()}
    if ends and len(set(breaks.values())) == 2:
        least = min(breaks.values())
        plan.unended = frozenset(number for number, count in breaks.items() if count == least)
        plan.ending = max(breaks.values()) - least
        texts.update((number, text.rstrip("\n") + "\n" * max(least, 1)) for number, text in texts.items())
    holders: dict[str, list[int]] = {}
    for number, text in texts.items():
        holders.setdefault(text, []).append(number)
    reader = Reader(language, mask, loosely=loosely)
    files = [reader.read(group.paths[environments[numbers[0]]], text) for text, numbers in holders.items()]
    for row in align(files, loosely=loosely):
        cells: Row = [None] * len(environments)
        shared = _shared(row)
        for numbers, line in zip(holders.values(), row, strict=True):
            for number in numbers:
                cells[number] = shared or line
        plan.rows.append(RowPlan(cells, alternatives(group.path, language, cells)))
    every: dict[Environments, Environments] = {}
    for each in (each for row in plan.rows for each in row.alternatives):
        each.holders = every.setdefault(
            each.holders, each.holders
        )  # which are large where there are many files
    return plan


def breaks_at_end(text: str) -> int:
    """Return the number of line breaks at the end of a text."""
    return len(text) - len(text.rstrip("\n"))


def _named_after_environments(paths: Texts, environments: Sequence[str]) -> str:
    """Return the path with `{environment}` where the paths have the name of the environment; empty where not."""
    parts: list[str] = []
    for part in segments(paths):
        if isinstance(part, str):
            parts.append(part)
        elif all(text in (None, name) for text, name in zip(part, environments, strict=True)):
            parts.append("{environment}")
        else:
            return ""
    return "".join(parts)


def _shared(row: Row) -> Line | None:
    """Return the line that all files have, whatever its place is; None where files differ."""
    first = row[0]
    return first if first and all(line and line.text == first.text for line in row) else None


Scalars = Mapping[int, Sequence[Scalar]]
"""The scalars of a line by environment."""


def alternatives(file: str, language: str, cells: Row) -> list[Alternative]:
    """Return the ways that environments have a line: one for those that differ in scalars alone."""
    lines = {number: line for number, line in enumerate(cells) if line}
    line = next(iter(lines.values()))
    if all(each is line for each in lines.values()):
        return [Alternative(frozenset(lines), [line.text] if line.text else [], line)]
    scalars: Scalars = {number: each.scalars for number, each in lines.items()}
    classes = _classes(lines, scalars)
    if len(classes) > 1 and all(each.lists for each in lines.values()):
        lists: Scalars = {number: each.with_lists() for number, each in lines.items()}
        if len(by_list := _classes(lines, lists)) == 1:
            scalars, classes = lists, by_list
    if len(classes) > 1 and (found_version := _with_version(file, language, lines, scalars, len(cells))):
        return [found_version]
    if len(classes) > 1 and _differ_in_comments(lines):
        places = _places_of(file, language, lines, scalars, len(cells))
        return [
            Alternative(
                frozenset(each),
                _assembled(lines[each[0]], scalars[each[0]], places),
                lines[each[0]],
                is_comment=True,
            )
            for each in classes
        ]
    found: list[Alternative] = []
    for each in classes:
        own = {number: lines[number] for number in each}
        places = _places_of(file, language, own, scalars, len(cells))
        if sum(place.is_weak for place in places.values()) > _MOST_WORDS:
            found += by_text(cells, each)
        else:
            pieces = _assembled(lines[each[0]], scalars[each[0]], places)
            found.append(Alternative(frozenset(each), pieces, lines[each[0]]))
    return found


def _classes(lines: Mapping[int, Line], scalars: Scalars) -> list[list[int]]:
    """Return the environments whose lines have one shape."""
    by_shape: dict[tuple[str, int], list[int]] = {}
    for number, line in lines.items():
        own = scalars[number]
        written = line.shape if own is line.scalars else shape(line.text, own)
        by_shape.setdefault((written, len(own)), []).append(number)
    return list(by_shape.values())


def _differ_in_comments(lines: Mapping[int, Line]) -> bool:
    """Return whether lines have one shape without the comments at their ends."""
    bases = set()
    for line in lines.values():
        if not line.is_node or not line.scalars or any(each.is_weak for each in line.scalars):
            return False
        end = line.scalars[-1].outer[1]
        if not _END.fullmatch(line.text[end:]):
            return False
        bases.add((shape(line.text[:end], line.scalars), len(line.scalars)))
    return len(bases) == 1


def _with_version(
    file: str, language: str, lines: Mapping[int, Line], scalars: Scalars, count: int
) -> Alternative | None:
    """Return lines that differ in the version after a value, `@4d3c… # v7.0.1`, which some may not have."""
    if not _differ_in_comments(lines):
        return None
    ends = {
        number: _VERSIONED.fullmatch(line.text, line.scalars[-1].outer[1]) for number, line in lines.items()
    }
    gaps = {each["gap"] for each in ends.values() if each and each["gap"]}
    if not all(ends.values()) or len(gaps) != 1 or len({line.text[-1:] for line in lines.values()}) > 1:
        return None
    words = {number: (each and each["word"]) or "" for number, each in ends.items()}
    scalar = lines[min(lines)].scalars[-1]
    used = {line.text[line.scalars[-1].start :].partition("@")[0] for line in lines.values()}
    reference = used.pop() if scalar.path[-1:] == ("uses",) and len(used) == 1 else ""
    texts: Texts = tuple(words.get(number) for number in range(count))
    gap = gaps.pop()
    place = Place(file, language, texts, (*scalar.path, "version"), reference=reference)
    place.gap = "" if all(words.values()) else gap
    line = lines[min(lines)]
    pieces = _assembled(line, scalars[min(lines)], _places_of(file, language, lines, scalars, count))
    last = pieces.pop() if isinstance(pieces[-1], str) else ""
    head = str(last)[: len(str(last)) - (len(line.text) - scalar.outer[1])]
    ending = "\n" if line.text.endswith("\n") else ""
    own: list[LinePiece] = [*pieces, head + ("" if place.gap else gap), place, ending]
    return Alternative(frozenset(lines), [each for each in own if each != ""], line)


def _places_of(
    file: str, language: str, lines: Mapping[int, Line], scalars: Scalars, count: int
) -> dict[int, Place]:
    """Return the places of a line that differ, by the number of the scalar."""
    first = scalars[min(lines)]
    places: dict[int, Place] = {}
    for index, scalar in enumerate(first):
        texts: Texts = tuple(
            lines[number].text[scalars[number][index].start : scalars[number][index].end]
            if number in lines
            else None
            for number in range(count)
        )
        if differs(texts):
            places[index] = Place(
                file,
                language,
                texts,
                scalar.path,
                scalar.quote,
                scalar.is_weak,
                scalar.is_code,
                scalar.is_list,
            )
    return places


def _assembled(line: Line, scalars: Sequence[Scalar], places: Mapping[int, Place]) -> list[LinePiece]:
    """Return the pieces of a line with places in it."""
    pieces: list[LinePiece] = []
    at = 0
    for index, place in places.items():
        pieces += [line.text[at : scalars[index].start], place]
        at = scalars[index].end
    return [each for each in [*pieces, line.text[at:]] if each != ""]


def by_text(cells: Row, numbers: Sequence[int]) -> Iterator[Alternative]:
    """Yield one alternative for each text of a line."""
    by_line: dict[str, list[int]] = {}
    for number in numbers:
        line = cells[number]
        if line:
            by_line.setdefault(line.text, []).append(number)
    for text, holders in by_line.items():
        line = cells[holders[0]]
        if line:
            yield Alternative(frozenset(holders), [text] if text else [], line)


def explain_lines(plan: FilePlan, table: Table) -> None:
    """Write lines that are different texts with values that are known already, where these explain the difference."""
    for row in plan.rows:
        if len(row.alternatives) < 2:
            continue
        texts: Texts = tuple(line.text if line else None for line in row.cells)
        pieces = table.split(texts)
        if pieces is None or not any(isinstance(piece, str) for piece in pieces):
            continue
        for each in row.alternatives:
            for piece in each.pieces:
                if isinstance(piece, Place):
                    table.release(piece)
        line = next(line for line in row.cells if line)
        holders = frozenset(number for number, cell in enumerate(row.cells) if cell)
        row.alternatives = [Alternative(holders, _places(plan, texts, pieces, line.path, table), line)]


def _places(
    plan: FilePlan, texts: Texts, pieces: Sequence[Piece], path: Path, table: Table
) -> list[LinePiece]:
    found: list[LinePiece] = []
    for piece in pieces:
        if isinstance(piece, str):
            found.append(piece)
            continue
        own: Texts = tuple(
            mine if text is not None else None for mine, text in zip(piece.texts, texts, strict=True)
        )
        place = Place(plan.path, plan.language, own, path, is_weak=True)
        table.use(place, [piece])
        found.append(place)
    return found


def join(row: RowPlan, place: Place) -> bool:
    """Write a place and the word around it as one expression; return whether that is another form than before."""
    if place.is_joined or place.is_list or place.gap:
        return False
    for each in row.alternatives:
        if place not in each.pieces:
            continue
        at = each.pieces.index(place)
        before, after = each.pieces[:at], each.pieces[at + 1 :]
        inner = list(place.pieces or ())
        if before and isinstance(before[-1], str) and not isinstance(inner[0], str):
            head = _WORD_END.search(before[-1])
            if head:
                before[-1] = before[-1][: head.start()]
                inner.insert(0, head[0])
        if after and isinstance(after[0], str) and not isinstance(inner[-1], str):
            tail = _WORD_START.match(after[0])
            if tail:
                after[0] = after[0][tail.end() :]
                inner.append(tail[0])
        place.is_joined = len(inner) > 1
        place.pieces = inner
        each.pieces = [each for each in [*before, place, *after] if each != ""]
    return place.is_joined


def divide(place: Place, table: Table) -> bool:
    """Write a place as text with a value for each word in it that differs; return whether it can be written so."""
    is_whole = len(place.pieces or ()) == 1 and not (place.is_list or place.is_code or place.gap)
    found = segments(place.texts) if is_whole else []
    own = [each for each in found if not isinstance(each, str)]
    if (
        len(found) < 2
        or len(own) > _MOST_WORDS
        or not all(_DIVIDED.fullmatch(text or "x") for each in own for text in each)
    ):
        return False
    table.release(place)
    table.use(place, table.divided(place, found))
    return True


def drop_places(row: RowPlan, table: Table) -> None:
    """Write a line as whole-line alternatives."""
    numbers = [number for number, line in enumerate(row.cells) if line]
    for each in row.alternatives:
        for piece in each.pieces:
            if isinstance(piece, Place):
                table.release(piece)
    row.alternatives = list(by_text(row.cells, numbers))
