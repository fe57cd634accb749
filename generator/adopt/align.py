"""Find the lines of several files that are the same line, by their place first and by their text where that fails.

Files are merged one by one into rows. Two sequences are compared as patience diff does: lines that are unique in both
are the anchors, and what is between two anchors is compared again, each time by less of what a line is. That takes
time in proportion to the number of lines, except in short stretches without any anchor. Files that differ in their
scalars alone are merged together.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass

from generator.adopt.lines import Line, Path

_MOST_COMPARED = 40_000  # pairs of lines of a stretch without an anchor

_LEAST_SAME = 0.5  # of the lines of two things with different names that may be one

Row = list[Line | None]
"""One line for each file, None where it has none."""
Pair = tuple[int, int]
Level = Callable[[Line], Hashable]

_LEVELS: tuple[Level, ...] = (
    lambda line: (line.key, line.path, line.text),
    lambda line: (line.key, tuple(line.face), line.shape),
    lambda line: (line.key, tuple(line.face), line.shape.strip()),
    lambda line: line.key if line.is_node else (line.key, line.masked.strip()),
    lambda line: (line.key[-1:], tuple(line.face), line.shape) if line.shape.strip() else None,
    lambda line: (line.masked.split()[:3] and (line.is_node, *line.masked.split()[:3])) or None,
)


_SHAPE = 1  # the level of lines that differ only in what their scalars are


def _comment(line: Line) -> Hashable:
    return None if line.is_node else (line.key, *line.text.split()[:1])


class _Keys:
    """What lines are at each level, as numbers: these are compared faster, and each line is looked at once."""

    def __init__(self, levels: Sequence[Level]) -> None:
        self.levels = levels
        self._known: list[dict[int, int | None]] = [{} for _ in levels]
        self._numbers: list[dict[Hashable, int]] = [{} for _ in levels]

    def of(self, level: int, lines: Sequence[Line]) -> list[int | None]:
        """Return a number for each line, the same for those that are equal; None for a line that is nothing."""
        known = self._known[level]
        for line in lines:
            if id(line) not in known:
                key, numbers = self.levels[level](line), self._numbers[level]
                known[id(line)] = None if key is None else numbers.setdefault(key, len(numbers))
        return [known[id(line)] for line in lines]


@dataclass(slots=True)
class _Slot:
    """A row, and the number of the first file that has a line in it."""

    cells: Row
    first: int

    @property
    def face(self) -> Line:
        """The line of the first file, which stands for all."""
        line = self.cells[self.first]
        assert line is not None
        return line


def align(files: Sequence[Sequence[Line]], *, loosely: bool = False) -> list[Row]:
    """Return rows that have the lines of each of `files` in their order. The result is the same for any order.

    `loosely` pairs comments at one place, whatever their texts are.
    """
    keys = _Keys((*_LEVELS, _comment) if loosely else _LEVELS)
    order = sorted(
        range(len(files)), key=lambda each: (-len(files[each]), [line.text for line in files[each]])
    )
    slots: list[_Slot] = []
    for numbers in _alike(files, order, keys):
        slots = _merged(slots, files, numbers, keys)
    return [slot.cells for slot in slots]


def _alike(files: Sequence[Sequence[Line]], order: Sequence[int], keys: _Keys) -> list[list[int]]:
    """Return files in groups of those whose lines have one place and shape, and pair one after the other."""
    groups: list[list[int]] = []
    known: dict[tuple[int | None, ...], list[int]] = {}
    for number in order:
        shape = tuple(keys.of(_SHAPE, files[number]))
        same = known.get(shape)
        if same and _is_parallel(keys.of(0, files[same[0]]), keys.of(0, files[number])):
            same.append(number)
        else:
            groups.append([number])
            known.setdefault(shape, groups[-1])
    return groups


def _is_parallel(left: Sequence[Hashable], right: Sequence[Hashable]) -> bool:
    """Return whether no line of a file is that of another place in the other one."""
    others = [(mine, its) for mine, its in zip(left, right, strict=True) if mine != its]
    return {mine for mine, _ in others}.isdisjoint(its for _, its in others)


def _merged(
    slots: list[_Slot], files: Sequence[Sequence[Line]], numbers: Sequence[int], keys: _Keys
) -> list[_Slot]:
    """Return the rows with those of further files, which are alike."""
    lines, first = files[numbers[0]], min(numbers)
    merged: list[_Slot] = []
    targets: list[_Slot] = []
    slot_at = line_at = 0
    pairs = _Pairs([slot.face for slot in slots], lines, keys).find()
    for slot, at in [*pairs, (len(slots), len(lines))]:
        merged += slots[slot_at:slot]
        new = [_Slot([None] * len(files), first) for _ in lines[line_at:at]]
        own = slots[slot : slot + 1]
        merged += [*new, *own]
        targets += [*new, *own]
        slot_at, line_at = slot + 1, at + 1
    for at, target in enumerate(targets):
        for number in numbers:
            target.cells[number] = files[number][at]
        target.first = min(target.first, first)
    return merged


class _Pairs:
    """Pairs the lines of two files."""

    def __init__(self, left: Sequence[Line], right: Sequence[Line], keys: _Keys) -> None:
        self._keys = keys
        self._levels: list[tuple[list[int | None], list[int | None]]] = []
        self._sizes = len(left), len(right)
        self._lines = left, right

    def _level(self, level: int) -> tuple[list[int | None], list[int | None]]:
        """Return what the lines are at a level; most files need only the first ones."""
        while len(self._levels) <= level:
            left, right = (self._keys.of(len(self._levels), lines) for lines in self._lines)
            self._levels.append((left, right))
        return self._levels[level]

    def find(self) -> list[Pair]:
        """Return the pairs, in order."""
        found: list[Pair] = []
        waiting = [(0, self._sizes[0], 0, self._sizes[1], 0)]
        while waiting:
            left, left_end, right, right_end, level = waiting.pop()
            if left == left_end or right == right_end:
                continue
            if level == len(self._keys.levels):
                found += self._compared(left, left_end, right, right_end)
                continue
            first, second = self._level(level)
            while left < left_end and right < right_end and first[left] == second[right]:
                found.append((left, right))
                left, right = left + 1, right + 1
            while left < left_end and right < right_end and first[left_end - 1] == second[right_end - 1]:
                left_end, right_end = left_end - 1, right_end - 1
                found.append((left_end, right_end))
            anchors = self._anchors(left, left_end, right, right_end, level)
            found += anchors
            before = (left - 1, right - 1)
            for pair in [*anchors, (left_end, right_end)]:
                inside = (before[0] + 1, pair[0], before[1] + 1, pair[1])
                waiting.append((*inside, level if anchors else level + 1))
                before = pair
        return self._of_same_things(sorted(found))

    def _of_same_things(self, pairs: list[Pair]) -> list[Pair]:
        """Return the pairs without those of two things: both files have one of them, or little is the same."""
        left, right = self._lines
        others: dict[tuple[Path, Path], list[Pair]] = {}
        for first, second in pairs:
            for things in _things(left[first], right[second]):
                others.setdefault(things, []).append((first, second))
        if not others:
            return pairs
        lengths = sorted({len(mine) for mine, _ in others})
        sizes = _sizes(left, lengths), _sizes(right, lengths)
        wrong: set[Pair] = set()
        for (mine, its), own in others.items():
            size = min(sizes[0][mine], sizes[1][its]) - 1  # its first line has the name
            same = sum(left[first].masked.strip() == right[second].masked.strip() for first, second in own)
            if mine in sizes[1] or its in sizes[0] or same < _LEAST_SAME * size:
                wrong.update(own)
        return [pair for pair in pairs if pair not in wrong]

    def _anchors(self, left: int, left_end: int, right: int, right_end: int, level: int) -> list[Pair]:
        """Return lines that occur once in both stretches, as many as are in one order."""
        every = self._level(level)
        first, second = every[0][left:left_end], every[1][right:right_end]
        once, counts = Counter(first), Counter(second)
        places = {key: right + at for at, key in enumerate(second) if counts[key] == 1}
        pairs = [
            (left + at, places[key])
            for at, key in enumerate(first)
            if key is not None and once[key] == 1 and key in places
        ]
        return _increasing(pairs)

    def _compared(self, left: int, left_end: int, right: int, right_end: int) -> list[Pair]:
        """Return the longest common subsequence of two stretches without anchors; nothing where they are long."""
        rows, columns = left_end - left, right_end - right
        if rows * columns > _MOST_COMPARED:
            return []
        first, second = self._level(_SHAPE)[0][left:left_end], self._level(_SHAPE)[1][right:right_end]
        lengths = [[0] * (columns + 1) for _ in range(rows + 1)]
        for i in range(rows - 1, -1, -1):
            for j in range(columns - 1, -1, -1):
                same = first[i] == second[j]
                lengths[i][j] = (
                    lengths[i + 1][j + 1] + 1 if same else max(lengths[i + 1][j], lengths[i][j + 1])
                )
        found: list[Pair] = []
        i = j = 0
        while i < rows and j < columns:
            if first[i] == second[j]:
                found.append((left + i, right + j))
                i, j = i + 1, j + 1
            elif lengths[i + 1][j] >= lengths[i][j + 1]:
                i += 1
            else:
                j += 1
        return found


def _things(left: Line, right: Line) -> Iterator[tuple[Path, Path]]:
    """Yield the things with different names that lines with keys or items are of, from the outer to the inner."""
    if left.key == right.key and left.is_node == right.is_node:
        return
    mine, its = _key(left), _key(right)
    for at, (a, b) in enumerate(zip(mine, its, strict=False), start=1):
        if a != b:
            yield mine[:at], its[:at]


def _key(line: Line) -> Path:
    """Return the key of a line with one, also of a line in a text; nothing for comments and blank lines."""
    return line.key[1:] if line.key[:1] == ("|",) else line.key if line.is_node else ()


def _sizes(lines: Sequence[Line], lengths: Sequence[int]) -> Counter[Path]:
    """Return how many lines with keys or items each thing has whose key is of one of some `lengths`."""
    return Counter(key[:size] for key in map(_key, lines) for size in lengths if size <= len(key))


def _increasing(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the longest part of `pairs`, sorted by their first number, whose second numbers increase."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for at, (_, second) in enumerate(pairs):
        length = bisect_left(ends, second)
        if length == len(ends):
            ends.append(second)
            last.append(at)
        else:
            ends[length], last[length] = second, at
        before.append(last[length - 1] if length else -1)
    found: list[Pair] = []
    at = last[-1] if last else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]
