"""Format differences, and the effects of a change, as text."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

from generator.changes import Comparison, HazardFinding, Review
from generator.changes.diff import Change, FileChange, LineDiff, ValueChange, path_text
from generator.changes.diff.values import value_text
from generator.changes.hazards import LATER, Effect
from generator.changes.objects import KUBERNETES, ObjectChange
from generator.changes.promote import Promotion
from generator.findings import ALSO, IF, SET, Finding, Severity
from generator.findings.suggest import listed
from generator.languages.node import Leaf, Seq, summary
from generator.report.effects import Group, counted, groups, kinds, moved, steps
from generator.report.text import COLORS, Paint, finding_text, hanging, plural, shortened, unpainted, wrapped
from generator.values.source import format_path

_SIGNS = {"+": "green", "-": "red", "~": "yellow", "-/+": "red"}
_BAR = 40  # characters of + and - after the name of a file
_LONG = 50  # characters; of a longer list only the items that differ are shown
_MAX_CHANGES = 8  # shown for one object in a plan
_MAX_LINES = 4  # of a text or list that changes, unless all are wanted
_MANY = 3  # objects of one kind that are shown in one line
_MOST_INHERITED = 3  # values of other environments that are named


def diff_text(diffs: Sequence[LineDiff], paint: Paint = unpainted) -> Iterator[str]:
    """Yield the lines of unified diffs."""
    for diff in diffs:
        if diff.mode:
            yield paint(f"mode {diff.mode[0]} → {diff.mode[1]} of {diff.path}", "bold")
        for line in diff.lines:
            color = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
            if line[:3] in ("---", "+++"):
                color = "bold"
            yield paint(line, color) if color else line


def stat_text(diffs: Sequence[LineDiff], paint: Paint = unpainted) -> Iterator[str]:
    """Yield a line for each file with the number of changed lines, and a last line with the totals."""
    width = max((len(diff.path) for diff in diffs), default=0)
    most = max((diff.added + diff.removed for diff in diffs), default=0)
    digits = len(str(most))
    for diff in diffs:
        both = diff.added + diff.removed
        scale = 1.0 if most <= _BAR else _BAR / most
        added, removed = (max(round(count * scale), bool(count)) for count in (diff.added, diff.removed))
        bar = paint("+" * added, "green") + paint("-" * removed, "red")
        yield (
            f"{diff.path:<{width}} | {both:>{digits}} {bar}".rstrip()
            if both
            else f"{diff.path:<{width}} | mode"
        )
    added, removed = sum(diff.added for diff in diffs), sum(diff.removed for diff in diffs)
    yield f"{plural(len(diffs), 'file')}: {plural(added, 'line')} added, {plural(removed, 'line')} removed"


def comparison_text(comparison: Comparison, paint: Paint = unpainted, *, files: bool = True) -> Iterator[str]:
    """Yield the differences between two environments."""
    sides = f"{comparison.old} → {comparison.new}"
    yield paint(f"{sides}: {plural(len(comparison.values), 'value')}", "bold")
    for change in comparison.values:
        yield from _value(change, comparison, paint)
    if not files:
        return
    yield ""
    yield paint(f"{sides}: {_file_counts(comparison)}", "bold")
    for changed in comparison.files:
        yield from file_text(changed, comparison, paint)


def _file_counts(comparison: Comparison) -> str:
    sides = [(change.old_path is not None, change.path is not None) for change in comparison.files]
    differ = sides.count((True, True))
    counts = (
        (f"{plural(differ, 'file')} differ{'s' if differ == 1 else ''}", True),
        (f"{sides.count((True, False))} only in {comparison.old}", (True, False) in sides),
        (f"{sides.count((False, True))} only in {comparison.new}", (False, True) in sides),
        (f"{comparison.same} equal in meaning", comparison.same > 0),
    )
    return ", ".join(text for text, is_there in counts if is_there)


def _value(change: ValueChange, comparison: Comparison, paint: Paint) -> Iterator[str]:
    old, new = value_text(change.old, change.was), value_text(change.new, change.is_there)
    yield f"  {format_path(change.path)}: {paint(old, 'red')} → {paint(new, 'green')}"
    width = max(len(comparison.old), len(comparison.new))
    for env, at, is_set in (
        (comparison.old, change.old_at, change.was),
        (comparison.new, change.new_at, change.is_there),
    ):
        if at:
            yield f"      {env:<{width}}  {'' if is_set else 'removed at '}{at.path}:{at.line}:{at.column}"


def file_text(change: FileChange, comparison: Comparison, paint: Paint) -> Iterator[str]:
    """Yield how a file differs between two environments."""
    if change.path is None or change.old_path is None:
        sign, env = ("+", comparison.new) if change.path else ("-", comparison.old)
        yield f"{paint(sign, _SIGNS[sign])} {change.name}  (only in {env})"
        return
    name = change.path if change.path == change.old_path else f"{change.old_path} → {change.path}"
    yield f"{paint('~', _SIGNS['~'])} {name}" + (f"  ({change.note})" if change.note else "")
    for group, changes in change.groups:
        if group:
            yield f"    {paint(group, 'bold')}"
        for each in changes:
            yield from _change(each, "      " if group else "    ", paint)


def _change(change: Change, indent: str, paint: Paint, most: int | None = None) -> Iterator[str]:
    """Yield a change; of the lines of a text or list, at most so many."""
    where = path_text(change.path)
    if change.path == ("line",):
        sign, node = ("+", change.new) if change.new is not None else ("-", change.old)
        yield f"{indent}{paint(sign, _SIGNS[sign])} {node.value if isinstance(node, Leaf) else ''}"
        return
    lines = _lines_of(change)
    if lines is not None:
        yield f"{indent}{paint('~', _SIGNS['~'])} {where}:"
        for line in lines[:most]:
            yield f"{indent}    {paint(line, _SIGNS[line[0]])}"
        if most and len(lines) > most:
            yield f"{indent}    … and {plural(len(lines) - most, 'more line')}"
        return
    is_instruction = len(change.path) == 1 and where.startswith("[")  # its text names the instruction
    prefix = f"{where}: " if where and not is_instruction else ""
    if change.old is None:
        yield f"{indent}{paint('+', 'green')} {prefix}{summary(change.new)}"
    elif change.new is None:
        yield f"{indent}{paint('-', 'red')} {prefix}{summary(change.old)}"
    else:
        old, new = paint(summary(change.old), "red"), paint(summary(change.new), "green")
        yield f"{indent}{paint('~', _SIGNS['~'])} {prefix}{old} → {new}"


def _lines_of(change: Change) -> list[str] | None:
    """Return the lines or items that differ in a text of several lines or in a long list, None for other nodes."""
    old, new = change.old, change.new
    if isinstance(old, Leaf) and isinstance(new, Leaf) and _has_lines(old) and _has_lines(new):
        return _unified(str(old.value).splitlines(), str(new.value).splitlines())
    if (
        isinstance(old, Seq)
        and isinstance(new, Seq)
        and max(len(summary(each, 1000)) for each in (old, new)) > _LONG
    ):
        items = ([summary(item) for item in each.items] for each in (old, new))
        return [f"{line[0]} {line[1:]}" for line in _unified(*items)]
    return None


def _has_lines(leaf: Leaf) -> bool:
    return isinstance(leaf.value, str) and "\n" in leaf.value.strip("\n")


def _unified(old: list[str], new: list[str]) -> list[str]:
    lines = list(difflib.unified_diff(old, new, n=0, lineterm=""))[2:]
    return [line for line in lines if not line.startswith("@@")]


def promotion_text(found: Promotion, source: str, target: str, paint: Paint = unpainted) -> Iterator[str]:
    """Yield the values that are copied from one environment to another, and those that are not."""
    if not found.changes:
        yield f"{target} has these values of {source} already"
    else:
        yield paint(f"{source} → {target}: {plural(len(found.changes), 'value')}", "bold")
    for change in found.changes:
        old, new = value_text(change.old, change.was), value_text(change.new, change.is_there)
        yield f"  {format_path(change.path)}: {old} → {new}"
    if found.kept:
        names = ", ".join(format_path(change.path) for change in found.kept)
        yield f"not copied, since they name an environment: {names} (name a path to copy it)"
    if found.changes:
        yield ""


def review_text(
    review: Review, paint: Paint = unpainted, width: int = 0, *, verbose: bool = False
) -> Iterator[str]:
    """Yield the effects of a change: the verdict, what to do in which order, new errors, the hazards, the objects.

    What happens to several objects is one hazard, and what moves together is one line, unless all are wanted.
    """
    if not review.objects and not review.hazards:
        yield f"{review.env}: no differences from {review.against}"
        if review.edited:
            yield paint(wrapped(edited_line(review), width, "  "), "yellow")
        return
    heading = f"{review.env}: effects of applying it, compared with {review.against}"
    yield wrapped(f"{paint(heading, 'bold')}: {summary_line(review, paint)}", width, "  ")
    if review.fails:
        yield paint(wrapped(do_not_apply(review), width, "  "), "red")
    if review.edited:
        yield paint(wrapped(edited_line(review), width, "  "), "yellow")
    found, order = groups(review.hazards), steps_of(review)
    if order:
        yield paint("To do, in this order:", "bold")
        yield from (wrapped(f"  {number}. {each}", width, "     ") for number, each in enumerate(order, 1))
    if review.inherited:
        yield wrapped(inherited_line(review), width, "  ")
    for error in review.errors:
        yield ""
        yield finding_text(error, paint, width)
    if verbose:
        found = [Group((each,)) for each in review.hazards]
    yield from _hazards(found, paint, width, is_brief=bool(order) and not verbose)
    fitted = hanging if verbose else shortened
    yield from (fitted(line, width) for line in _areas(review, paint, verbose=verbose))
    yield ""
    yield wrapped(summary_line(review, paint), width, "  ")


def steps_of(review: Review) -> list[str]:
    """Return in which order to do what; nothing where the order does not matter."""
    return steps(groups(review.hazards), {each.area for each in review.objects})


def _hazards(found: Sequence[Group], paint: Paint, width: int, *, is_brief: bool) -> Iterator[str]:
    """Yield the hazards below their verdicts; briefly, without the fixes, which are shown in their order before."""
    verdict = ""
    for each in found:
        yield ""
        if each.first.hazard.verdict != verdict:
            verdict = each.first.hazard.verdict
            yield paint(verdict.upper(), COLORS[each.first.hazard.effect.severity])
        finding = each.finding()
        yield finding_text(_brief(finding) if is_brief else finding, paint, width)


def _brief(finding: Finding) -> Finding:
    notes = tuple(note for note in finding.notes if note.label in (SET, IF, ALSO))
    return replace(finding, notes=notes, hint="")


def overview_text(reviews: Sequence[Review], paint: Paint = unpainted, width: int = 0) -> Iterator[str]:
    """Yield a line for each of several environments: what applying the change does to it."""
    for each in reviews:
        yield wrapped(f"{paint(each.env, 'bold')}: {summary_line(each, paint)}", width, "  ")


def objects_text(review: Review, paint: Paint = unpainted) -> Iterator[str]:
    """Yield what happens to each object when a change is applied."""
    if not review.objects and not review.hazards:
        yield f"{review.env}: no differences from {review.against}"
        return
    yield paint(f"{review.env}: effects of applying it, compared with {review.against}", "bold")
    yield from _areas(review, paint)


def _areas(review: Review, paint: Paint, *, verbose: bool = True) -> Iterator[str]:
    areas: dict[str, list[ObjectChange]] = {}
    for change in review.objects:
        areas.setdefault(change.area, []).append(change)
    for area, objects in areas.items():
        yield ""
        yield f"{paint(area, 'bold')}: {_counts(objects)}"
        if not verbose:
            objects = yield from _together(objects, paint)
        for change in objects:
            yield from _object(change, paint, verbose=verbose)


def _together(objects: list[ObjectChange], paint: Paint) -> Generator[str, None, list[ObjectChange]]:
    """Yield a line for all objects that move to another namespace, and for many of one kind; return the others."""
    spaces: dict[tuple[str, str], list[tuple[ObjectChange, ObjectChange]]] = {}
    for old, new in moved(objects):
        spaces.setdefault((old.place[0], new.place[0]), []).append((old, new))
    shown: list[ObjectChange] = []
    for (old_space, new_space), pairs in spaces.items():
        if len(pairs) >= _MANY:
            subjects = [old.subject for old, _ in pairs]
            yield f"  {paint('→', 'yellow')} {old_space} → {new_space}: {kinds(subjects)}"
            shown += (each for pair in pairs for each in pair)
    alike: dict[tuple[str, ...], list[ObjectChange]] = {}
    for each in objects:
        if each not in shown and not each.changes:
            kind = each.kind if each.area == KUBERNETES else each.subject
            alike.setdefault((each.sign, *each.notes, kind), []).append(each)
    for (sign, *notes, kind), several in alike.items():
        if len(several) >= _MANY:
            names = listed((each.subject.removeprefix(f"{kind} ") for each in several), _MANY)
            yield f"  {paint(sign, _SIGNS[sign])} {len(several)} {kind}: {names}{_noted(notes, paint)}"
            shown += several
    return [each for each in objects if each not in shown]


def _noted(notes: Sequence[str], paint: Paint) -> str:
    return paint(f"  ({', '.join(notes)})", "yellow") if notes else ""


def _counts(objects: list[ObjectChange]) -> str:
    words = {"+": "created", "~": "changed", "-/+": "replaced", "-": "no longer rendered"}
    counts = {sign: sum(each.sign == sign for each in objects) for sign in words}
    return ", ".join(f"{count} {words[sign]}" for sign, count in counts.items() if count)


def _object(each: ObjectChange, paint: Paint, *, verbose: bool) -> Iterator[str]:
    is_refused = Effect.REFUSED.value in each.notes
    named = [f"{note} once accepted" if is_refused and note in LATER else note for note in each.notes]
    named += [f"{each.by.path}:{each.by.line} deletes it first"] if each.by else []
    yield f"  {paint(each.sign, _SIGNS[each.sign])} {each.subject}{_noted(named, paint)}"
    for change in each.changes[:_MAX_CHANGES]:
        yield from _change(change, "      ", paint, None if verbose else _MAX_LINES)
    more = len(each.changes) - _MAX_CHANGES
    if more > 0:
        yield f"      … and {more} more"


def do_not_apply(review: Review) -> str:
    """Return why a change is not to be applied, in one sentence; "" where nothing is refused, lost or wrong."""
    subjects: dict[str, list[str]] = {}
    for each in review.hazards:
        hazard = each.hazard
        if hazard.effect.severity is Severity.ERROR:
            what = f"{hazard.by} refuses" if hazard.effect is Effect.REFUSED else "loses data"
            subjects.setdefault(what, []).append(hazard.subject)
    reasons = [
        f"{what} {counted(names)}" if what != "loses data" else f"data of {counted(names)} is lost"
        for what, names in subjects.items()
    ]
    if review.errors:
        reasons.append(f"the checks report {plural(len(review.errors), 'new error')}")
    return f"Do not apply it to {review.env}: {'; '.join(reasons)}." if reasons else ""


def edited_line(review: Review) -> str:
    """Return that files were edited by hand before they were committed, and when the review is right all the same."""
    names = listed(review.edited, _MOST_INHERITED)
    verb = "was" if len(review.edited) == 1 else "were"
    return (
        f"In {review.against}, {names} {verb} edited by hand. If that was not applied, compare with a revision before"
        " it (--against)."
    )


def inherited_line(review: Review) -> str:
    """Return the values that the change sets and that other environments inherit, each with its line.

    Of environments whose hazards are known, they are counted.
    """
    effects = {each.env: f" ({summary_line(each)})" for each in review.elsewhere}
    groups: dict[tuple[str, ...], list[str]] = {}
    for each in review.inherited:
        value = f"{format_path(each.path)} ({each.at.path}:{each.at.line})"
        groups.setdefault(each.environments, []).append(value)
    parts = []
    for names, values in groups.items():
        environments = listed(f"{name}{effects.pop(name, '')}" for name in names)
        parts.append(f"{environments}: {listed(values, _MOST_INHERITED)}")
    return f"It also changes {'; '.join(parts)}."


def by_object(review: Review) -> dict[tuple[str, str], list[HazardFinding]]:
    """Return the hazards by their verdict and their object, which counts once; the worst first."""
    found: dict[tuple[str, str], list[HazardFinding]] = {}
    for each in review.hazards:
        found.setdefault((each.hazard.verdict, each.hazard.subject), []).append(each)
    return found


def summary_line(review: Review, paint: Paint = unpainted) -> str:
    """Return the number of errors, and for each effect the number of objects."""
    parts = [paint(plural(len(review.errors), "error"), "red")] if review.errors else []
    objects = by_object(review).items()
    for effect in Effect:
        counts = Counter(verdict for (verdict, _), found in objects if found[0].hazard.effect is effect)
        parts += [
            paint(f"{count} {_of_several(count, verdict)}", COLORS[effect.severity])
            for verdict, count in counts.items()
        ]
    if review.earlier_errors:
        earlier = f"{plural(review.earlier_errors, 'error')} that {review.against} has, too"
        parts.append(f"{earlier}: see oetgen check {review.env}")
    return ", ".join(parts) if parts else "no known hazards"


def _of_several(count: int, verdict: str) -> str:
    """Return a verdict of so many changes: one loses data, two lose data."""
    return verdict if count == 1 else verdict.replace("loses ", "lose ", 1)
