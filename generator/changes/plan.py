"""What applying the rendered files would do to what is committed, or one set of files to another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from generator import writer
from generator.changes import hazards
from generator.changes.causes import Causes, RenderTree, TraceOf, values_of
from generator.changes.diff import Files, ValueChange, compare_values
from generator.changes.hazards import Hazard, System
from generator.changes.objects import ObjectChange, object_changes
from generator.findings import FOR, IF, Finding, Span, has_errors
from generator.findings.record import record
from generator.project.content import BOM, text_of
from generator.project.files import read_bytes
from generator.project.folder import Project
from generator.project.git import Revision
from generator.render.result import RenderResult
from generator.render.tree import Tree
from generator.system import Memory
from generator.values.layers import Values, value_at
from generator.values.source import KeyPath


@record
class HazardFinding:
    """A hazard as a finding, with notes about its causes."""

    hazard: Hazard
    finding: Finding


@record
class Inherited:
    """A value that a change sets at `at`, and the other environments that have it from there, too."""

    path: KeyPath
    at: Span
    environments: tuple[str, ...]


@record
class Review:
    """What applying the rendered files would do; `against` names what there was before.

    `errors` are those that the checks find in the rendered files and not in the files before; `earlier_errors` is the
    number of the others. `folder` is that of the rendered files. `values` are those that differ, where the values of
    the revision are known; `inherited` are those of them that other environments have, too, and `elsewhere` is what
    it does to the first of these. `edited` are the files that somebody edited by hand before they were committed.
    """

    env: str
    against: str
    hazards: tuple[HazardFinding, ...]
    objects: tuple[ObjectChange, ...]
    errors: tuple[Finding, ...] = ()
    earlier_errors: int = 0
    folder: str = ""
    values: tuple[ValueChange, ...] = ()
    inherited: tuple[Inherited, ...] = ()
    elsewhere: tuple[Review, ...] = ()
    edited: tuple[str, ...] = ()

    @property
    def fails(self) -> bool:
        """Return whether something would be refused, would lose data, or would be wrong in use."""
        return has_errors([*self.errors, *(each.finding for each in self.hazards)])

    @property
    def rank(self) -> int:
        """The place of its worst effect among all effects, where 0 is the worst; an error counts as a refusal."""
        effects = [each.hazard.effect for each in self.hazards]
        effects += [hazards.Effect.REFUSED] if self.errors else []
        order = list(hazards.Effect)
        return min(map(order.index, effects), default=len(order))

    def refused(self, error: Finding) -> str:
        """Return the object at a line of an error of the checks that a hazard calls refused: it is one mistake."""
        refused = (each.hazard for each in self.hazards if each.hazard.effect is hazards.Effect.REFUSED)
        subjects = {
            (f"{self.folder}/{each.new.path}", each.new.line): each.subject for each in refused if each.new
        }
        return next((subjects[line] for at in error.places if (line := (at.path, at.line)) in subjects), "")


def committed_files(revision: Revision, folder: str) -> dict[str, str]:
    """Return the output in a folder of a revision, by the paths below it."""
    top = f"{folder}/"
    files = revision.files([folder], binary=True)
    return {path.removeprefix(top): text for path, text in files.items() if path != f"{top}{writer.MANIFEST}"}


def committed_edits(revision: Revision, folder: str) -> tuple[str, ...]:
    """Return the files of a revision that are not as oetgen wrote them, by the manifest of that revision."""
    files = revision.files([folder])
    owned = writer.parsed(files.get(f"{folder}/{writer.MANIFEST}", "")).owned
    paths = ((path, hashes, files.get(f"{folder}/{path}")) for path, hashes in owned.items())
    return tuple(
        f"{folder}/{path}"
        for path, hashes, text in paths
        if text is not None
        and hashes.isdisjoint(writer.digest(start + text.encode()) for start in (b"", BOM))
    )


def files_on_disk(project: Project, folder: str) -> dict[str, str]:
    """Return the output in a folder that is on disk: owned files. Raises FindingError for a link."""
    writer.check_folder(project.root / folder, folder, project.root)
    files = {}
    for path in writer.read_manifest(project.root / folder):
        try:
            files[path] = text_of(read_bytes(str(project.root), f"{folder}/{path}"))
        except OSError:
            continue
    return files


def systems(
    before: Files, tree: Tree | None, memory: Memory | None = None, folder: str = ""
) -> tuple[System, System]:
    """Return the files `before` and those of a tree, both below a folder, as systems: equal files are read once.

    `memory` has files that were read before.
    """
    if tree is None:
        raise ValueError("an environment with errors has no files to review")
    old = System.of_files(before, memory, tree.languages, folder)
    return old, System.of_files(tree.texts, old.memory, tree.languages, folder)


def review(
    result: RenderResult,
    old: System,
    new: System,
    against: str,
    revision: Revision | None,
    trace_of: TraceOf,
    render: RenderTree,
) -> Review:
    """Find what applying `result`, whose files are `new`, does to the files `old`, which messages call `against`.

    With a `revision`, the values that it had are examined as causes, by rendering with them.
    """
    folder = result.values.folder
    if old.texts == new.texts:
        return Review(result.env, against, (), (), folder=folder)
    found = hazards.find(old, new)
    earlier = values_of(revision, result.values) if revision else None
    changed = compare_values(earlier, result.values) if earlier else []
    causes = Causes(result, old, changed, found, trace_of, render)
    side = revision.name if revision else ""
    reported = tuple(HazardFinding(hazard, causes.finding(hazard, side)) for hazard in found)
    objects = tuple(object_changes(old, new, found))
    return Review(result.env, against, reported, objects, folder=folder, values=tuple(changed))


def hazards_alone(
    result: RenderResult, before: Files, against: str, memory: Memory | None = None
) -> Review | None:
    """Find what applying `result` does, without causes, objects and errors, which takes a tenth of the time.

    Returns None where no file changes.
    """
    tree = result.tree
    if tree is None or before == tree.texts:
        return None
    found = hazards.find(*systems(before, tree, memory))
    reported = (
        HazardFinding(each, Finding(f"hazards/{each.rule}", each.effect.severity, each.message, None))
        for each in found
    )
    return Review(result.env, against, tuple(reported), (), folder=tree.folder)


def explained(reviewed: Review, errors: Sequence[Finding]) -> Review:
    """Return a review in which a refusal that one of `errors`, of the checks, explains has its values and its fix.

    So both name one mistake with the same words.
    """
    places = {(at.path, at.line): error for error in errors for at in error.places}
    return replace(
        reviewed, hazards=tuple(_explained(each, reviewed.folder, places) for each in reviewed.hazards)
    )


def _explained(each: HazardFinding, folder: str, errors: Mapping[tuple[str, int], Finding]) -> HazardFinding:
    hazard, finding = each.hazard, each.finding
    at = hazard.new if hazard.effect is hazards.Effect.REFUSED else None
    error = errors.get((f"{folder}/{at.path}", at.line)) if at else None
    if error is None:
        return each
    values = {note.value for note in finding.notes}
    more = (
        note
        for note in error.notes
        if note.value and note.value not in values and note.label not in (IF, FOR)
    )
    notes = (*finding.notes, *more)
    return replace(each, finding=replace(finding, notes=notes, hint=error.hint or finding.hint))


def inherited(changed: Iterable[ValueChange], others: Sequence[Values]) -> Iterator[Inherited]:
    """Yield the values that differ and that other environments have from the same line."""
    for change in changed:
        names = tuple(
            each.env
            for each in others
            if change.new_at
            and each.at(change.path) == change.new_at
            and value_at(each.data, change.path, others) is not others  # it may be removed by a layer above
        )
        if change.new_at and names:
            yield Inherited(change.path, change.new_at, names)
