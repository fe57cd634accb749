"""Make one template of files that differ in little, and an entry in a map of values for each of them.

The files of all entries and environments are planned as `plan` does those of the environments: a column for each
file, those of an entry side by side. What differs between environments alone is a value of the environment, what
differs between entries one of the entry, and a name such as `api-dev` one of each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, count
from operator import itemgetter
from typing import TypeVar

from generator.adopt import names
from generator.adopt.conditions import Decided, Need, decide
from generator.adopt.items import kinds_of
from generator.adopt.lines import Path
from generator.adopt.pairs import Group
from generator.adopt.parts import Texts, agrees, differs, present, segments
from generator.adopt.plan import (
    Alternative,
    FilePlan,
    LinePiece,
    RowPlan,
    alternatives,
    by_text,
    drop_places,
    plan_file,
)
from generator.adopt.siblings import WORD, Family, Loop
from generator.adopt.templates import Chunk, Tags, chunks, needs
from generator.adopt.tree import Original
from generator.adopt.values import (
    Cased,
    Data,
    Piece,
    Place,
    Table,
    Value,
    is_free,
    is_prose,
    local_names,
    note_options,
    text_in,
    value_in,
)
from generator.adopt.words import Mask, singular, snake
from generator.findings import OetgenError
from generator.findings.record import record

_SHORTER = 0.8  # of the lines of the files: with more, they stay apart
_LEAST_SAVED = 12
_MOST_PROSE = 4  # values of an entry that are sentences, where these are more than a quarter
_MARK = re.compile(r"\s*(?:#|//|--|;)?\s*")  # what a comment begins with
_VARIABLE = re.compile("[A-Z][A-Z0-9_]+")
_NAMELESS = frozenset(["all", "main", "manifests", "resources", "k8s", "kubernetes", "base", "index"])
_SERVICES = frozenset(["Deployment", "StatefulSet", "Service"])


Comparison = tuple[str, Callable[[], FilePlan]]
"""The path of a file, and what makes its plan, for what differs between its environments: all at once are large."""


@dataclass(eq=False)
class Entries:
    """A map of values with an entry for each of `keys`, and the templates that are rendered for each entry."""

    keys: tuple[str, ...]
    environments: tuple[str, ...]
    mask: Mask
    families: list[Family] = field(default_factory=list)
    plans: list[FilePlan] = field(default_factory=list)
    name: str = ""
    word: str = ""
    is_useful: bool = True  # whether values and templates are clearly shorter than the files
    values: list[Value] = field(default_factory=list)
    decided: Decided = field(default_factory=lambda: Decided([]))
    probes: list[tuple[Place, list[Place | None]]] = field(default_factory=list)
    _alone: dict[int, list[Piece] | None] = field(default_factory=dict)  # the pieces of a probe
    key: Value = field(init=False)
    table: Table = field(init=False)

    def __post_init__(self) -> None:
        size = len(self.environments)
        self.table = Table(self.mask, of_entries=True)
        self.key = Value(tuple(key for key in self.keys for _ in range(size)), is_part=True)
        self.table.learn(self.key)

    def add(self, family: Family, language: str) -> bool:
        """Plan the template of a family; return whether it may be shorter than its files."""
        columns = [f"{entry} {env}" for entry in range(len(self.keys)) for env in self.environments]
        paths, files = {}, {}
        for entry, group in enumerate(family.groups):
            for env in group.files:
                paths[f"{entry} {env}"] = group.paths[env]
                files[f"{entry} {env}"] = _below_head(group.files[env], family.loop)
        plan = plan_file(
            Group(paths, files), language, columns, self.mask, loosely=True, ends=not family.loop
        )
        plan.name = None
        for row in plan.rows:
            if self._has_variables(row):
                row.alternatives = list(by_text(row.cells, plan.indexes))
            elif len(row.alternatives) > 2 or all(len(set(present(own))) < 2 for own in self._texts(row)):
                _join_texts(row, plan)
        if _template_lines(chunks(plan)) + len(self.keys) > _most_lines(family):
            return False
        self.families.append(family)
        self.plans.append(plan)
        for place in plan.places():
            self.probes.append((place, [_probe(place, texts) for texts in self._by_entry(place.texts)]))
        return True

    def _has_variables(self, row: RowPlan) -> bool:
        """Return whether a line has the names of several variables that are other things than the entries."""
        return any(
            place.path[-1:] == ("name",)
            and all(_VARIABLE.fullmatch(text) for text in present(place.texts))
            and not agrees(self.key.texts, place.texts)
            for place in _places(row)
        )

    def compared(self) -> Iterator[Comparison]:
        """Yield the path of each file, and what makes a plan of it by itself."""
        for family, plan in zip(self.families, self.plans, strict=True):
            for entry, group in enumerate(family.groups) if not self.is_loop else ():
                yield group.path, partial(self._compared, group, plan, entry * len(self.environments))

    def _compared(self, group: Group, plan: FilePlan, start: int) -> FilePlan:
        """Return a plan of the file whose columns of `plan` begin at `start`."""
        numbers = range(start, start + len(self.environments))
        cells = [row.cells[start : numbers.stop] for row in plan.rows]
        rows = [RowPlan(own, alternatives(group.path, plan.language, own)) for own in cells if any(own)]
        texts = {number - start: plan.texts[number] for number in numbers if number in plan.texts}
        return FilePlan(group, plan.language, tuple(texts), texts, rows)

    def release(self, table: Table) -> None:
        """Give back the values of `table` that the files would have, each by itself."""
        for _, probes in self.probes:
            for probe in filter(None, probes):
                self._alone[id(probe)] = probe.pieces
                if probe.pieces is not None:
                    table.release(probe)

    def _known(self, place: Place, table: Table) -> list[Piece] | None:
        """Return the values of a place that other files have as well."""
        alone = self._alone.get(id(place))
        if alone and all(value.places for piece in alone if (value := value_in(piece))):
            return alone
        return table.known(place)

    def explain(self, table: Table) -> None:
        """Set the pieces of each place: the environments' values of `table`, and the entries' own for the rest."""
        composed = [(place, self._composed(place, table, probes)) for place, probes in self.probes]
        inner = [each for _, pieces in composed for each in pieces if isinstance(each, Place)]
        self.table.fill(inner)
        for place, pieces in composed:
            self._place(place, pieces)
        for plan in self.plans:
            for row in plan.rows:
                if any(place.pieces is None for place in _places(row)):
                    drop_places(row, table)

    def _composed(self, place: Place, table: Table, probes: Sequence[Place | None]) -> list[Piece | Place]:
        """Return a place as values of the environment, and places of which only the entries' texts differ."""
        texts = self._by_entry(place.texts)
        differing = [_literals(self._known(probe, table)) for probe in probes if probe]
        found = max(filter(None, differing), key=lambda each: len(each[1]), default=([""], []))
        if place.is_list or place.is_code or place.gap or None in differing:
            return [place]
        known = iter(differing)
        every = [
            next(known) if probe else _literals_of(own, *found)
            for probe, own in zip(probes, texts, strict=True)
        ]
        shapes = {tuple(map(_face, each[1])) for each in every if each}
        if len(shapes) != 1 or any(
            each is None and present(own) for each, own in zip(every, texts, strict=True)
        ):
            return [place]
        pieces: list[Piece | Place] = []
        for number in range(len(found[0])):
            own_texts = tuple(
                each[0][number] if each and text is not None else None
                for each, entry in zip(every, texts, strict=True)
                for text in entry
            )
            pieces += [_alone(place, own_texts)] if len(found[0]) == 1 else _words_alone(place, own_texts)
            if number < len(found[1]):
                pieces.append(found[1][number])
        return [each for each in pieces if each != ""]

    def _place(self, place: Place, pieces: Sequence[Piece | Place]) -> None:
        written: list[Piece] = []
        for each in pieces:
            inside = each if isinstance(each, Place) else None
            if inside and inside.pieces is None:
                for piece in written:
                    _forget(piece, place)
                place.pieces = None
                return
            for piece in each.pieces or () if isinstance(each, Place) else [each]:
                written.append(piece)
                if value := value_in(piece):
                    value.places = [own for own in value.places if own is not inside and own is not place]
                    value.places.append(place)
        place.pieces = written
        note_options(written)

    def _texts(self, row: RowPlan) -> list[Texts]:
        """Return the texts of a line by entry."""
        return self._by_entry(tuple(line.text if line else None for line in row.cells))

    def _by_entry(self, texts: Texts) -> list[Texts]:
        size = len(self.environments)
        return [texts[at : at + size] for at in range(0, len(texts), size)]

    def parts(self) -> tuple[list[tuple[FilePlan, list[Chunk]]], list[Need]]:
        """Return the parts of the templates, and what an environment decides; the entries decide the rest."""
        parts: list[tuple[FilePlan, list[Chunk]]] = []
        own: list[Need] = []
        outer: list[Need] = []
        for plan in self.plans:
            found = chunks(plan)
            for need in needs(plan, found, self.mask):
                by_environment = self._of_environment(need)
                if by_environment:
                    need.section = need.section[2:] if need.section[:1] == ("services",) else need.section
                    outer.append(need)
                    continue
                need.section, need.is_of_entry = (), True
                need.name = need.name or tuple(
                    names.as_word(part.strip("[]").rpartition("/")[2]) for part in need.place[-1:]
                )
                own.append(need)
            parts.append((plan, found))
        size = len(self.keys) * len(self.environments)
        self.key.name = ("name",)
        made, self.decided = decide(own, [self.key], self.mask, size)
        self.values = [value for value in self.table.used() if value is not self.key]
        self._name_values(made)
        self.values += made
        for value in self.values:
            value.name = (self.word, *value.name)
        self.key.name = ("name",) if self.is_loop else (self.word, "name")
        return parts, outer

    def _of_environment(self, need: Need) -> bool:
        """Return whether the environment alone decides a need, which then has the numbers of environments."""
        size = len(self.environments)
        holders = {number % size for number in need.holders}
        if need.holders != frozenset(number for number in need.among if number % size in holders):
            return False
        need.holders, need.among = frozenset(holders), frozenset(number % size for number in need.among)
        return need.holders != need.among

    def _name_values(self, made: Sequence[Value]) -> None:
        taken: set[Path] = {self.key.name, *(value.name for value in made)}
        for value in sorted(self.values, key=lambda each: (_first_place(each), str(each.texts))):
            value.name = next(name for name in local_names(value, self.mask) if is_free(name, taken))
            taken.add(value.name)

    def call(self, taken: Iterable[str]) -> None:
        """Give the map its name, and the entry its word, which no other value has."""
        taken = set(taken)
        wanted = [*_words(self.families, self.plans), "entry"]
        numbered = ((wanted[0], f"_{number}") for number in count(2))
        self.word, self.name = next(
            (word + number, _plural(word) + number)
            for word, number in chain(((word, "") for word in wanted), numbered)
            if not taken & {word + number, _plural(word) + number}
            and (word == "service" or word not in names.RESERVED)
        )

    def rename(self, name: str | Mapping[str, str], file: str) -> None:
        """Give the map another name. Raises OetgenError when it cannot be one."""
        if not isinstance(name, str) or "." in name:
            raise OetgenError(
                f"{file}: {self.name} has an entry for each file, and cannot be called {name!r}",
                "write one word",
            )
        self.name = name

    @property
    def is_loop(self) -> bool:
        """Whether the entries are parts of files, which loops write; otherwise they are files."""
        return self.families[0].loop is not None

    def has(self, entry: int) -> list[int]:
        """Return the environments that have an entry."""
        return [
            number
            for number, env in enumerate(self.environments)
            if env in self.families[0].groups[entry].files
        ]

    def data(self, value: Value, entry: int, environment: int) -> Data:
        """Return what a value of an entry is in an environment."""
        return value.data[entry * len(self.environments) + environment]

    def is_shorter(self, parts: Iterable[tuple[FilePlan, list[Chunk]]], value_lines: int) -> bool:
        """Return whether templates and values together are clearly shorter than the files."""
        after = value_lines + sum(_template_lines(found) for _, found in parts)
        before = sum(map(_lines, self.families))
        prose = sum(_is_told(value) for value in self.values)
        is_told = prose <= max(_MOST_PROSE, len(self.values) // 4)
        return is_told and after <= _SHORTER * before and before - after >= _LEAST_SAVED

    def looped(self, loop: Loop, body: str, tags: Tags) -> str:
        """Return the loop that writes the things of all entries."""
        before = loop.divider if loop.divides == "before" else ""
        after = loop.divider if loop.divides == "after" else ""
        if loop.divides == "between":
            before = tags.statement("if not loop.first") + loop.divider + tags.statement("endif")
        begin = tags.statement(f"for name, {self.word} in {self.name}.items()")
        return begin + before + body.removeprefix(loop.head) + after + tags.statement("endfor")

    def templates(self) -> Iterator[tuple[str, Family]]:
        """Yield the path of each template without its ending, and the files that it makes, or the documents."""
        for family in self.families:
            path = family.loop.file.path if family.loop else family.path.replace(WORD, f"{{{self.word}}}")
            yield path, family


def _below_head(file: Original, loop: Loop | None) -> Original:
    """Return the text of an entry below the lines that it stands below."""
    return Original(loop.head.encode() + file.data, file.executable) if loop and loop.head else file


def _lines(family: Family) -> int:
    """Return the number of lines of the templates that the files of a family would have, each by itself."""
    return sum(max(each.data.count(b"\n") for each in group.files.values()) for group in family.groups)


def _most_lines(family: Family) -> float:
    return min(_SHORTER * _lines(family), _lines(family) - _LEAST_SAVED)


def _template_lines(found: Iterable[Chunk]) -> int:
    return sum(
        sum(len(branch.lines) for branch in each.branches) + (0 if each.is_common else len(each.branches) + 1)
        for each in found
    )


def _probe(place: Place, texts: Texts) -> Place | None:
    """Return a place with the texts of one entry; None where its environments do not differ."""
    if not differs(texts):
        return None
    return Place(
        place.file,
        place.language,
        texts,
        place.path,
        place.quote,
        place.is_weak,
        place.is_code,
        place.is_list,
    )


def _alone(place: Place, texts: Texts) -> Piece | Place:
    own = set(present(texts))
    if len(own) == 1:
        return own.pop()
    return Place(place.file, place.language, texts, place.path, place.quote, place.is_weak)


def _words_alone(place: Place, texts: Texts) -> list[Piece | Place]:
    """Return a part of a text as literal text, and a place for each word that differs."""
    return [each if isinstance(each, str) else _alone(place, each) for each in segments(texts)]


Literals = tuple[list[str], list[Value | Cased]]


def _literals(pieces: Sequence[Piece] | None) -> Literals | None:
    """Return what stands between values, and the values; an empty text between two of them."""
    if pieces is None:
        return None
    texts, values = [""], list[Value | Cased]()
    for piece in pieces:
        if isinstance(piece, str):
            texts[-1] += piece
        else:
            values.append(piece)
            texts.append("")
    return texts, values


def _literals_of(texts: Texts, around: Sequence[str], values: Sequence[Value | Cased]) -> Literals | None:
    """Return what stands between values in texts of which one environment has one, or all the same."""
    parts: list[str] | None = None
    for number, text in enumerate(texts):
        if text is None:
            continue
        own = [re.escape(text_in(value, number) or "") for value in values]
        ends = [r"(.*)", *["(.*?)"] * (len(around) - 1)]
        if len(around) > 1 and not around[-1]:
            ends[-1] = "()"
        pattern = "".join(end + value for end, value in zip(ends, [*own, ""], strict=True))
        found = re.fullmatch(pattern, text, re.DOTALL)
        if not found or (parts is not None and parts != list(found.groups())):
            return None
        parts = list(found.groups())
    return (parts, list(values)) if parts is not None else None


def _face(piece: Value | Cased) -> tuple[int, str]:
    return (id(piece.value), piece.form) if isinstance(piece, Cased) else (id(piece), "")


def _forget(piece: Piece, place: Place) -> None:
    if value := value_in(piece):
        value.places = [each for each in value.places if each is not place]


def _places(row: RowPlan) -> Iterator[Place]:
    return (piece for each in row.alternatives for piece in each.pieces if isinstance(piece, Place))


def _join_texts(row: RowPlan, plan: FilePlan) -> None:
    """Write lines that all files have, each with another text, as one value."""
    lines = [row.cells[number] for number in plan.indexes]
    if len(row.alternatives) < 2 or not all(line and line.text.endswith("\n") for line in lines):
        return
    texts: Texts = tuple(line.text[:-1] if line else None for line in row.cells)
    first, *others = present(texts)
    mark = _MARK.match(first)
    head = mark[0] if mark else ""
    if not head or not all(each.startswith(head) and each[len(head) :].strip() for each in (first, *others)):
        return
    line = next(line for line in lines if line)
    inner: Texts = tuple(None if text is None else text[len(head) :] for text in texts)
    place = Place(plan.path, plan.language, inner, line.path or ("note",), is_weak=True)
    pieces: list[LinePiece] = [head, place, "\n"]
    row.alternatives = [Alternative(frozenset(plan.indexes), pieces, line)]


def _is_told(value: Value) -> bool:
    """Return whether a value is only a sentence about something."""
    return is_prose(value.texts) or any(place.path[-1:] == ("description",) for place in value.places)


def _first_place(value: Value) -> tuple[object, ...]:
    return min((each.is_weak, len(each.path), each.path, each.file) for each in value.places)


def _words(families: Sequence[Family], plans: Sequence[FilePlan]) -> Iterator[str]:
    """Yield words for an entry: the kind of the objects, the folder, what all names of files have."""
    for family, plan in zip(families, plans, strict=True):
        kinds = [as_kind(each) for each in _kinds(family, plan)]
        main = next((kind for kind in kinds if kind in names.WORKLOADS), kinds[0] if kinds else "")
        if main in _SERVICES:
            yield "service"
        if main:
            yield main.lower()
            if family.loop and family.loop.owner:
                yield f"{names.as_word(family.loop.owner)}_{main.lower()}"
    if any(plan.language == "dockerfile" for plan in plans):
        yield "service"
    for family, plan in zip(families, plans, strict=True):
        if family.loop:
            yield from _words_of_loop(family.loop)
            continue
        parts = family.path.split("/")
        at = next(number for number, part in enumerate(parts) if WORD in part)
        literal = snake(parts[at].partition(".")[0].replace(WORD, "")).strip("_")
        yield from (
            singular(each)
            for each in (literal, *(snake(part) for part in reversed(parts[:at])))
            if re.fullmatch(r"[A-Za-z]\w+", each)
        )
        if at < len(parts) - 1:  # a folder
            yield "stack" if any(plan.language == "hcl" for plan in plans) else "component"


def _kinds(family: Family, plan: FilePlan) -> Sequence[str]:
    """Return what the things of an entry are."""
    if family.loop:
        return family.loop.kinds
    return kinds_of(plan.path, next(iter(plan.texts.values())), plan.language, Mask(()))


def as_kind(kind: str) -> str:
    """Return the kind of an object, or of a resource without its provider: `security_group`."""
    type_, _, resource = kind.rpartition(" ")
    return (type_ and resource.partition("_")[2]) or resource


def _words_of_loop(loop: Loop) -> Iterator[str]:
    """Yield the words of the folder and the name of a file of which entries are parts, also with their kind."""
    *folders, name = loop.file.path.split("/")
    every = (snake(name.partition(".")[0]), *(snake(each) for each in reversed(folders)))
    words = [singular(each) for each in every if re.fullmatch(r"[a-z]\w+", each) and each not in _NAMELESS]
    yield from words
    yield from (f"{word}_{as_kind(loop.kinds[0]).lower()}" for word in words)


def _plural(word: str) -> str:
    if re.search(r"[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s"


@record
class Layered:
    """What the values files have of a map: base.yaml, its defaults for each entry, and the environments' own."""

    base: Mapping[str, object]
    each: Mapping[str, object]
    own: Mapping[str, tuple[Mapping[str, object], Mapping[str, object]]]


T = TypeVar("T")
Tree = dict[str, object]


def layered(entries: Entries) -> Layered:
    """Return an entry as base.yaml has it, and what each environment has otherwise. A null is no entry."""
    numbers = range(len(entries.environments))
    entry_numbers = range(len(entries.keys))
    in_base = [
        entry for entry in entry_numbers if entries.is_loop or 2 * len(entries.has(entry)) >= len(numbers)
    ]
    base: Tree = {entries.keys[entry]: {} for entry in in_base}
    each: Tree = {}
    own: dict[str, tuple[Tree, Tree]] = {name: ({}, {}) for name in entries.environments}
    for number, name in enumerate(entries.environments):
        for entry in entry_numbers:
            if (number in entries.has(entry)) != (entry in in_base):
                own[name][0][entries.keys[entry]] = None if entry in in_base else {}
    for value in entries.values:
        _layer(entries, value, in_base, base, each, own)
    return Layered(base, each, own)


def _layer(
    entries: Entries,
    value: Value,
    in_base: Sequence[int],
    base: Tree,
    each: Tree,
    own: Mapping[str, tuple[Tree, Tree]],
) -> None:
    """Put a value into the layers: the most common one is the default of each entry."""
    path = value.name[1:]
    data = {
        entry: {number: entries.data(value, entry, number) for number in entries.has(entry)}
        for entry in range(len(entries.keys))
    }
    stars = [
        _common([each[number] for each in data.values() if number in each]) for number in range(len(own))
    ]
    default = _most(stars)[0]
    if default is not None:
        _put(each, path, default)
    for number, (_, defaults) in enumerate(own.values()):
        if stars[number] is None:
            stars[number] = default
        elif not _same(stars[number], default):
            _put(defaults, path, stars[number])
    trees = [tree for tree, _ in own.values()]
    for entry, texts in data.items():
        usual = list(stars)
        most = _most(texts.values())[0]
        others = sum(not _same(text, most) for text in texts.values())
        if entry in in_base and 1 + others <= sum(not _same(text, stars[at]) for at, text in texts.items()):
            _put(_below(base, entries.keys[entry]), path, most)
            usual = [most] * len(stars)
        for number, text in texts.items():
            if not _same(text, usual[number]):
                _put(_below(trees[number], entries.keys[entry]), path, text)


def _common(data: Sequence[Data]) -> Data | None:
    """Return what most entries have in an environment; None where there is no such thing."""
    if not data:
        return None
    most, times = _most(data)
    return most if times > 1 and 2 * times >= len(data) else None


def _most(data: Iterable[T]) -> tuple[T, int]:
    """Return what occurs most, of several the first, and how often."""
    found: dict[object, tuple[T, int]] = {}
    for each in data:
        key = type(each), tuple(each) if isinstance(each, list) else each
        found[key] = found.get(key, (each, 0))[0], found.get(key, (each, 0))[1] + 1
    return max(found.values(), key=itemgetter(1))


def _same(first: object, second: object) -> bool:
    return type(first) is type(second) and first == second


def _below(tree: Tree, key: str) -> Tree:
    found = tree.setdefault(key, {})
    return found if isinstance(found, dict) else {}


def _put(tree: Tree, path: Path, data: Data) -> None:
    for part in path[:-1]:
        tree = _below(tree, part)
    tree[path[-1]] = data
