"""What a change would do: the new render beside what is committed, or any two sets of files."""

from __future__ import annotations

from dataclasses import dataclass

from generator import writer
from generator.changes import hazards
from generator.changes.causes import Causes
from generator.changes.diff import Files
from generator.changes.environments import texts_of
from generator.changes.hazards import Action, Hazard, System
from generator.findings import Finding
from generator.pipeline import Pipeline, Proof
from generator.project import OUT
from generator.project.folder import Project
from generator.project.git import Revision


@dataclass(frozen=True, slots=True)
class Danger:
    """A hazard with its lines as spans, and the notes that say what caused it."""

    hazard: Hazard
    finding: Finding


@dataclass(frozen=True, slots=True)
class Review:
    """What applying the new render would do, `against` what there was before."""

    env: str
    against: str
    dangers: tuple[Danger, ...]
    actions: tuple[Action, ...]


def committed_files(revision: Revision, env: str) -> dict[str, str]:
    """Return the committed output of an environment in a revision, by the paths below its folder."""
    top = f"{OUT}/{env}/"
    files = revision.files([f"{OUT}/{env}"])
    return {path.removeprefix(top): text for path, text in files.items() if path != f"{top}{writer.MANIFEST}"}


def files_on_disk(project: Project, env: str) -> dict[str, str]:
    """Return the output of an environment that is on disk: what is ours, as far as it is text."""
    folder = project.out(env)
    files = {}
    for path in writer.read_manifest(folder):
        try:
            files[path] = (folder / path).read_bytes().decode().replace("\r\n", "\n")
        except (OSError, UnicodeDecodeError):
            continue
    return files


def review(
    pipeline: Pipeline, proof: Proof, before: Files, against: str, revision: Revision | None
) -> Review:
    """Say what applying the render of `proof` does where `before` is what there is now.

    `against` is what messages call that side; with a `revision`, the values that it had are looked at as causes.
    """
    if proof.tree is None:
        raise ValueError("an environment with errors has no files to review")
    after = texts_of(proof.tree)
    old = System(before)
    new = System(after, memory=old.memory)
    found = hazards.find(old, new)
    causes = Causes(pipeline, proof, old, revision, found)
    side = revision.name if revision else ""
    dangers = tuple(Danger(hazard, causes.finding(hazard, side)) for hazard in found)
    return Review(proof.env, against, dangers, tuple(hazards.actions(old, new, found)))


def review_files(env: str, before: Files, after: Files) -> tuple[list[Hazard], list[Action]]:
    """Say what a change from one set of files to another does; neither has to be what the templates make now."""
    old, new = System(before), System(after)
    found = hazards.find(old, new)
    return found, hazards.actions(old, new, found)
