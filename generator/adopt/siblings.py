"""Find files of one environment that differ in little, and documents of one file: what one template may make."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from generator.adopt.pairs import Group
from generator.adopt.tree import Original
from generator.adopt.words import Mask
from generator.findings.record import record
from generator.languages.hcl import blocks
from generator.languages.kubernetes import documents as manifests

_LEAST_LINES = 8
_MOST_LINES = 2_000
_MOST_LEADERS = 12  # files of one folder that others are compared with
_MOST_CELLS = 400_000  # lines of all files of a family
_LEAST_SHARED = 0.75  # of the lines of the longer of two files
_KEY = re.compile(r"\s*(?:- )*[\w./-]*[:=]?")  # what a line begins with
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_JOINT = re.compile(r"[-_.]")

_ENTRIES = "# the entries"  # begins the line that stands where they stood
_MOST_OF_UNIT = 4  # documents that belong together, such as a Deployment and its Service
_MOST_LOOPS = 8  # in one file

WORD = "{}"
"""What stands for the entry in the path of a family."""


class Parts(Protocol):
    """The parts of a file that a loop may write: the objects of a file of manifests, the blocks of one of HCL."""

    DIVIDER: str

    def split(self, text: str) -> list[str]:
        """Return the parts, each but the first with the divider before it."""

    def kinds(self, text: str) -> list[str]:
        """Return the kind of each part of a text."""

    def kind(self, part: str) -> str:
        """Return the kind of a part, or ""."""

    def name(self, part: str) -> str:
        """Return the name of a part, or ""."""


def parts_of(path: str) -> Parts:
    """Return what splits the file at `path`."""
    return blocks if path.endswith((".tf", ".tofu", ".hcl")) else manifests


@record
class Loop:
    """Parts of one file that a loop may write: their numbers in each environment, and a line for where they stood."""

    file: Group
    spans: Mapping[str, range]
    line: str
    is_divided: bool  # whether the first of them follows a divider

    @property
    def divider(self) -> str:
        """What stands between two parts."""
        return parts_of(self.file.path).DIVIDER


@record
class Family:
    """Files that may have one template: its path, with `WORD` for the entry, and the name of each entry."""

    path: str
    keys: tuple[str, ...]
    groups: tuple[Group, ...]
    loop: Loop | None = None


@record(eq=False)
class _Sketch:
    """What a file looks like, whatever its names are."""

    lines: Counter[str]
    size: int
    kinds: tuple[str, ...]

    @classmethod
    def of(cls, text: str, path: str) -> _Sketch:
        """Return the sketch of a text of the file at `path`."""
        lines = Counter(found[0] for each in text.splitlines() if (found := _KEY.match(each)))
        return cls(lines, lines.total(), tuple(parts_of(path).kinds(text)))

    def is_like(self, other: _Sketch) -> bool:
        """Return whether most lines of two files begin in one way."""
        most = max(self.size, other.size)
        if self.kinds != other.kinds or min(self.size, other.size) < _LEAST_SHARED * most:
            return False
        return (self.lines & other.lines).total() >= _LEAST_SHARED * most


def families(groups: Sequence[Group], texts: Mapping[str, str]) -> list[Family]:
    """Return the families among `groups`, of which `texts` has a text by path. No file is in two of them."""
    places: dict[str, list[tuple[str, Group]]] = defaultdict(list)
    for group in groups:
        if group.path in texts and _LEAST_LINES <= texts[group.path].count("\n") <= _MOST_LINES:
            for pattern, key in _patterns(group.path):
                places[pattern].append((key, group))
    found: list[Family] = []
    taken: set[str] = set()
    sketches: dict[str, _Sketch] = {}
    for pattern, members in sorted(places.items(), key=lambda each: (-len(each[1]), each[0])):
        free = [(key, group) for key, group in members if group.path not in taken]
        for same in _alike(free, texts, sketches):
            family = _family(pattern, same)
            if family and sum(sketches[each.path].size for each in family.groups) <= _MOST_CELLS:
                found.append(family)
                taken |= {each.path for each in family.groups}
    return sorted(found, key=lambda family: family.path)


def _patterns(path: str) -> Iterator[tuple[str, str]]:
    """Yield the path without a folder or the name of the file, and that name."""
    parts = path.split("/")
    stem, dot, ending = parts[-1].partition(".")
    if stem and dot:
        yield "/".join([*parts[:-1], f"{WORD}.{ending}"]), stem
    for at, part in enumerate(parts[:-1]):
        others = [*parts[:at], WORD, *parts[at + 1 :]]
        if stem == part and dot:
            others[-1] = f"{WORD}.{ending}"
        yield "/".join(others), part


def _alike(
    members: Sequence[tuple[str, Group]], texts: Mapping[str, str], sketches: dict[str, _Sketch]
) -> Iterator[list[tuple[str, Group]]]:
    """Yield the members that are alike, two or more."""
    if len(members) < 2:
        return
    leaders: list[tuple[_Sketch, list[tuple[str, Group]]]] = []
    for key, group in members:
        if group.path not in sketches:
            sketches[group.path] = _Sketch.of(texts[group.path], group.path)
        own = sketches[group.path]
        same = next((each for leader, each in leaders if leader.is_like(own)), None)
        if same is not None:
            same.append((key, group))
        elif len(leaders) < _MOST_LEADERS:
            leaders.append((own, [(key, group)]))
    yield from (same for _, same in leaders if len(same) > 1)


def _family(pattern: str, members: Sequence[tuple[str, Group]]) -> Family | None:
    """Return the family of files at `pattern`; what all of their names begin or end with stays in its path."""
    keys = [key for key, _ in members]
    before, after = _ends(keys)
    short = [key[len(before) : len(key) - len(after)] for key in keys]
    if pattern.count(WORD) == 1 and all(_NAME.fullmatch(each) for each in short):
        keys, pattern = short, pattern.replace(WORD, f"{before}{WORD}{after}")
    if len(set(keys)) < len(keys) or not all(_NAME.fullmatch(each) for each in keys):
        return None
    return Family(pattern, tuple(keys), tuple(group for _, group in members))


def _ends(keys: Sequence[str]) -> tuple[str, str]:
    """Return the whole words that all keys begin and end with."""
    first, last = min(keys), max(keys)
    size = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    joints = [each.end() for each in _JOINT.finditer(first[:size])]
    before = first[: joints[-1]] if joints else ""
    turned = sorted(key[::-1] for key in keys)
    size = next(
        (at for at, (a, b) in enumerate(zip(turned[0], turned[-1], strict=False)) if a != b), len(turned[0])
    )
    joints = [each.end() for each in _JOINT.finditer(turned[0][:size])]
    return before, turned[0][: joints[-1]][::-1] if joints else ""


def documents(group: Group, texts: Mapping[str, str], mask: Mask) -> list[Family]:
    """Return the parts of a file that loops may write; `texts` has the text of each environment."""
    if any(_ENTRIES in text or not text.endswith("\n") for text in texts.values()):
        return []
    parts = parts_of(group.path)
    split = {env: parts.split(text) for env, text in texts.items()}
    longest = max(sorted(split), key=lambda env: len(split[env]))
    found: list[Family] = []
    for start, size, number in _runs([_Sketch.of(each, group.path) for each in split[longest]]):
        units = split[longest][start : start + size * number]
        names = [mask(parts.name(each)) for each in units[::size]]
        if len(set(names)) < number or not all(map(_NAME.fullmatch, names)):
            continue
        kinds = [parts.kind(each) for each in units[:size]]
        each_run = {env: _run(parts, each, names, kinds, mask) for env, each in split.items()}
        runs = {env: run for env, run in each_run.items() if run}
        first = {split[env][run.start].startswith(parts.DIVIDER) for env, run in runs.items()}
        if len(runs) == len(split) and len(first) == 1:
            line = f"{_ENTRIES} {len(found) + 1}\n"
            spans = {env: range(run.start, run.start + size * len(run.entries)) for env, run in runs.items()}
            loop = Loop(group, spans, line, is_divided=first.pop())
            entries = _entries(loop, split, runs, size, number)
            found.append(Family(f"{group.path}{line.strip()}", _short(names), entries, loop))
    return found


def _short(names: Sequence[str]) -> tuple[str, ...]:
    """Return names without what all of them begin or end with."""
    before, after = _ends(names)
    keys = tuple(name[len(before) : len(name) - len(after)] for name in names)
    return keys if all(map(_NAME.fullmatch, keys)) else tuple(names)


def _entries(
    loop: Loop, split: Mapping[str, Sequence[str]], runs: Mapping[str, _Run], size: int, number: int
) -> tuple[Group, ...]:
    """Return the text of each entry as a file."""
    files: list[dict[str, Original]] = [{} for _ in range(number)]
    for env, run in runs.items():
        for at, entry in enumerate(run.entries):
            begin = run.start + at * size
            text = "".join(split[env][begin : begin + size]).removeprefix(loop.divider)
            files[entry][env] = Original(text.encode())
    return tuple(Group({env: loop.file.paths[env] for env in each}, each) for each in files)


def without_entries(loops: Sequence[Loop]) -> Group:
    """Return the file of some loops, with the line of each loop in place of what it writes."""
    file = loops[0].file
    rest: dict[str, Original] = {}
    for env, original in file.files.items():
        split = parts_of(file.path).split(original.data.decode().replace("\r\n", "\n"))
        for loop in loops:
            for at in loop.spans[env]:
                split[at] = loop.line if at == loop.spans[env][0] else ""
        rest[env] = Original("".join(split).encode(), original.executable)
    return Group(file.paths, rest)


@record
class _Run:
    """Documents of one environment's file: the number of the first, and the entries that they are."""

    start: int
    entries: tuple[int, ...]


def _runs(sketches: Sequence[_Sketch]) -> Iterable[tuple[int, int, int]]:
    """Return runs of alike parts: the first of a run, how many make one entry, and the entries; sorted."""
    found: list[tuple[int, int, int]] = []
    waiting = [(0, len(sketches))]
    while waiting and len(found) < _MOST_LOOPS:
        begin, end = waiting.pop()
        start, size, number = _longest_run(sketches[begin:end])
        if number > 1:
            start += begin
            found.append((start, size, number))
            waiting += [(begin, start), (start + size * number, end)]
    return sorted(found)


def _longest_run(sketches: Sequence[_Sketch]) -> tuple[int, int, int]:
    """Return the first part of the longest run of alike ones, how many make one entry, and the entries."""
    best = (0, 1, 0)
    for size in range(1, _MOST_OF_UNIT + 1):
        start = 0
        while start + size <= len(sketches):
            number = 1
            if len({each.kinds for each in sketches[start : start + size]}) < size:
                start += 1  # objects of one kind are entries of their own
                continue
            while all(
                start + number * size + at < len(sketches)
                and sketches[start + at].kinds
                and sketches[start + at].is_like(sketches[start + number * size + at])
                for at in range(size)
            ):
                number += 1
            if number > 1 and number * size > best[1] * best[2]:
                best = (start, size, number)
            start += size * number if number > 1 else 1
    return best


def _run(
    parts: Parts, split: Sequence[str], names: Sequence[str], kinds: Sequence[str], mask: Mask
) -> _Run | None:
    """Return where an environment's file has entries: all of them one after the other, in one order."""
    size = len(kinds)
    every = {(kinds[0], name): number for number, name in enumerate(names)}
    own = [(parts.kind(each), mask(parts.name(each))) for each in split]
    at = [number for number, each in enumerate(own) if each in every]
    if not at or at != list(range(at[0], at[0] + len(at) * size, size)):
        return None
    entries = tuple(every[own[number]] for number in at)
    found = [[kind for kind, _ in own[number : number + size]] for number in at]
    if list(entries) != sorted(set(entries)) or any(block != list(kinds) for block in found):
        return None
    return _Run(at[0], entries)
