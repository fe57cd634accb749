"""The copies that `oetgen sync` keeps where GitHub and Docker look: what belongs there, and what is behind."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from generator import writer
from generator.changes.diff import ValueChange, compare_values
from generator.changes.diff.values import value_text, with_value
from generator.findings import Finding, Note, Span, error
from generator.pipeline import Pipeline, Proof, Waiting, file_of
from generator.project import OUT
from generator.project.folder import Project
from generator.render.outputs import render_file
from generator.render.tree import Artifact, Tree
from generator.values.source import format_path

# Files that are used elsewhere than in out/, by the template that makes them.
_SYNCED = (".github/", "{service}/")
_MOST_CAUSES = 5


def plan_sync(
    pipeline: Callable[[], Pipeline],
    chosen: list[Tree],
    every: Mapping[str, Tree | None],
    folder: Path,
    shown: str,
    *,
    overwrite: bool = False,
) -> writer.Plan:
    """Return what it takes to have the files of `chosen` in `folder` that are used there.

    What is ours there and is made by none of `every` environment goes; while one of them has errors, nothing goes.
    `pipeline` makes what it takes to look for the causes of a conflict.
    """
    files: dict[str, writer.File] = {}
    makers: dict[str, tuple[str, Artifact]] = {}
    conflicts: list[tuple[str, Artifact, str, Artifact]] = []
    for tree in chosen:
        for artifact in _synced(tree):
            path = artifact.path
            if path in files and files[path].text != artifact.text:
                conflicts.append((*makers[path], tree.env, artifact))
                continue
            files[path] = file_of(artifact)
            makers[path] = (tree.env, artifact)
    envs = (writer.synced(folder) & every.keys()) | {tree.env for tree in chosen}
    keep = _keep(folder, every)
    plan = writer.plan(
        folder, shown, files, overwrite=overwrite, inside=folder, keep=keep, synced=frozenset(envs)
    )
    return replace(plan, findings=(*_disagreements(pipeline, conflicts), *plan.findings))


def behind(project: Project, trees: Mapping[str, Tree | None], waiting: Waiting) -> list[Finding]:
    """Return a finding for each synced file that is not what the templates and values make now.

    Copies are looked for in the project's folder and those above it, up to the top of the repository.
    """
    findings: list[Finding] = []
    whole = trees.keys() >= set(project.environment_names())
    for folder in _copies(project):
        envs = writer.synced(folder)
        here = [tree for env, tree in trees.items() if tree and env in envs]
        if not here:
            continue
        shown = Path(os.path.relpath(folder, project.root)).as_posix()
        with writer.reading(folder, shown, waiting):
            keep = _keep(folder, trees) if whole else frozenset(writer.read_manifest(folder))
            files = {artifact.path: file_of(artifact) for tree in here for artifact in _synced(tree)}
            plan = writer.plan(folder, shown, files, keep=keep, inside=folder)
        findings += _behind(plan, shown, " ".join(sorted(envs)))
    return findings


def _behind(plan: writer.Plan, shown: str, envs: str) -> Iterator[Finding]:
    texts = (
        ("is not there, and oetgen sync has put it there before", plan.create),
        ("is not what the templates and values make now", plan.update),
        ("is made by no environment any more", plan.delete),
    )
    hint = f"run: oetgen sync {envs} --to {shown}"
    for text, paths in texts:
        for path in paths:
            yield error("synced/behind", text, Span(writer.below(shown, path), 1), hint=hint)
    yield from plan.findings


def _copies(project: Project) -> Iterator[Path]:
    """Yield each folder that files were synced to, of those that are above the project."""
    for folder in (project.root, *project.root.parents):
        if writer.synced(folder):
            yield folder
        if (folder / ".git").exists():
            return


def _synced(tree: Tree | None) -> Iterator[Artifact]:
    for artifact in tree.artifacts if tree else ():
        if artifact.template.startswith(_SYNCED):
            yield artifact


def _keep(folder: Path, every: Mapping[str, Tree | None]) -> frozenset[str]:
    """Return the paths that some environment makes; all that are ours, while that is not known of one."""
    if None in every.values():
        return frozenset(writer.read_manifest(folder))
    return frozenset(artifact.path for tree in every.values() for artifact in _synced(tree))


def _disagreements(
    make: Callable[[], Pipeline], conflicts: list[tuple[str, Artifact, str, Artifact]]
) -> Iterator[Finding]:
    """Yield the finding for each path that two environments fill with different bytes."""
    if not conflicts:
        return
    pipeline = make()
    names = dict.fromkeys(name for first, _, second, _ in conflicts for name in (first, second))
    proofs = {proof.env: proof for proof in pipeline.prove(list(names))}
    for first, one, second, other in conflicts:
        yield _disagree(pipeline, proofs[first], one, proofs[second], other)


def _disagree(pipeline: Pipeline, first: Proof, one: Artifact, second: Proof, other: Artifact) -> Finding:
    """Return the finding for a path that two environments fill with different bytes, with the causes of both."""
    before, after = one.text.split("\n"), other.text.split("\n")
    pairs = enumerate(zip(before, after, strict=False), start=1)
    number = next((line for line, (was, now) in pairs if was != now), min(len(before), len(after)))
    notes = [Note(f"in {first.env} it has this line", _line(first, one, number))]
    for change in _causes(pipeline, first, second, other):
        for proof, value, there, at in (
            (first, change.old, change.was, change.old_at),
            (second, change.new, change.is_there, change.new_at),
        ):
            notes.append(Note(f"{format_path(change.path)} is {value_text(value, there)} in {proof.env}", at))
    return error(
        "synced/conflict",
        f"{first.env} and {second.env} make {other.path} with different bytes, and both need this one path",
        _line(second, other, number),
        notes=tuple(notes),
        hint="give the values that differ the same value in both, or sync only one of them",
    )


def _line(proof: Proof, artifact: Artifact, number: int) -> Span:
    text = artifact.text.split("\n")[number - 1]
    return Span(f"{OUT}/{proof.env}/{artifact.path}", number, 1, len(text) or 1, text)


def _causes(pipeline: Pipeline, first: Proof, second: Proof, artifact: Artifact) -> list[ValueChange]:
    """Return the values that differ and that this file depends on."""
    found = []
    for change in compare_values(first.values, second.values):
        data = with_value(second.values.data, change.path, change.old, change.was)
        if render_file(pipeline.engine, replace(second.values, data=data), artifact) != artifact.text:
            found.append(change)
        if len(found) == _MOST_CAUSES:
            break
    return found
