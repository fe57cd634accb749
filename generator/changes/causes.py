"""Find the value, or the line of a template, that causes a hazard.

A value is a cause when the hazard disappears once the value is restored: the files are rendered again with each value
that differs restored in turn.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from generator.changes import hazards
from generator.changes.diff import Files, ValueChange
from generator.changes.diff.values import value_text, with_value
from generator.changes.hazards import Hazard, Place, System
from generator.findings import BY, FOR, IF, SET, WAS, Finding, Note, Span
from generator.project.folder import Project
from generator.project.git import Revision
from generator.provenance.blame import origin
from generator.provenance.trace import Trace
from generator.render.result import RenderResult
from generator.render.tree import Tree
from generator.values.layers import Values, load_values
from generator.values.source import KeyPath, format_path

_MOST_VALUES = 60  # that differ; each takes a render

_COUNTS = re.compile(r" and \d+ more| \(and \d+ more[^)]*\)")

Identity = tuple[str, str, str]
TraceOf = Callable[[Values], Trace]
RenderTree = Callable[[Values], tuple[Tree, list[Finding]]]


class Causes:
    """Finds the values that cause the hazards of one environment, of those that are `changed`."""

    def __init__(
        self,
        result: RenderResult,
        before: System,
        changed: list[ValueChange],
        found: list[Hazard],
        trace_of: TraceOf,
        render: RenderTree,
    ) -> None:
        self._env = result.env
        self._values = result.values
        self._files = result.tree.texts if result.tree else {}
        self._before = before
        self._trace_of, self._render = trace_of, render
        self._tried: dict[tuple[KeyPath, ...], set[Identity] | None] = {}
        self._trace: Trace | None = None
        self._causes = self._find_all(found, changed) if found else {}

    def finding(self, hazard: Hazard, against: str) -> Finding:
        """Return a hazard as a finding, with both lines, its causes and its source."""
        old = self._span(hazard.old, self._before.texts, f"{against}:" if against else "")
        new = self._span(hazard.new, self._files, "")
        notes = [Note("the line before", old, WAS)] if old and new else []
        notes += self._notes(hazard, against)
        notes.append(Note(f"source: {hazard.source}", label="source"))
        message = f"{hazard.subject}: {hazard.message}"
        code = f"hazards/{hazard.rule}"
        env = self._env if new else ""
        return Finding(code, hazard.effect.severity, message, new or old, tuple(notes), hazard.safe, env)

    def _span(self, place: Place | None, files: Files, side: str) -> Span | None:
        if place is None:
            return None
        lines = files.get(place.path, "").split("\n")
        text = lines[place.line - 1] if 0 < place.line <= len(lines) else ""
        column = len(text) - len(text.lstrip()) + 1
        path = f"{side}{self._values.folder}/{place.path}"
        return Span(path, place.line, column, len(text.strip()) or 1, text)

    def _notes(self, hazard: Hazard, against: str) -> list[Note]:
        causes = self._causes.get(_identity(hazard), [])
        notes = [_note_of(change, against) for change in causes[:3]]
        if len(causes) > 1:
            notes.insert(0, Note(f"{len(causes)} values cause it together"))
        if notes or hazard.new is None:
            return notes
        self._trace = self._trace or self._trace_of(self._values)
        found = self._trace.file(hazard.new.path)
        if found is None:
            return notes
        template, values = origin(self._trace, found, hazard.new.line)
        if template:
            notes.append(Note("this line of the template generates it", template, BY))
        return notes + [
            Note(f"{format_path(path)} is part of the line", at, SET, format_path(path))
            for path, at in values[:3]
        ]

    def _find_all(self, found: list[Hazard], changes: list[ValueChange]) -> dict[Identity, list[ValueChange]]:
        """Restore the values that differ, one at a time, and return the hazards that disappear with each."""
        causes: dict[Identity, list[ValueChange]] = {}
        if not changes or len(changes) > _MOST_VALUES:
            return causes
        without_any = self._without(tuple(changes))
        caused = {_identity(hazard) for hazard in found} - without_any if without_any is not None else set()
        for change in changes:
            left = self._without((change,))
            for identity in caused - causes.keys() - left if left is not None else ():
                causes[identity] = [change]
        for identity in sorted(caused - causes.keys()):  # no single value causes it
            causes[identity] = self._smallest(identity, changes)
        return causes

    def _smallest(self, identity: Identity, changes: list[ValueChange]) -> list[ValueChange]:
        """Return values that only together cause a hazard."""
        for change in list(changes):
            rest = [each for each in changes if each is not change]
            left = self._without(tuple(rest))
            if left is not None and identity not in left:
                changes = rest
        return changes

    def _without(self, changes: tuple[ValueChange, ...]) -> set[Identity] | None:
        """Return the hazards there would be if these values were as before, or None when that cannot be rendered."""
        key = tuple(change.path for change in changes)
        if key not in self._tried:
            self._tried[key] = self._hazards_without(changes)
        return self._tried[key]

    def _hazards_without(self, changes: tuple[ValueChange, ...]) -> set[Identity] | None:
        data = self._values.data
        for change in changes:
            data = with_value(data, change.path, change.old, change.was)
        values = replace(self._values, data=data)
        tree, findings = self._render(values)
        if findings:
            return None
        new = System.of_files(tree.texts, self._before.memory, tree.languages, self._before.folder)
        return {_identity(hazard) for hazard in hazards.find(self._before, new)}


def with_changes(finding: Finding, changes: Iterable[ValueChange], against: str) -> Finding:
    """Return a finding whose values that changed since a revision come first, each with what it was."""
    by_place = {(at.path, at.line, format_path(each.path)): each for each in changes if (at := each.new_at)}
    first: list[Note] = []
    others: list[Note] = []
    for note in finding.notes:
        at = note.set_at or note.at
        change = by_place.get((at.path, at.line, note.value.partition("[")[0])) if at else None
        if change is None or note.label in (IF, FOR):
            others.append(note)
        else:
            first.append(replace(_note_of(change, against), environment=note.environment))
    return replace(finding, notes=(*dict.fromkeys(first), *others)) if first else finding


def _note_of(change: ValueChange, against: str) -> Note:
    return Note(_what_changed(change), _where(change, against), SET, format_path(change.path))


def _where(change: ValueChange, against: str) -> Span | None:
    """Return the line that sets the value now, or else the one that set it before."""
    if change.new_at or not change.old_at:
        return change.new_at
    return replace(change.old_at, path=f"{against}:{change.old_at.path}")


def _what_changed(change: ValueChange) -> str:
    was, now = value_text(change.old, change.was), value_text(change.new, change.is_there)
    return f"{format_path(change.path)} was {was}, and is {now}"


def _identity(hazard: Hazard) -> Identity:
    """Return what identifies a hazard while other values change: not the number of other fields that change."""
    return hazard.rule, hazard.subject, _COUNTS.sub("", hazard.message)


def values_of(revision: Revision, now: Values) -> Values | None:
    """Return the values that an environment had in a revision; None when it had none, or invalid ones."""
    files = revision.files([now.folders.environments])
    if now.path not in files:
        return None
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            target = Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
        variants = {now.env: now.variant} if now.variant else {}
        values, findings = load_values(Project(Path(folder), variants=variants, folders=now.folders), now.env)
    return None if findings else values
