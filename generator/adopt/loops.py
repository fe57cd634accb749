"""Find things of one file that differ in little, which a loop may write: objects, blocks, services, jobs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Literal

from generator.adopt.items import Item, Items, items_of
from generator.adopt.lines import Path
from generator.adopt.names import NOISE
from generator.adopt.pairs import Group
from generator.adopt.siblings import NAME, Family, Loop, Sketch, ends
from generator.adopt.tree import Original
from generator.adopt.words import Mask
from generator.findings.record import record

_ENTRIES = "# the entries"  # begins the line that stands where they stood
_MOST_OF_UNIT = 4  # objects that belong together, such as a Deployment and its Service
_MOST_LOOPS = 8  # in one file
_DIVIDER = re.compile(r"(?:---\n)?\n*")


@record
class _Run:
    """Things of one environment's file, some for each entry: which entries, and where each begins and ends."""

    entries: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]

    @property
    def span(self) -> tuple[int, int]:
        """Where all of them begin and end."""
        return self.spans[0][0], self.spans[-1][1]


def loops_of(group: Group, texts: Mapping[str, str], language: str, mask: Mask) -> list[Family]:
    """Return the things of a file that loops may write; `texts` has the text of each environment."""
    texts = {env: text.replace("\r\n", "\n") for env, text in texts.items()}
    if any(_ENTRIES in text for text in texts.values()):
        return []
    longest = max(sorted(texts), key=lambda env: texts[env].count("\n"))
    found: list[Family] = []
    places: dict[str, dict[Path, Items]] = {}
    for every in items_of(group.path, texts[longest], language, mask):
        sketches = [
            Sketch.of(texts[longest][each.start : each.end], filter(None, [each.kind]))
            for each in every.items
        ]
        for start, size, number in _runs(sketches):
            for env in texts if not places else ():
                own = items_of(group.path, texts[env], language, mask)
                places[env] = {each.place: each for each in own}
            items = {
                env: each[every.place].items if every.place in each else () for env, each in places.items()
            }
            run = every.items[start : start + size * number]
            if family := _family(_Parts(group, texts, mask), run, size, items, every, found):
                found.append(family)
    return found[:_MOST_LOOPS]


@record
class _Parts:
    """A file, its text in each environment, and what removes the names of environments."""

    file: Group
    texts: Mapping[str, str]
    mask: Mask


def _family(
    parts: _Parts,
    first: Sequence[Item],
    size: int,
    items: Mapping[str, Sequence[Item]],
    every: Items,
    others: Sequence[Family],
) -> Family | None:
    """Return the family of a run of things that all environments have in one order, and that no other loop writes."""
    names = [parts.mask(each.name) for each in first[::size]]
    kinds = tuple(each.kind for each in first[:size])
    if len(set(names)) < len(names) or not all(map(NAME.fullmatch, names)):
        return None
    runs = {env: run for env, own in items.items() if (run := _run(own, names, kinds, parts.mask))}
    taken = [each.loop.spans for each in others if each.loop]
    is_whole = all(parts.texts[env].endswith("\n", *run.span) for env, run in runs.items())
    if (
        not is_whole
        or len(runs) < len(items)
        or any(_meet(run.span, each[env]) for each in taken for env, run in runs.items())
    ):
        return None
    divider, divides = _divided(parts.texts, runs)
    spans = {
        env: (run.span[0], run.span[1] + (len(divider) if divides == "after" else 0))
        for env, run in runs.items()
    }
    keys = (
        tuple(names) if kinds == ("variable",) else _short(names)
    )  # people search for whole names of variables
    line = f"{_ENTRIES} {len(others) + 1}\n"
    loop = Loop(parts.file, spans, line, divider, divides, kinds, every.head, _owner(every.place))
    files: list[dict[str, Original]] = [{} for _ in names]
    for env, run in runs.items():
        for entry, (start, end) in zip(run.entries, run.spans, strict=True):
            files[entry][env] = Original(parts.texts[env][start:end].removeprefix(divider).encode())
    groups = (Group({env: parts.file.paths[env] for env in each}, each) for each in files)
    return Family(f"{parts.file.path}{line.strip()}", keys, tuple(groups), loop)


def _owner(place: Path) -> str:
    """Return the name of the object or item whose parts stand at a place."""
    parts = (part.strip("[]").rpartition("/")[2] for part in reversed(place[:-1]) if part not in NOISE)
    return next(parts, "")


def _divided(
    texts: Mapping[str, str], runs: Mapping[str, _Run]
) -> tuple[str, Literal["before", "between", "after"]]:
    """Return what stands between the things of runs, and where it stands as well."""
    leads = {env: [_lead(texts[env], start) for start, _ in run.spans] for env, run in runs.items()}
    divider = min(chain.from_iterable(each[1:] for each in leads.values()), key=len, default="")
    if all(each[0].startswith(divider) for each in leads.values()):
        return divider, "before"
    is_bare = not any(each[0] for each in leads.values())
    if is_bare and all(texts[env].startswith(divider, run.span[1]) for env, run in runs.items()):
        return divider, "after"
    return divider, "between"


def _lead(text: str, start: int) -> str:
    found = _DIVIDER.match(text, start)
    return "---\n" if found and found[0].startswith("---") else found[0] if found else ""


def _meet(first: tuple[int, int], second: tuple[int, int]) -> bool:
    return first[0] < second[1] and second[0] < first[1]


def _short(names: Sequence[str]) -> tuple[str, ...]:
    """Return names without what all of them begin or end with."""
    before, after = ends(names)
    keys = tuple(name[len(before) : len(name) - len(after)] for name in names)
    return keys if all(map(NAME.fullmatch, keys)) else tuple(names)


def without_entries(loops: Sequence[Loop]) -> Group:
    """Return the file of some loops, with the line of each loop in place of what it writes."""
    file = loops[0].file
    rest: dict[str, Original] = {}
    for env, original in file.files.items():
        text = original.data.decode().replace("\r\n", "\n")
        for loop in sorted(loops, key=lambda each: -each.spans[env][0]):
            start, end = loop.spans[env]
            text = text[:start] + loop.line + text[end:]
        rest[env] = Original(text.encode(), original.executable)
    return Group(file.paths, rest)


def _runs(sketches: Sequence[Sketch]) -> Iterable[tuple[int, int, int]]:
    """Return runs of alike things: the first of a run, how many make one entry, and the entries; sorted."""
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


def _longest_run(sketches: Sequence[Sketch]) -> tuple[int, int, int]:
    """Return the first thing of the longest run of alike ones, how many make one entry, and the entries."""
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


def _run(items: Sequence[Item], names: Sequence[str], kinds: Sequence[str], mask: Mask) -> _Run | None:
    """Return where an environment's file has entries: all of them one after the other, in one order."""
    size = len(kinds)
    every = {(kinds[0], name): number for number, name in enumerate(names)}
    own = [(each.kind, mask(each.name)) for each in items]
    at = [number for number, each in enumerate(own) if each in every]
    if not at or at != list(range(at[0], at[0] + len(at) * size, size)):
        return None
    entries = tuple(every[own[number]] for number in at)
    found = [[kind for kind, _ in own[number : number + size]] for number in at]
    if list(entries) != sorted(set(entries)) or any(block != list(kinds) for block in found):
        return None
    return _Run(entries, tuple((items[number].start, items[number + size - 1].end) for number in at))
