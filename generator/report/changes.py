"""What differs, and what a change would do, for a person."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from generator.changes import Comparison, Review
from generator.changes.diff import Change, FileChange, LineDiff, ValueChange, path_text
from generator.changes.diff.values import value_text
from generator.changes.hazards import Action, Effect
from generator.findings import Severity, Span
from generator.languages.node import Leaf, Node, Seq, summary
from generator.report.text import Paint, finding_text, plural, unpainted
from generator.values.source import format_path

_SIGNS = {"+": "green", "-": "red", "~": "yellow", "-/+": "red"}
_BAR = 40  # characters of + and - behind the name of a file
_LONG = 50  # characters of a list, from which on only the items that differ are shown
_MOST_CHANGES = 8  # that are shown of one object in a plan
_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


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
    """Yield a line for each file with the number of its lines that differ, and a last one for all."""
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
    yield f"{plural(len(diffs), 'file')}: {plural(added, 'line')} new, {plural(removed, 'line')} gone"


def comparison_text(found: Comparison, paint: Paint = unpainted, *, files: bool = True) -> Iterator[str]:
    """Yield how two environments differ."""
    yield paint(f"{found.old} → {found.new}: {plural(len(found.values), 'value')}", "bold")
    for change in found.values:
        yield from _value(change, found, paint)
    if not files:
        return
    yield ""
    both = [change for change in found.files if change.old_path and change.path]
    yield paint(f"{found.old} → {found.new}: {plural(len(both), 'file')}", "bold") + (
        f", {found.same} mean the same" if found.same else ""
    )
    for changed in found.files:
        yield from _file(changed, found, paint)


def _value(change: ValueChange, found: Comparison, paint: Paint) -> Iterator[str]:
    old, new = value_text(change.old, change.was), value_text(change.new, change.is_there)
    yield f"  {format_path(change.path)}: {paint(old, 'red')} → {paint(new, 'green')}"
    width = max(len(found.old), len(found.new))
    for env, at, there in (
        (found.old, change.old_at, change.was),
        (found.new, change.new_at, change.is_there),
    ):
        if at:
            yield f"      {env:<{width}}  {'' if there else 'taken out at '}{_at(at)}"


def _file(change: FileChange, found: Comparison, paint: Paint) -> Iterator[str]:
    if change.path is None or change.old_path is None:
        sign, env = ("+", found.new) if change.path else ("-", found.old)
        yield f"{paint(sign, _SIGNS[sign])} {change.name}  (only in {env})"
        return
    name = change.path if change.path == change.old_path else f"{change.old_path} → {change.path}"
    yield f"{paint('~', _SIGNS['~'])} {name}" + (f"  ({change.note})" if change.note else "")
    for group, changes in change.groups:
        if group:
            yield f"    {paint(group, 'bold')}"
        for each in changes:
            yield from _change(each, "      " if group else "    ", paint)


def _change(change: Change, indent: str, paint: Paint) -> Iterator[str]:
    where = path_text(change.path)
    if change.path == ("line",):
        sign, node = ("+", change.new) if change.new is not None else ("-", change.old)
        yield f"{indent}{paint(sign, _SIGNS[sign])} {node.value if isinstance(node, Leaf) else ''}"
        return
    if _is_text(change.old) and _is_text(change.new):
        yield f"{indent}{paint('~', _SIGNS['~'])} {where}:"
        yield from _text_change(change.old, change.new, f"{indent}    ", paint)
        return
    if isinstance(change.old, Seq) and isinstance(change.new, Seq) and _is_long(change.old, change.new):
        yield f"{indent}{paint('~', _SIGNS['~'])} {where}:"
        yield from _list_change(change.old, change.new, f"{indent}    ", paint)
        return
    named = len(change.path) == 1 and where.startswith("[")  # an instruction, which says itself what it is
    prefix = f"{where}: " if where and not named else ""
    if change.old is None:
        yield f"{indent}{paint('+', 'green')} {prefix}{summary(change.new)}"
    elif change.new is None:
        yield f"{indent}{paint('-', 'red')} {prefix}{summary(change.old)}"
    else:
        old, new = paint(summary(change.old), "red"), paint(summary(change.new), "green")
        yield f"{indent}{paint('~', _SIGNS['~'])} {prefix}{old} → {new}"


def _is_long(*lists: Seq) -> bool:
    return max(len(summary(each, 1000)) for each in lists) > _LONG


def _list_change(old: Seq, new: Seq, indent: str, paint: Paint) -> Iterator[str]:
    before, after = [summary(item) for item in old.items], [summary(item) for item in new.items]
    for line in list(difflib.unified_diff(before, after, n=0, lineterm=""))[2:]:
        if not line.startswith("@@"):
            yield indent + paint(f"{line[0]} {line[1:]}", _SIGNS[line[0]])


def _is_text(node: Node | None) -> bool:
    return isinstance(node, Leaf) and isinstance(node.value, str) and "\n" in node.value.strip("\n")


def _text_change(old: Node | None, new: Node | None, indent: str, paint: Paint) -> Iterator[str]:
    before, after = (
        [] if node is None else str(getattr(node, "value", "")).splitlines() for node in (old, new)
    )
    for line in list(difflib.unified_diff(before, after, n=0, lineterm=""))[2:]:
        if not line.startswith("@@"):
            yield indent + paint(line, _SIGNS[line[0]])


def _at(at: Span) -> str:
    return f"{at.path}:{at.line}:{at.column}"


def review_text(found: Review, paint: Paint = unpainted) -> Iterator[str]:
    """Yield what applying a change does: what becomes of each object, then the hazards, the worst first."""
    if not found.actions and not found.dangers:
        yield f"{found.env}: nothing differs from {found.against}"
        return
    yield paint(f"{found.env}: what applying it does, against {found.against}", "bold")
    areas: dict[str, list[Action]] = {}
    for action in found.actions:
        areas.setdefault(action.area, []).append(action)
    for area, actions in areas.items():
        yield ""
        yield f"{paint(area, 'bold')}: {_counts(actions)}"
        for action in actions:
            yield from _action(action, paint)
    if found.dangers:
        yield ""
    for danger in found.dangers:
        color = _COLORS[danger.hazard.effect.severity]
        yield paint(danger.hazard.effect.value.upper(), color)
        yield finding_text(danger.finding, paint)
        yield ""
    yield _summary(found, paint)


def _counts(actions: list[Action]) -> str:
    words = {"+": "created", "~": "changed", "-/+": "replaced", "-": "no longer rendered"}
    counts = {sign: sum(action.sign == sign for action in actions) for sign in words}
    return ", ".join(f"{count} {words[sign]}" for sign, count in counts.items() if count)


def _action(action: Action, paint: Paint) -> Iterator[str]:
    notes = f"  ({', '.join(action.notes)})" if action.notes else ""
    yield f"  {paint(action.sign, _SIGNS[action.sign])} {action.subject}{paint(notes, 'yellow') if notes else ''}"
    for change in action.changes[:_MOST_CHANGES]:
        yield from _change(change, "      ", paint)
    more = len(action.changes) - _MOST_CHANGES
    if more > 0:
        yield f"      … and {more} more"


def _summary(found: Review, paint: Paint) -> str:
    counts = [(effect, sum(danger.hazard.effect is effect for danger in found.dangers)) for effect in Effect]
    parts = [paint(f"{count} {effect.value}", _COLORS[effect.severity]) for effect, count in counts if count]
    return ", ".join(parts) if parts else "no hazard is known of"
