"""Find the lines of several files that are the same line, by their place first and by their text where that fails.

Files are merged one by one into rows. Two sequences are compared as patience diff does: lines that are unique in both
are the anchors, and what is between two anchors is compared again, each time by less of what a line is. That takes
time in proportion to the number of lines, except in short stretches without any anchor.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence

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


def _comment(line: Line) -> Hashable:
    return None if line.is_node else (line.key, *line.text.split()[:1])


def align(files: Sequence[Sequence[Line]], *, loosely: bool = False) -> list[Row]:
    """Return rows that have the lines of each of `files` in their order. The result is the same for any order.

    `loosely` pairs comments at one place, whatever their texts are.
    """
    levels = (*_LEVELS, _comment) if loosely else _LEVELS
    order = sorted(
        range(len(files)), key=lambda each: (-len(files[each]), [line.text for line in files[each]])
    )
    rows: list[Row] = []
    for number in order:
        rows = _merged(rows, files[number], number, len(files), levels)
    return rows


def _row(line: Line, number: int, count: int) -> Row:
    row: Row = [None] * count
    row[number] = line
    return row


def _merged(
    rows: list[Row], lines: Sequence[Line], number: int, count: int, levels: Sequence[Level]
) -> list[Row]:
    faces = [next(line for line in row if line) for row in rows]
    merged: list[Row] = []
    row_at = line_at = 0
    for row, at in [*_Pairs(faces, lines, levels).find(), (len(rows), len(lines))]:
        merged += rows[row_at:row]
        merged += [_row(line, number, count) for line in lines[line_at:at]]
        if row < len(rows):
            rows[row][number] = lines[at]
            merged.append(rows[row])
        row_at, line_at = row + 1, at + 1
    return merged


class _Pairs:
    """Pairs the lines of two files."""

    def __init__(self, left: Sequence[Line], right: Sequence[Line], levels: Sequence[Level]) -> None:
        self._keys = [([level(each) for each in left], [level(each) for each in right]) for level in levels]
        self._sizes = len(left), len(right)
        self._lines = left, right

    def find(self) -> list[Pair]:
        """Return the pairs, in order."""
        found: list[Pair] = []
        waiting = [(0, self._sizes[0], 0, self._sizes[1], 0)]
        while waiting:
            left, left_end, right, right_end, level = waiting.pop()
            if left == left_end or right == right_end:
                continue
            if level == len(self._keys):
                found += self._compared(left, left_end, right, right_end)
                continue
            first, second = self._keys[level]
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
        sizes = _sizes(left), _sizes(right)
        wrong: set[Pair] = set()
        for (mine, its), own in others.items():
            size = min(sizes[0][mine], sizes[1][its]) - 1  # its first line has the name
            same = sum(left[first].masked.strip() == right[second].masked.strip() for first, second in own)
            if mine in sizes[1] or its in sizes[0] or same < _LEAST_SAME * size:
                wrong.update(own)
        return [pair for pair in pairs if pair not in wrong]

    def _anchors(self, left: int, left_end: int, right: int, right_end: int, level: int) -> list[Pair]:
        """Return lines that occur once in both stretches, as many as are in one order."""
        first, second = (self._keys[level][0][left:left_end], self._keys[level][1][right:right_end])
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
        first, second = self._keys[1][0][left:left_end], self._keys[1][1][right:right_end]
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
    mine, its = _key(left), _key(right)
    for at, (a, b) in enumerate(zip(mine, its, strict=False), start=1):
        if a != b:
            yield mine[:at], its[:at]


def _key(line: Line) -> Path:
    """Return the key of a line with one, also of a line in a text; nothing for comments and blank lines."""
    return line.key[1:] if line.key[:1] == ("|",) else line.key if line.is_node else ()


def _sizes(lines: Sequence[Line]) -> Counter[Path]:
    """Return how many lines with keys or items each thing has."""
    keys = map(_key, lines)
    return Counter(key[:size] for key in keys for size in range(1, len(key) + 1))


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
