"""Name what only some environments have: an existing value that decides it, or a boolean with a speaking name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import count

from generator.adopt import names
from generator.adopt.lines import Path
from generator.adopt.parts import Environments
from generator.adopt.values import Value, is_free
from generator.adopt.words import USUAL, Mask, snake
from generator.languages.site import Scalar

_PLAIN = frozenset(
    "enabled name value values the and for with from this that end type kind spec data file line of in on a is app "
    "main deployment service config configmap k8s kubernetes kustomization resource resources module terraform "
    "manifest deploy infra scripts base overlay environments yaml yml json src test tests key keys path default "
    "version aws azure azurerm google gcp var id ids arn description cluster clusters num number".split()
)

_SINGULAR = frozenset(each.rstrip("s") for each in _PLAIN)

# Keys whose value decides what else there is.
_CHOICES = frozenset(
    "type kind mode engine driver provider strategy backend runs_in enabled service_type".split()
)
_MOST_TRIED = 5  # blocks that a condition may be named after
_SMALL = 200  # characters of a block that is hardly about anything by itself


@dataclass(eq=False)
class Need:
    """A block that the environments in `holders` have, of those in `among`: what it is about, and how long it is."""

    holders: Environments
    among: Environments
    section: Path
    name: Path
    file: str
    words: frozenset[str]
    size: int
    is_weak: bool = False  # a comment, which no condition is named after
    is_file: bool = False
    is_prose: bool = False  # in a document, which describes what other files have
    place: Path = ()  # in the file's own words
    is_of_entry: bool = False  # whether an entry of a map decides it
    is_end: bool = False  # the line break at the end of a file
    defines: frozenset[str] = frozenset()  # names of blocks and files that it has
    mentions: frozenset[str] = frozenset()  # names of blocks and files that its text has
    folder: str = ""  # of a file: the largest folder whose files all stand in the same environments
    expression: str = ""
    value: Value | None = None  # that decides it
    data: Scalar = True  # of the value where the block stands


@dataclass(eq=False)
class Condition:
    """A boolean value: true in `true`, false in `false`, undecided elsewhere."""

    value: Value
    true: Environments
    false: Environments
    words: frozenset[str]
    names: frozenset[str]
    needs: list[Need] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    defines: set[str] = field(default_factory=set)
    mentions: set[str] = field(default_factory=set)
    is_weak: bool = False  # for comments alone
    is_end: bool = False  # for line breaks at the end of files
    bits: tuple[int, int] = (0, 0)  # `true` and `false` as the bits of numbers

    def fits(self, holders: int, rest: int) -> bool:
        """Return whether a block may stand where it is true, or where it is false, and both are known.

        The environments are bits: most of the time is that of asking each condition about each block.
        """
        true, false = self.bits
        is_decided = not (holders & false or rest & true) or not (holders & true or rest & false)
        return is_decided and bool(holders & (true | false)) and bool(rest & (true | false))

    def polarity(self, need: Need) -> bool | None:
        """Return whether a block stands where it is true, or False where it is false; None when neither fits."""
        rest = need.among - need.holders
        if not (need.holders & self.false or rest & self.true):
            return True
        if not (need.holders & self.true or rest & self.false):
            return False
        return None


def words_of(*texts: str) -> frozenset[str]:
    """Return the words of names, each without a plural's `s`."""
    found: set[str] = set()
    for text in texts:
        found.update(snake(text).lower().split("_"))
    return frozenset(each.rstrip("s") for each in found - USUAL if len(each) > 2) - _SINGULAR


@dataclass
class Decided:
    """Needs with the values that decide them."""

    needs: list[Need]

    def express(self) -> None:
        """Set the expression of each need, when the values have their final names."""
        for need in self.needs:
            name = reference(need.value.name) if need.value else ""
            if isinstance(need.data, bool):
                need.expression = name if need.data else f"not {name}"
            else:
                need.expression = f"{name} == {json.dumps(need.data)}"


def decide(
    needs: Sequence[Need], values: Sequence[Value], mask: Mask, count: int, maps: Sequence[str] = ()
) -> tuple[list[Value], Decided]:
    """Find the value that decides each need; return the values that were made for it, none in one of `maps`."""
    conditions: list[Condition] = []
    for need in sorted(
        needs,
        key=lambda each: (each.is_end, each.is_weak, not each.is_file, -each.size, each.file, each.name),
    ):
        if not need.is_end and _existing(need, values):
            continue
        found = _known(need, conditions)
        if found is None:
            value = Value(tuple([None] * count))
            found = Condition(
                value,
                frozenset(),
                frozenset(),
                _words(need),
                _names(need),
                is_weak=need.is_weak,
                is_end=need.is_end,
            )
            conditions.append(found)
        _apply(need, found)
    taken = {*(value.name for value in values), *((name,) for name in maps)}
    for each in conditions:
        each.value.name = _named(each, taken, mask, set(maps))
        each.value.data = tuple(number in each.true for number in range(count))
        each.value.about = _about(each)
        taken.add(each.value.name)
        for need in each.needs:
            need.value, need.data = each.value, need.holders <= each.true
    return [each.value for each in conditions], Decided(list(needs))


def _apply(need: Need, found: Condition) -> None:
    rest = need.among - need.holders
    if found.polarity(need) is False:
        found.true, found.false = found.true | rest, found.false | need.holders
    else:
        found.true, found.false = found.true | need.holders, found.false | rest
    found.bits = _bits(found.true), _bits(found.false)
    found.needs.append(need)
    found.files.add(need.file)
    found.folders |= {need.folder} - {""}
    found.defines |= need.defines
    found.mentions |= need.mentions


def _known(need: Need, conditions: Iterable[Condition]) -> Condition | None:
    """Return a condition for the same environments that is about the same thing."""
    names_ = _names(need)
    best: tuple[int, Condition] | None = None
    holders, rest = _bits(need.holders), _bits(need.among - need.holders)
    for each in conditions:
        if each.is_end != need.is_end or not each.fits(holders, rest):
            continue
        known = each.true | each.false
        if (need.is_prose or need.is_weak) and not (need.among <= known or each.is_weak):
            continue  # a text decides nothing else
        is_told = need.is_weak and need.size > 0 and not need.is_prose
        if is_told and not each.is_weak and len(known | need.among) < 3:
            continue  # in two environments, all that differs does so in one way
        shared = (names_ & each.words) | (need.words & each.names)
        if need.is_of_entry and not shared and each.polarity(need) is False:
            continue  # what one entry has and what another one has instead are two things
        same_file = need.file in each.files
        is_named = not (need.mentions.isdisjoint(each.defines) and each.mentions.isdisjoint(need.defines))
        score = (
            2 * len(shared)
            + (same_file and (3 if each.is_weak and need.is_weak else 2 if need.size < _SMALL else 1))
            + (2 if need.is_prose or need.is_end or (need.is_weak and each.is_weak) else 0)
            + (9 if need.folder in each.folders else 0)
            + (4 if is_named else 0)
        )
        if score >= 2 and (best is None or score > best[0]):
            best = score, each
    return best[1] if best else None


def _bits(numbers: Environments) -> int:
    return sum(1 << number for number in numbers)


def _words(need: Need) -> frozenset[str]:
    return need.words | _names(need)


def _names(need: Need) -> frozenset[str]:
    """Return the words of the place of a block, which count more than those of its text."""
    return words_of(*need.section, *need.name) | (need.words if need.is_file else frozenset())


def _existing(need: Need, values: Iterable[Value]) -> bool:
    """Find a value that differs in the same way and is about the same thing; return whether there is one."""
    own = _words(need)
    best = 0
    for value in values:
        if value.is_part or not value.name or value.name[-1] not in _CHOICES or not _is_choice(value):
            continue
        chosen = {repr(value.data[number]) for number in need.holders}
        others = {repr(value.data[number]) for number in need.among - need.holders}
        if chosen & others or len(chosen) != 1:
            continue
        shared = len(own & words_of(*value.name[:-1]))
        data = value.data[min(need.holders)]
        if shared > best and not isinstance(data, list):
            best, need.value, need.data = shared, value, data
    return best > 0


def _is_choice(value: Value) -> bool:
    """Return whether a value is one of a few words, none of which names an environment."""
    texts = {str(each) for each in value.data}
    return all(re.fullmatch(r"[A-Za-z][A-Za-z_-]*", text) and text.lower() not in USUAL for text in texts)


def _named(condition: Condition, taken: Iterable[Path], mask: Mask, maps: Set[str]) -> Path:
    """Return a name after the folder of its files, or after the most telling thing that depends on it."""
    taken = list(taken)
    if condition.is_end:
        return next(each for each in _ends() if is_free(each, taken) and each[0] not in maps)
    needs = sorted(condition.needs, key=lambda each: _telling(each, condition))
    stem = names.file_stem(needs[0].file, mask)
    if condition.is_weak:
        stem = "variant" if len(condition.files) > 1 else stem
    last = _last(needs[0], stem)
    wanted = [
        *_of_files(condition, mask),
        *(each for need in needs[:_MOST_TRIED] for each in _wanted(need, stem, mask)),
    ]
    for each in wanted:
        each = each[1:] if maps & set(each[:1]) else each
        clean = names.unreserved(each if condition.is_weak else (*each, "enabled"))
        if len(clean) > 1 and is_free(clean, taken):
            return clean
    numbered: Iterator[Path]
    if condition.is_weak:
        numbered = (("comments", f"{stem or 'file'}_{number}") for number in count(2))
    else:
        numbered = (names.unreserved((f"{last[0]}_{number}", *last[1:], "enabled")) for number in count(2))
    return next(each for each in numbered if is_free(each, taken))


def _last(need: Need, stem: str) -> Path:
    """Return the shortest name of what a need is about, in its section."""
    name = names.without_reserved((*need.section, *need.name))[len(need.section) :]
    return (*need.section, *name[-1:]) or (stem or "file",)


def _wanted(need: Need, stem: str, mask: Mask) -> list[Path]:
    """Return names after what a need is about, the short ones first; of a comment, after its file."""
    section, name = need.section, names.without_reserved((*need.section, *need.name))[len(need.section) :]
    last = _last(need, stem)
    if need.is_weak:
        return [("comments", stem or "file"), ("comments", *last)]
    own = names.file_stem(need.file, mask)
    return [last, (*section, *name[-2:]), (*section, *name), (own, *last), (own, *section, *name)]


def _about(condition: Condition) -> str:
    """Return a sentence about what a condition decides: the files, or the parts of files."""
    need = min(condition.needs, key=lambda each: _telling(each, condition))
    has = [
        each
        for each in condition.needs
        if (each.holders <= condition.true) == (need.holders <= condition.true)
    ]
    there = "" if need.holders <= condition.true else "no "
    files = listed(sorted({each.file for each in has if each.is_file}))
    parts = sorted({each.file for each in has if not each.is_file})
    if condition.is_end:
        return f"Whether there is a line break at the end of {listed(parts)}."
    if condition.is_weak:
        return f"Which of two texts there is in {listed(parts)}."
    if files:
        return f"Whether there is {there}{files}" + (f", and parts of {listed(parts)}." if parts else ".")
    others = [file for file in parts if file != need.file]
    also = f", and parts of {listed(others)}" if others else ""
    return f"Whether there is {there}{'.'.join(need.place) or 'such a part'} in {need.file}{also}."


def listed(files: Sequence[str]) -> str:
    """Return the first three of some files in a sentence."""
    return ", ".join(files[:3]) + (f" and {len(files) - 3} more" if len(files) > 3 else "")


def _ends() -> Iterator[Path]:
    yield ("final_newline",)
    yield from ((f"final_newline_{number}",) for number in count(2))


def _of_files(condition: Condition, mask: Mask) -> Iterator[Path]:
    """Yield names for what several files have in common: their folder, or words of their names."""
    files = [each for each in condition.needs if each.is_file]
    folders = {each.folder for each in files}
    if len(files) > 1 and (len(folders) > 1 or "" in folders):
        folders = {each.file.rpartition("/")[0] for each in files}
    if files and len(folders) == 1 and (folder := names.as_word(mask(folders.pop().rpartition("/")[2]))):
        yield (folder,)
    stems = [names.file_stem(each.file, mask).split("_") for each in files]
    shared = [word for word in stems[0] if all(word in each for each in stems)] if len(stems) > 1 else []
    if shared:
        yield ("_".join(shared),)


def _telling(need: Need, condition: Condition) -> tuple[object, ...]:
    words = "_".join((*need.section, *need.name)).count("_")
    is_test = bool(re.search(r"(?:^|/)tests?/|\.tftest\.", need.file))
    is_true = need.holders <= condition.true
    return need.is_weak, not is_true, is_test, words > 3, not need.is_file, -need.size, need.file, need.name


def reference(name: Path) -> str:
    """Return the expression that reads a value."""
    return name[0] + "".join(f".{part}" for part in name[1:])
