"""From cause to output: every line that a value reaches, in it or by deciding about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from generator.provenance.trace import FileMap, Trace
from generator.values.source import KeyPath

Numbers = frozenset[int]


@dataclass(frozen=True, slots=True)
class Reach:
    """What a value does to one file. Numbers are those of lines, counted from 1.

    `holds`: its text is in them. `names`: the name of its key is in them. `decides`: it decides that they are
    there, or what else is in them. `before`: it decides that nothing is put before them (the number behind the last
    one stands for the end). `whole`: it is in the path of the file, or decides whether there is one. `text` is empty
    where the template makes no file; `certain` is false where the file may hold the value anywhere.
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
        """The lines that are named, in order."""
        return sorted(self.holds | self.names | self.decides)

    def __bool__(self) -> bool:
        return bool(self.lines or self.before or self.whole or not self.certain)


class Index:
    """The lines of one file by the values that they are made from: for whoever asks for many values."""

    def __init__(self, found: FileMap) -> None:
        self.file = found
        self._lines: dict[KeyPath, tuple[set[int], set[int], set[int]]] = {}
        for number, pieces in enumerate(found.lines, start=1):
            for piece in pieces:
                for role, paths in enumerate((piece.tag.values, piece.tag.keys, piece.decides)):
                    for path in paths:
                        self._lines.setdefault(path, (set(), set(), set()))[role].add(number)

    def lines(self, path: KeyPath) -> tuple[set[int], set[int], set[int]]:
        """Return the lines that hold a value or what is below it, hold the name of one, or are decided by one."""
        found = [roles for each, roles in self._lines.items() if each[: len(path)] == path]
        holds, names, decides = (set[int]().union(*(roles[role] for roles in found)) for role in range(3))
        return holds, names, decides


def reach(index: Index, path: KeyPath) -> Reach:
    """Return what the value at `path`, or all that is below it, does to one file."""
    found = index.file

    def is_meant(paths: Iterable[KeyPath]) -> bool:
        return any(each[: len(path)] == path for each in paths)

    if not found.certain:
        return Reach(found.path, found.template, found.text, whole=is_meant(found.decides), certain=False)
    holds, names, decides = index.lines(path)
    holes = [hole for hole in found.holes if is_meant(hole.decides)]
    decides |= {hole.line for hole in holes if hole.inline}
    before = {hole.line for hole in holes if not hole.inline}
    decides |= _blanks_at_the_ends(found, holds | decides)
    named = holds | decides
    return Reach(
        found.path,
        found.template,
        found.text,
        frozenset(holds),
        frozenset(names),
        frozenset(decides),
        frozenset(line for line in before if not {line, line - 1} & named),
        is_meant(found.decides) or (not found.text and bool(before)),
    )


def _blanks_at_the_ends(found: FileMap, named: set[int]) -> set[int]:
    """Return the blank lines that go when what is above or below them does: no file begins or ends with one."""
    lines = found.text.split("\n")[:-1]
    own = [number for number, pieces in enumerate(found.lines, start=1) if pieces and pieces[0].place]
    return {*_blanks(lines, own, named), *_blanks(lines, own[::-1], named)}


def _blanks(lines: Sequence[str], numbers: Iterable[int], named: set[int]) -> Iterator[int]:
    beyond = False
    for number in numbers:
        if number in named:
            beyond = True
        elif lines[number - 1]:
            return
        elif beyond:
            yield number


def impact(trace: Trace, path: KeyPath) -> Iterator[Reach]:
    """Yield what a value does to each file of an environment that it reaches, sorted by path."""
    for found in trace.files():
        reached = reach(Index(found), path)
        if reached and reached.certain:
            yield reached
