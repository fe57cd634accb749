"""Find files of one environment that differ in little: what one template may make."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from generator.adopt.pairs import Group
from generator.findings.record import record

_LEAST_LINES = 8
_MOST_LINES = 2_000
_MOST_LEADERS = 12  # files of one folder that others are compared with
_MOST_CELLS = 400_000  # lines of all files of a family
_LEAST_SHARED = 0.75  # of the lines of the longer of two files
_KEY = re.compile(r"\s*(?:- )*[\w./-]*[:=]?")  # what a line begins with
_KIND = re.compile(r'^(?:kind: *\w+|(?:resource|data) +"\w+"|module\b)', re.MULTILINE)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_JOINT = re.compile(r"[-_.]")

WORD = "{}"
"""What stands for the entry in the path of a family."""


@record
class Loop:
    """Things of one file that a loop may write: where they stand in each environment, and the line put there.

    Between two of them stands `divider`, which may also stand `before` the first one or `after` the last one. `head`
    are the lines that they stand below, `kinds` what the things of one entry are.
    """

    file: Group
    spans: Mapping[str, tuple[int, int]]
    line: str
    divider: str
    divides: Literal["before", "between", "after"]
    kinds: tuple[str, ...]
    head: str = ""
    owner: str = ""  # the name of the object or item that they are parts of


@record
class Family:
    """Files that may have one template: its path, with `WORD` for the entry, and the name of each entry."""

    path: str
    keys: tuple[str, ...]
    groups: tuple[Group, ...]
    loop: Loop | None = None


@record(eq=False)
class Sketch:
    """What a file looks like, whatever its names are."""

    lines: Counter[str]
    size: int
    kinds: tuple[str, ...]

    @classmethod
    def of(cls, text: str, kinds: Iterable[str] | None = None) -> Sketch:
        """Return the sketch of a text that has objects of these `kinds`, or of those that its lines show."""
        lines = Counter(found[0] for each in text.splitlines() if (found := _KEY.match(each)))
        return cls(lines, lines.total(), tuple(_KIND.findall(text) if kinds is None else kinds))

    def is_like(self, other: Sketch) -> bool:
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
    sketches: dict[str, Sketch] = {}
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
    members: Sequence[tuple[str, Group]], texts: Mapping[str, str], sketches: dict[str, Sketch]
) -> Iterator[list[tuple[str, Group]]]:
    """Yield the members that are alike, two or more."""
    if len(members) < 2:
        return
    leaders: list[tuple[Sketch, list[tuple[str, Group]]]] = []
    for key, group in members:
        if group.path not in sketches:
            sketches[group.path] = Sketch.of(texts[group.path])
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
    before, after = ends(keys)
    short = [key[len(before) : len(key) - len(after)] for key in keys]
    if pattern.count(WORD) == 1 and all(NAME.fullmatch(each) for each in short):
        keys, pattern = short, pattern.replace(WORD, f"{before}{WORD}{after}")
    if len(set(keys)) < len(keys) or not all(NAME.fullmatch(each) for each in keys):
        return None
    return Family(pattern, tuple(keys), tuple(group for _, group in members))


def ends(keys: Sequence[str]) -> tuple[str, str]:
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
