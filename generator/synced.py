"""The copies that `oetgen sync` keeps where GitHub and Docker look: what belongs there, and what is behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from generator import writer
from generator.diff import ValueChange, compare_values
from generator.diff.values import value_text, with_value
from generator.findings import Finding, Note, Span, error
from generator.located import format_path
from generator.pipeline import Pipeline, Proof, Waiting, file_of
from generator.project import OUT, Project
from generator.render import Artifact, trace

# Files that are used elsewhere than in out/, by the template that makes them.
_SYNCED = (".github/", "{service}/")
_MOST_CAUSES = 5


def plan_sync(
    pipeline: Pipeline,
    chosen: list[Proof],
    every: list[Proof],
    folder: Path,
    shown: str,
    *,
    overwrite: bool = False,
) -> writer.Plan:
    """Return what it takes to have the files of `chosen` in `folder` that are used there.

    What is ours there and is made by none of `every` environment goes; while one of them has errors, nothing goes.
    """
    files: dict[str, writer.File] = {}
    makers: dict[str, tuple[Proof, Artifact]] = {}
    findings: list[Finding] = []
    for proof in chosen:
        for artifact in _synced(proof):
            path = artifact.path
            if path in files and files[path].text != artifact.text:
                findings.append(_disagree(pipeline, *makers[path], proof, artifact))
                continue
            files[path] = file_of(artifact)
            makers[path] = (proof, artifact)
    known = {proof.env for proof in every}
    envs = frozenset(writer.synced(folder) & known | {proof.env for proof in chosen})
    keep = _keep(folder, every)
    plan = writer.plan(folder, shown, files, overwrite=overwrite, inside=folder, keep=keep, synced=envs)
    return replace(plan, findings=(*findings, *plan.findings))


def behind(pipeline: Pipeline, proofs: list[Proof], waiting: Waiting) -> list[Finding]:
    """Return a finding for each synced file that is not what the templates and values make now.

    Copies are looked for in the project's folder and those above it, up to the top of the repository.
    """
    findings: list[Finding] = []
    whole = {proof.env for proof in proofs} >= set(pipeline.project.environment_names())
    for folder in _copies(pipeline.project):
        here = [proof for proof in proofs if proof.env in writer.synced(folder) and proof.tree]
        if not here:
            continue
        shown = Path(os.path.relpath(folder, pipeline.project.root)).as_posix()
        with writer.reading(folder, shown, waiting):
            keep = _keep(folder, proofs) if whole else frozenset(writer.read_manifest(folder))
            files = {artifact.path: file_of(artifact) for proof in here for artifact in _synced(proof)}
            plan = writer.plan(folder, shown, files, keep=keep, inside=folder)
        findings += _behind(plan, shown, " ".join(sorted(writer.synced(folder))))
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


def _synced(proof: Proof) -> Iterator[Artifact]:
    for artifact in proof.tree.artifacts if proof.tree else ():
        if artifact.template.startswith(_SYNCED):
            yield artifact


def _keep(folder: Path, every: list[Proof]) -> frozenset[str]:
    """Return the paths that some environment makes; all that are ours, while that is not known of one."""
    if any(proof.tree is None for proof in every):
        return frozenset(writer.read_manifest(folder))
    return frozenset(artifact.path for proof in every for artifact in _synced(proof))


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
        lines = trace(pipeline.engine, replace(second.values, data=data), artifact)
        if "".join(f"{line.text}\n" for line in lines) != artifact.text:
            found.append(change)
        if len(found) == _MOST_CAUSES:
            break
    return found
