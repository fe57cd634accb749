"""Which value, or which line of a template, a hazard comes from.

A value is to blame when the hazard goes away as soon as that value is what it was. That is tried, not guessed: the
files are rendered again with each value that differs taken back.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path

from generator.changes import hazards
from generator.changes.diff import Files, ValueChange, compare_values
from generator.changes.diff.values import value_text, with_value
from generator.changes.environments import texts_of
from generator.changes.hazards import Hazard, Place, System
from generator.findings import Finding, Note, Span
from generator.pipeline import Pipeline, Proof
from generator.project import ENVIRONMENTS, OUT
from generator.project.folder import Project
from generator.project.git import Revision
from generator.provenance.blame import origin
from generator.provenance.trace import Trace
from generator.render.outputs import render_tree
from generator.values.layers import Values, load_values
from generator.values.source import KeyPath, format_path

_MOST_VALUES = 60  # that differ, and are tried one by one

_COUNTS = re.compile(r" and \d+ more| \(and \d+ more[^)]*\)")

Identity = tuple[str, str, str]


class Causes:
    """Finds out which value is to blame for a hazard: the one that, taken back, makes it go away."""

    def __init__(
        self, pipeline: Pipeline, proof: Proof, before: System, revision: Revision | None, found: list[Hazard]
    ) -> None:
        self._pipeline = pipeline
        self._proof = proof
        self._before = before
        self._artifacts = {artifact.path: artifact for artifact in proof.tree.artifacts} if proof.tree else {}
        self._tried: dict[tuple[KeyPath, ...], set[Identity] | None] = {}
        self._trace: Trace | None = None
        self._values = _values_of(revision, proof.env) if revision and found else None
        self._blamed = self._try_all(found) if self._values else {}

    def finding(self, hazard: Hazard, against: str) -> Finding:
        """Return a hazard as a finding, with both lines, what caused it, and who says so."""
        old = self._span(hazard.old, self._before.files, f"{against}:" if against else "")
        new = self._span(hazard.new, {path: each.text for path, each in self._artifacts.items()}, "")
        notes = [Note("the line before", old)] if old and new else []
        notes += self._notes(hazard, against)
        notes.append(Note(f"source: {hazard.source}"))
        message = f"{hazard.subject}: {hazard.message}"
        code = f"hazards/{hazard.rule}"
        env = self._proof.env if new else ""
        return Finding(code, hazard.effect.severity, message, new or old, tuple(notes), hazard.safe, env)

    def _span(self, place: Place | None, files: Files, side: str) -> Span | None:
        if place is None:
            return None
        lines = files.get(place.path, "").split("\n")
        text = lines[place.line - 1] if 0 < place.line <= len(lines) else ""
        column = len(text) - len(text.lstrip()) + 1
        path = f"{side}{OUT}/{self._proof.env}/{place.path}"
        return Span(path, place.line, column, len(text.strip()) or 1, text)

    def _notes(self, hazard: Hazard, against: str) -> list[Note]:
        blamed = self._blamed.get(_identity(hazard), [])
        notes = [Note(_what_changed(change), _where(change, against)) for change in blamed[:3]]
        if len(blamed) > 1:
            notes.insert(0, Note(f"{len(blamed)} values cause it together"))
        if notes or hazard.new is None:
            return notes
        self._trace = self._trace or self._pipeline.trace(self._proof.values)
        found = self._trace.file(hazard.new.path)
        if found is None:
            return notes
        template, values = origin(self._trace, found, hazard.new.line)
        if template:
            notes.append(Note("made by this line of the template", template))
        return notes + [Note(f"{format_path(path)} is in the line", at) for path, at in values[:3]]

    def _try_all(self, found: list[Hazard]) -> dict[Identity, list[ValueChange]]:
        """Take the values that differ back, one at a time, and see which hazards that makes go away."""
        values = self._proof.values
        changes = compare_values(self._values, values) if self._values else []
        blamed: dict[Identity, list[ValueChange]] = {}
        if not changes or len(changes) > _MOST_VALUES:
            return blamed
        all_back = self._without(tuple(changes))
        mine = {_identity(hazard) for hazard in found} - all_back if all_back is not None else set()
        for change in changes:
            left = self._without((change,))
            for identity in mine - blamed.keys() - left if left is not None else ():
                blamed[identity] = [change]
        for identity in sorted(mine - blamed.keys()):  # none of them does it alone
            blamed[identity] = self._smallest(identity, changes)
        return blamed

    def _smallest(self, identity: Identity, changes: list[ValueChange]) -> list[ValueChange]:
        """Return values that cause a hazard together, none of which can be left out."""
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
        data = self._proof.values.data
        for change in changes:
            data = with_value(data, change.path, change.old, change.was)
        values = replace(self._proof.values, data=data)
        tree, findings = render_tree(self._pipeline.engine, values)
        if findings:
            return None
        new = System(texts_of(tree), memory=self._before.memory)
        return {_identity(hazard) for hazard in hazards.find(self._before, new)}


def _where(change: ValueChange, against: str) -> Span | None:
    """Return the line that sets the value now, or else the one that did before."""
    if change.new_at or not change.old_at:
        return change.new_at
    return replace(change.old_at, path=f"{against}:{change.old_at.path}")


def _what_changed(change: ValueChange) -> str:
    was, now = value_text(change.old, change.was), value_text(change.new, change.is_there)
    return f"{format_path(change.path)} was {was}, and is {now}"


def _identity(hazard: Hazard) -> Identity:
    """Return what a hazard is known by when other values change; how many other fields change is none of it."""
    return hazard.rule, hazard.subject, _COUNTS.sub("", hazard.message)


def _values_of(revision: Revision, env: str) -> Values | None:
    """Return the values that an environment had in a revision, or None when it had none, or wrong ones."""
    files = revision.files([ENVIRONMENTS])
    if f"{ENVIRONMENTS}/{env}.yaml" not in files:
        return None
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            target = Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
        values, findings = load_values(Project(Path(folder)), env)
    return None if findings else values
