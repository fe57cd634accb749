"""How two environments differ: in values, and in what their files mean."""

from __future__ import annotations

from dataclasses import dataclass

from generator.changes.diff import FileChange, ValueChange, compare_files, compare_values
from generator.pipeline import Proof
from generator.render.tree import Artifact, Tree
from generator.values.layers import Values


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two environments differ: in values, and in what the rendered files mean."""

    old: str
    new: str
    values: tuple[ValueChange, ...]
    files: tuple[FileChange, ...]
    same: int
    """How many files mean the same in both."""


def compare_environments(old: Proof, new: Proof) -> Comparison:
    """Return how the environment of `new` differs from that of `old`; files without errors on both sides."""
    changed = compare_values(old.values, new.values)
    if old.tree is None or new.tree is None:
        return Comparison(old.env, new.env, tuple(changed), (), 0)
    before, after = texts_of(old.tree), texts_of(new.tree)
    known = {_without_suffix(artifact, old.values): artifact.path for artifact in old.tree.artifacts}
    pairs = {
        artifact.path: known.get(_without_suffix(artifact, new.values), artifact.path)
        for artifact in new.tree.artifacts
    }
    files = compare_files(before, after, pairs)
    both = sum(path in before for path in pairs.values())
    differ = sum(change.old_path is not None and change.path is not None for change in files)
    return Comparison(old.env, new.env, tuple(changed), tuple(files), both - differ)


def texts_of(tree: Tree) -> dict[str, str]:
    return {artifact.path: artifact.text for artifact in tree.artifacts}


def _without_suffix(artifact: Artifact, values: Values) -> tuple[str, str]:
    """Return what a file is, whatever the suffix of its environment."""
    suffix = str(values.data.get("suffix", ""))
    path = artifact.path
    if suffix and "{suffix}" in artifact.template:
        path = path.replace(f"{suffix}.", ".", 1)
    return artifact.template, path
