"""Prove for each place that oetgen writes its value back exactly, and find another form where it does not."""

from __future__ import annotations

from functools import lru_cache

from generator.adopt.plan import FilePlan, RowPlan, divide, drop_places, join
from generator.adopt.values import Cased, Data, Place, Table, Value, filter_of, text_in
from generator.findings.record import record
from generator.languages import LANGUAGES
from generator.languages.fill import Span, fill, unquoted
from generator.languages.site import MARK, Scalar, ShapeError, Site
from generator.render.shape import bare

_MOST_ROUNDS = 20


@record
class _Mark:
    """A value in a file of one environment, and what has to stand there."""

    row: RowPlan
    place: Place
    value: Scalar
    expected: str

    @property
    def at(self) -> tuple[RowPlan, Place]:
        """The place, and the line that it is on."""
        return self.row, self.place


def settle(plan: FilePlan, table: Table) -> None:
    """Drop the places whose values oetgen would write otherwise, until each file is written back."""
    wrong: list[tuple[RowPlan, Place]] = []
    for _ in range(_MOST_ROUNDS):
        wrong = [row for number in plan.indexes for row in _wrong(plan, number)]
        if plan.reason or not wrong:
            break
        failed: dict[int, tuple[RowPlan, list[Place]]] = {}
        for row, place in wrong:
            failed.setdefault(id(row), (row, []))[1].append(place)
        for row, places in failed.values():
            if not all(join(row, place) or divide(place, table) for place in dict.fromkeys(places)):
                drop_places(row, table)
    if plan.reason or wrong:
        plan.reason = plan.reason or "oetgen would write a value of it otherwise"
        for row in plan.rows:
            drop_places(row, table)


def _wrong(plan: FilePlan, number: int) -> list[tuple[RowPlan, Place]]:
    """Return the places of one environment's file that would differ; set the reason when its language refuses it."""
    text, marks = _marked(plan, number)
    try:
        sites, scalars = _sites(plan.language, text)
    except ShapeError as problem:
        own = problem if MARK not in text else _problem(plan, number)
        if own is None:
            return [mark.at for mark in marks]
        plan.reason = f"it is not valid {own.language}"
        return []
    if len(sites) != len(marks):
        return [mark.at for mark in marks]
    filled = fill(text.split(MARK), sites, [mark.value for mark in marks], scalars)
    if filled.text() == plan.texts[number]:
        return []
    wrong = {index for index, _ in filled.problems}
    wrong |= {at for at, mark in enumerate(marks) if filled.written[at] != mark.expected}
    wrong |= set(_beside(text, filled.changed))
    return [marks[index].at for index in sorted(wrong)] or [mark.at for mark in marks]


@lru_cache(maxsize=64)  # most files of a group are one text, but for their values
def _sites(language: str, text: str) -> tuple[list[Site], tuple[Span, ...]]:
    """Return the sites of the marks in a text, and those that stand together. Raises ShapeError."""
    sites = [bare(site) for site in LANGUAGES[language].sites(text)]
    return sites, unquoted(sites)


def _problem(plan: FilePlan, number: int) -> ShapeError | None:
    """Return why the language refuses an original file."""
    try:
        LANGUAGES[plan.language].sites(plan.texts[number])
    except ShapeError as problem:
        return problem
    return None


def _beside(text: str, changed: dict[int, str]) -> list[int]:
    """Return the numbers of the marks on the lines where oetgen would change other characters."""
    found: list[int] = []
    for offset in changed:
        start = text.rfind("\n", 0, offset) + 1
        end = text.find("\n", offset)
        first = text.count(MARK, 0, start)
        found += range(first, first + text.count(MARK, start, end if end >= 0 else len(text)))
    return found


def _scalar(data: Data) -> Scalar:
    return None if isinstance(data, list) else data


def _list(row: RowPlan, place: Place, value: Value, number: int) -> tuple[str, list[_Mark]]:
    """Return a list with marks, as the filter of its place writes it, and the marks."""
    data = value.data[number % len(value.data)]
    form = filter_of(place)
    items = data if isinstance(data, list) else []
    original = [each.strip() for each in (place.texts[number] or "")[1:-1].split(",")]
    texts: list[str] = []
    marks: list[_Mark] = []
    for at, item in enumerate(items):
        quoted = form != "flow" and isinstance(item, str)
        texts.append(f'"{MARK}"' if quoted else MARK)
        written = original[at] if at < len(original) else ""
        marks.append(_Mark(row, place, item, written[1:-1] if quoted else written))
    return f"[{', '.join(texts)}]", marks


def _marked(plan: FilePlan, number: int) -> tuple[str, list[_Mark]]:
    """Return the text of an environment's file with marks, and the marks."""
    texts: list[str] = []
    marks: list[_Mark] = []
    for row in plan.rows:
        for each in row.alternatives:
            for piece in each.pieces if number in each.holders else ():
                if isinstance(piece, str):
                    texts.append(piece)
                else:
                    text, found = _place(row, piece, number)
                    texts.append(text)
                    marks += found
    return "".join(texts), marks


def _place(row: RowPlan, place: Place, number: int) -> tuple[str, list[_Mark]]:
    """Return the text of a place with marks, and the marks."""
    if place.is_joined:
        text = place.text(number)
        return MARK, [_Mark(row, place, text, text)]
    texts: list[str] = [place.gap] if place.text(number) else []
    marks: list[_Mark] = []
    if place.gap and not texts:
        return "", []
    for part in place.pieces or ():
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, Value) and place.is_list:
            text, found = _list(row, place, part, number)
            texts.append(text)
            marks += found
        else:
            text = text_in(part, number) or ""
            whole = place.texts[number] if len(place.pieces or ()) == 1 else text
            value = text if isinstance(part, Cased) else _scalar(part.data[number % len(part.data)])
            texts.append(MARK)
            marks.append(_Mark(row, place, value, whole or ""))
    return "".join(texts), marks
