"""Format what an edit of values files would change, on one screen: values, files, hazards, the worst first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from generator.changes import HazardFinding, Review
from generator.changes.hazards import Effect
from generator.changes.objects import GITHUB, IMAGES, KUBERNETES, TERRAFORM, ObjectChange
from generator.findings import SET, Finding
from generator.findings.record import record
from generator.findings.suggest import listed
from generator.report.changes import summary_line
from generator.report.effects import groups
from generator.report.text import COLORS, Paint, finding_text, hanging, plural, unpainted, wrapped

_MOST_LINES = 12  # of an added block; in a longer one, runs of lines that are copied are left out
_LEAST_COPIED = 4  # lines of a run that is left out
_MOST_HAZARDS = 3  # that are shown with their values and fixes; of the others, the objects are named
_MOST_ITEMS = 12  # kinds or objects that are named
_KINDS = {GITHUB: "workflow", IMAGES: "image"}  # of files, which have none of their own
_KEY = re.compile(r"([^\s#:{}\[\]-][^\s:]*):(?:\s|$)")
_NOTHING = frozenset(["data", "locals", "output", "provider", "variable"])  # blocks that create nothing
_SHOWN = (KUBERNETES, TERRAFORM, *_KINDS)


@record
class Block:
    """Lines that are added to a file, where `removed` were; `line` is the number of the first one."""

    line: int
    lines: tuple[str, ...]
    removed: tuple[str, ...] = ()


@record
class Edited:
    """An environment that an edit changes: how many of its files are new, changed and removed, and its review."""

    review: Review
    new: int
    changed: int
    removed: int


def values_text(
    path: str, old: str | None, new: str, known: Mapping[str, str], paint: Paint = unpainted, width: int = 0
) -> Iterator[str]:
    """Yield the lines that change in a values file, without those around them.

    Of a long block, lines that are copied from a file of `known`, by path, are counted.
    """
    for block in changed_blocks(None if old is None else old.split("\n"), new.split("\n")):
        where, minus, plus = paint(f"{path}:{block.line}", "bold"), paint("-", "red"), paint("+", "green")
        if len(block.lines) == 1 and not block.removed:
            yield hanging(f"{where}  {plus} {block.lines[0].strip()}", width)
            continue
        count = plural(len(block.lines), "line")
        added = f"  {count} added" if old is not None else f"  a new file, {count}"
        yield where + ("" if block.removed else added)
        yield from (hanging(f"  {minus} {line}".rstrip(), width) for line in block.removed)
        for line in _shortened(block, path, known):
            yield hanging((f"  {line}" if line[:1] == "…" else f"  {plus} {line}").rstrip(), width)


def changed_blocks(old: Sequence[str] | None, new: Sequence[str]) -> Iterator[Block]:
    """Yield the blocks of lines in which two versions differ; all of a file that is new.

    An added block that may begin at several lines begins at the one with the least indentation, as an entry does.
    """
    if old is None:
        yield Block(1, tuple(new[:-1] if new[-1:] == [""] else new))
        return
    for kind, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "insert":
            begin = min(_starts(new, start, end), key=lambda at: (_indentation(new[at]), -at))
            yield Block(begin + 1, tuple(new[begin : begin + end - start]))
        elif kind != "equal":
            yield Block(start + 1, tuple(new[start:end]), tuple(old[first:last]))


def _starts(lines: Sequence[str], start: int, end: int) -> Iterator[int]:
    """Yield every line where a block of `lines` may begin so that the others stay the same."""
    yield start
    up, size = start, end - start
    while up > 0 and lines[up - 1] == lines[up - 1 + size]:
        up -= 1
        yield up
    down = start
    while down + size < len(lines) and lines[down] == lines[down + size]:
        down += 1
        yield down


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


def _shortened(block: Block, path: str, known: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of a block; a mark for each run of copied lines, if it is long."""
    lines, at = block.lines, 0
    while at < len(lines):
        count, where = _copied(lines[at:], path, known) if len(lines) > _MOST_LINES else (0, "")
        if count >= _LEAST_COPIED:
            keys = listed(_keys(lines[at : at + count]), _MOST_ITEMS)
            yield f"… {count} lines as from {where}{f': {keys}' if keys else ''}"
            at += count
        else:
            yield lines[at]
            at += 1


def _keys(lines: Sequence[str]) -> list[str]:
    """Return the outermost keys of lines of a values file."""
    outermost = min(_indentation(line) for line in lines if line.strip()) if any(map(str.strip, lines)) else 0
    found = (_KEY.match(line, outermost) for line in lines if _indentation(line) == outermost)
    return [match[1] for match in found if match]


def _copied(lines: Sequence[str], path: str, known: Mapping[str, str]) -> tuple[int, str]:
    """Return how many of the lines stand in a known file in this order, and where; the longest run."""
    best = 0, ""
    for name, text in known.items():
        others = text.split("\n")
        for start, other in enumerate(others):
            if other == lines[0]:
                pairs = zip(lines, others[start:], strict=False)
                count = next((number for number, (one, two) in enumerate(pairs) if one != two), None)
                count = min(len(lines), len(others) - start) if count is None else count
                if count > best[0]:
                    best = count, f"line {start + 1}" if name == path else f"{name}:{start + 1}"
    return best


def effects_text(edited: Sequence[Edited], paint: Paint = unpainted, width: int = 0) -> Iterator[str]:
    """Yield what an edit does to the environments, those that are alike together, then the hazards."""
    alike: dict[str, list[str]] = {}
    for each in edited:
        alike.setdefault(_counts(each), []).append(each.review.env)
    for counts, names in alike.items():
        yield wrapped(f"{paint(', '.join(names), 'bold')}: {counts}", width, "  ")
    for verb, signs in (("creates", ("+",)), ("changes", ("~", "-/+")), ("no longer has", ("-",))):
        items = {each.review.env: list(_items(each.review, signs)) for each in edited}
        yield from (wrapped(f"{verb} {text}", width, "  ") for text in _by_environments(items))
    found = _across(each.review for each in edited)
    for number, ((verdict, _, subject), members) in enumerate(found.items()):
        environments = list(dict.fromkeys(members))
        hazard = members[environments[0]].hazard
        title = paint(verdict.upper(), COLORS[hazard.effect.severity]) + f" in {', '.join(environments)}"
        if number < _MOST_HAZARDS:
            yield from ("", title)
            yield finding_text(_brief(members[environments[0]].finding), paint, width)
        else:
            yield wrapped(f"{title}: {subject}", width, "  ")


def _counts(each: Edited) -> str:
    counts = ((each.new, "new"), (each.changed, "changed"), (each.removed, "no longer rendered"))
    (number, word), *others = ((count, word) for count, word in counts if count)
    files = ", ".join([f"{plural(number, 'file')} {word}", *(f"{count} {word}" for count, word in others)])
    return f"{files}: {summary_line(each.review)}"


def _items(review: Review, signs: Sequence[str]) -> Iterator[str]:
    """Yield the kinds of created objects, with their number if it is not one; of others, the names."""
    objects = [
        each
        for each in review.objects
        if each.area in _SHOWN and each.sign in signs and _kind(each) not in _NOTHING
    ]
    if "+" not in signs:
        yield from (_name(each.subject) for each in objects if each.area not in _KINDS)
        return
    for kind, count in Counter(map(_kind, objects)).items():
        yield kind if count == 1 else f"{count} {kind}"


def _by_environments(items: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the items of all environments, then those of some, as one text; none without items."""
    found: dict[str, list[str]] = {}
    for item in dict.fromkeys(each for several in items.values() for each in several):
        found.setdefault(", ".join(env for env in items if item in items[env]), []).append(item)
    every = ", ".join(items)
    parts = [
        listed(names, _MOST_ITEMS) if where == every else f"in {where}: {listed(names, _MOST_ITEMS)}"
        for where, names in sorted(found.items(), key=lambda each: each[0] != every)
    ]
    if parts:
        yield "; ".join(parts)


def _kind(each: ObjectChange) -> str:
    return _KINDS.get(each.area) or each.kind


def _name(subject: str) -> str:
    """Return the name of an object without its namespace, which differs between environments."""
    kind, blank, name = subject.partition(" ")
    return f"{kind}{blank}{name.rpartition('/')[2]}"


def _across(reviews: Iterable[Review]) -> dict[tuple[str, str, str], dict[str, HazardFinding]]:
    """Return the hazards of all environments by effect, rule and object, the worst first, by environment."""
    found: dict[tuple[str, str, str], dict[str, HazardFinding]] = {}
    for review in reviews:
        for group in groups(review.hazards):
            hazard = group.first.hazard
            key = hazard.verdict, hazard.rule, _name(hazard.subject)
            found.setdefault(key, {}).setdefault(review.env, replace(group.first, finding=group.finding()))
    order = list(Effect)
    worst = {
        key: min(order.index(each.hazard.effect) for each in members.values())
        for key, members in found.items()
    }
    return dict(sorted(found.items(), key=lambda each: worst[each[0]]))


def _brief(finding: Finding) -> Finding:
    """Return a finding with the value that changed, or else the last one that is named, and the fix."""
    values = [note for note in finding.notes if note.label == SET]
    return replace(finding, at=None, notes=tuple(values[-1:]), environment="")
