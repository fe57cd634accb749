"""From cause to output: every line that contains a value or that a value decides about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from generator.findings.record import record
from generator.provenance.trace import Frame, Omission, Readers, SourceMap, Trace
from generator.provenance.trace.tainted import Paths
from generator.values.layers import Values
from generator.values.source import KeyPath

Numbers = frozenset[int]


@record
class Reach:
    """The lines of one file that a value reaches, as line numbers from 1.

    `holds`: its text is in them. `names`: the name of its key is in them. `decides`: it decides whether they are
    written, or what else is in them. `before`: it decides that nothing is written before them (one more than the last
    number means the end). `whole`: it is in the path of the file, or decides whether there is one. `text` is empty
    where the template generates no file; `certain` is false where the value may be anywhere in the file.
    """

    path: str
    template: str
    text: str
    holds: Numbers = frozenset()
    names: Numbers = frozenset()
    decides: Numbers = frozenset()
    before: Numbers = frozenset()
    whole: bool = False
    certain: bool = True

    @property
    def lines(self) -> list[int]:
        """All lines with the value or its key, or that it decides about, in order."""
        return sorted(self.holds | self.names | self.decides)

    def __bool__(self) -> bool:
        return bool(self.lines or self.before or self.whole or not self.certain)


class Index:
    """The lines of one file by the values that they are made from: speeds up queries for many values."""

    def __init__(self, source_map: SourceMap) -> None:
        self.file = source_map
        self._lines: dict[KeyPath, tuple[set[int], set[int], set[int]]] = {}
        decides: dict[tuple[Paths, tuple[Frame, ...]], Paths] = {}
        for number, segments in enumerate(source_map.lines, start=1):
            for segment in segments:
                key = segment.tag.decides, segment.frames  # the union takes most of the time
                if key not in decides:
                    decides[key] = segment.decides
                for role, paths in enumerate((segment.tag.values, segment.tag.keys, decides[key])):
                    for path in paths:
                        self._lines.setdefault(path, (set(), set(), set()))[role].add(number)
        omitted = (omission.decides for omission in source_map.omissions)
        self.paths: Paths = source_map.decides.union(self._lines, *omitted)

    @cached_property
    def above(self) -> frozenset[KeyPath]:
        """The values that reach the file: its paths, and those of the maps and lists that they are in."""
        return frozenset(path[:end] for path in self.paths for end in range(len(path) + 1))

    @cached_property
    def _below(self) -> dict[KeyPath, tuple[set[int], set[int], set[int]]]:
        """The lines of every value, with those of the values in it."""
        found: dict[KeyPath, tuple[set[int], set[int], set[int]]] = {}
        for path, roles in self._lines.items():
            for end in range(len(path) + 1):
                below = found.setdefault(path[:end], (set(), set(), set()))
                for all_lines, lines in zip(below, roles, strict=True):
                    all_lines |= lines
        return found

    @cached_property
    def _omissions(self) -> dict[KeyPath, list[Omission]]:
        """The omissions that every value, or one in it, decides about."""
        found: dict[KeyPath, list[Omission]] = {}
        for omission in self.file.omissions:
            for path in {each[:end] for each in omission.decides for end in range(len(each) + 1)}:
                found.setdefault(path, []).append(omission)
        return found

    @cached_property
    def _ends(self) -> list[tuple[int, bool]]:
        """The numbers of the lines that templates have, and whether each is blank."""
        texts = self.file.text.split("\n")
        rows = enumerate(self.file.lines, start=1)
        return [(number, not texts[number - 1]) for number, row in rows if row and row[0].location]

    def lines(self, path: KeyPath) -> tuple[set[int], set[int], set[int]]:
        """Return the lines with the value at `path` or one below it, with their keys, and those they decide about."""
        holds, names, decides = self._below.get(path, (set[int](), set[int](), set[int]()))
        return set(holds), set(names), set(decides)

    def count(self, path: KeyPath) -> int:
        """Return how many lines `lines` has, without making sets for files that have none: 0.45 of a completion."""
        found = self._below.get(path)
        return len(set().union(*found)) if found else 0

    def omissions(self, path: KeyPath) -> list[Omission]:
        """Return the omissions that the value at `path`, or one below it, decides about."""
        return self._omissions.get(path, [])

    def outer_blanks(self, reached: set[int]) -> set[int]:
        """Return the blank lines next to reached lines at the ends of a file: no file begins or ends with one."""
        return {*_blanks(self._ends, reached), *_blanks(reversed(self._ends), reached)}


def reach(index: Index, path: KeyPath) -> Reach:
    """Return the lines of one file that the value at `path`, or any value below it, reaches."""
    file = index.file
    is_whole = any(each[: len(path)] == path for each in file.decides)
    if not file.certain:
        return Reach(file.path, file.template, file.text, whole=is_whole, certain=False)
    holds, names, decides = index.lines(path)
    omissions = index.omissions(path)
    decides |= {omission.line for omission in omissions if omission.inline}
    before = {omission.line for omission in omissions if not omission.inline}
    decides |= index.outer_blanks(holds | decides)
    reached = holds | decides
    return Reach(
        file.path,
        file.template,
        file.text,
        frozenset(holds),
        frozenset(names),
        frozenset(decides),
        frozenset(line for line in before if not {line, line - 1} & reached),
        is_whole or (not file.text and bool(before)),
    )


def _blanks(ends: Iterable[tuple[int, bool]], reached: set[int]) -> Iterator[int]:
    is_after_reached = False
    for number, is_blank in ends:
        if number in reached:
            is_after_reached = True
        elif not is_blank:
            return
        elif is_after_reached:
            yield number


@record
class Impact:
    """What a value reaches in an environment: in each file, sorted by path, and the files where it is unknown.

    `unknown` has the path of each such file and the reason.
    """

    values: Values
    reaches: tuple[Reach, ...]
    unknown: tuple[tuple[str, str], ...] = ()

    @property
    def env(self) -> str:
        """The name of the environment."""
        return self.values.env

    @property
    def folder(self) -> str:
        """The folder of the output, relative to the project."""
        return self.values.folder


def impact(trace: Trace, path: KeyPath) -> Impact:
    """Return what a value reaches in an environment."""
    reaches, unknown = [], []
    for name in trace.may_read(Readers(trace.tracer.uses, path)):
        source_map = trace.file(name)
        if source_map is None:
            continue
        if not source_map.certain:
            unknown.append((name, source_map.reason))
        reached = reach(Index(source_map), path)
        if reached and reached.certain:
            reaches.append(reached)
    return Impact(trace.values, tuple(reaches), tuple(unknown))
