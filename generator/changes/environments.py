"""How two environments differ: in values, and in the meaning of their files."""

from __future__ import annotations

from generator.changes.diff import FileChange, ValueChange, compare_files, compare_values
from generator.changes.diff.files import NOTHING_KNOWN, Known
from generator.findings.record import record
from generator.render.paths import same_entry
from generator.render.result import RenderResult
from generator.render.tree import Artifact
from generator.values.layers import Values


@record
class Comparison:
    """How two environments differ in values and in the meaning of their files; `same` files mean the same in both."""

    old: str
    new: str
    values: tuple[ValueChange, ...]
    files: tuple[FileChange, ...]
    same: int


def compare_environments(old: RenderResult, new: RenderResult, known: Known = NOTHING_KNOWN) -> Comparison:
    """Compare two environments; their files only when both have a tree. `known` has files that were read before."""
    changed = compare_values(old.values, new.values)
    if old.tree is None or new.tree is None:
        return Comparison(old.env, new.env, tuple(changed), (), 0)
    before, after = old.tree.texts, new.tree.texts
    entries = {_entry(artifact, old.values): artifact.path for artifact in old.tree.artifacts}
    pairs = {
        artifact.path: entries.get(_entry(artifact, new.values), artifact.path)
        for artifact in new.tree.artifacts
    }
    files = compare_files(before, after, pairs, old.tree.languages | new.tree.languages, known)
    both = sum(path in before for path in pairs.values())
    differ = sum(change.old_path is not None and change.path is not None for change in files)
    return Comparison(old.env, new.env, tuple(changed), tuple(files), both - differ)


def _entry(artifact: Artifact, values: Values) -> tuple[str, ...]:
    """Return what identifies a file in every environment: its template, and the names of the entries it is for."""
    return (artifact.template, *same_entry(artifact.template, artifact.path, values))
