"""Plan what a write would do: steps, or findings that stop it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from functools import cached_property
from pathlib import Path

from generator.findings import Finding, Severity, Span, error, warning
from generator.findings.record import record
from generator.writer import hand_edits, manifest
from generator.writer.journal import read_journal
from generator.writer.manifest import MANIFEST, Manifest, Owned
from generator.writer.paths import below, check_folder, collisions, is_safe
from generator.writer.state import File, State, Status, same_files, statuses

_STEPS = {State.CURRENT: "keep", State.STALE: "update", State.MISSING: "create", State.ORPHANED: "delete"}
_GONE = (
    State.MISSING,
    State.BLOCKED,
)  # an owned path that is not wanted: the owned file does not exist any more


@record
class Plan:
    """What a write would do to the files below `folder`. With errors in `findings` it must not be applied.

    `renamed` are owned paths that are the same file as a wanted one; `left` is what a stopped run has staged.
    """

    folder: Path
    files: dict[str, File]
    create: tuple[str, ...] = ()
    update: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    manifest: Manifest = field(default_factory=Manifest)
    synced: frozenset[str] | None = None
    states: tuple[Status, ...] = ()
    renamed: frozenset[str] = frozenset()
    left: tuple[str, ...] | None = None
    findings: tuple[Finding, ...] = ()

    @cached_property
    def changes(self) -> bool:
        """Whether applying the plan writes anything."""
        steps = self.create or self.update or self.delete
        return bool(steps) or self.left is not None or self.manifest.text != self.after.write()

    def is_current(self) -> bool:
        """Return whether no other run has written to the folder since the plan was made."""
        journal = read_journal(self.folder)
        unchanged = manifest.load(self.folder, self.manifest.owner).text == self.manifest.text
        return unchanged and (None if journal is None else tuple(journal)) == self.left

    @property
    def found(self) -> dict[str, bytes]:
        """The content on disk of the files that change."""
        paths = {*self.update, *self.delete}
        return {status.path: status.found or b"" for status in self.states if status.path in paths}

    @property
    def edited(self) -> tuple[Status, ...]:
        """The files that were changed by hand and would be replaced."""
        return tuple(status for status in self.states if status.state is State.EDITED and status.wanted)

    @cached_property
    def after(self) -> Manifest:
        """The manifest as it is once the plan is applied."""
        handled = {*self.files, *self.delete, *self.renamed}
        gone = {status.path for status in self.states if status.state in _GONE and not status.wanted}
        others: Owned = {
            path: hashes
            for path, hashes in self.manifest.owned.items()
            if path not in handled and path not in gone and os.path.lexists(f"{self.folder}/{path}")
        }
        ours = {path: frozenset([file.digest]) for path, file in self.files.items()}
        synced = self.manifest.synced if self.synced is None else self.synced
        unclaimed = self.manifest.unclaimed - ours.keys()
        return replace(self.manifest.changed_to(others | ours, synced), unclaimed=unclaimed)

    @property
    def during(self) -> Manifest:
        """The manifest while files are replaced: it lists the old and the new hash of each."""
        before, after = self.manifest.owned, self.after
        empty: frozenset[str] = frozenset()
        hashes = {
            path: before.get(path, empty) | after.owned.get(path, empty) for path in {*before, *after.owned}
        }
        return after.changed_to(hashes, after.synced)


def plan(
    folder: Path,
    label: str,
    files: dict[str, File],
    *,
    overwrite: bool = False,
    inside: Path | None = None,
    keep: Iterable[str] = (),
    synced: frozenset[str] | None = None,
    read: Manifest | None = None,
) -> Plan:
    """Compare `files` with what is below `folder`, which messages call `label`.

    Owned files that are not wanted any more are deleted, except those in `keep`. With `overwrite`, hand edits and
    untracked files at wanted paths are replaced; without it they are findings. No link below `inside` is followed.
    `synced` are the environments to list in the manifest; without it, its list stays. `read` is the manifest where
    several projects share the folder: what is not of this project is neither replaced nor deleted.
    """
    check_folder(folder, label, inside)
    read = read or manifest.load(folder)
    findings = [
        *_bad_lines(label, read),
        *_bad_paths(label, files, read.others),
        *_of_others(label, files, read, frozenset(keep)),
    ]
    steps: dict[str, list[str]] = {"create": [], "update": [], "delete": [], "keep": []}
    wanted = {path: file for path, file in files.items() if is_safe(path) and path not in read.others}
    renamed = same_files(folder, wanted, read.owned)
    states = tuple(statuses(folder, wanted, read, renamed, {*keep, *read.unclaimed}))
    for status in states:
        if status.state in _GONE and not status.wanted:
            continue
        finding = _finding(label, status, overwrite)
        if finding:
            findings.append(finding)
            continue
        edited = status.state in (State.EDITED, State.UNTRACKED)
        step = ("update" if status.wanted else "delete") if edited else _STEPS[status.state]
        steps[step].append(status.path)
    findings += _locked_folders(folder, label, steps["delete"])
    journal = read_journal(folder)
    return Plan(
        folder,
        files,
        **{name: tuple(paths) for name, paths in steps.items()},
        manifest=read,
        synced=synced,
        states=states,
        renamed=frozenset(renamed.values()),
        left=None if journal is None else tuple(journal),
        findings=tuple(findings),
    )


def _finding(label: str, status: Status, overwrite: bool) -> Finding | None:
    if status.state in _STEPS:
        return None
    at = Span(below(label, status.path), 1)
    if status.state is State.BLOCKED:
        message = f"found {status.reason}, expected {'a file' if status.place == status.path else 'a folder'}"
        hint = "move it away: oetgen follows no links and replaces no folders"
        return error("writer/in-the-way", message, Span(below(label, status.place), 1), hint=hint)
    if status.state is State.UNREADABLE:
        long = status.error == errno.ENAMETOOLONG
        hint = "shorten the path of the template" if long else "restore its permissions"
        return error("writer/unreadable", f"cannot be read: {status.reason}", at, hint=hint)
    if overwrite:
        return None
    if status.state is State.EDITED:
        return hand_edits.changed(at, status)
    return hand_edits.not_ours(at, status)


def _of_others(label: str, files: Iterable[str], read: Manifest, keep: frozenset[str]) -> Iterator[Finding]:
    """Yield a finding for each wanted path that another project wrote, and for each copy of an unknown project."""
    for path in files:
        if path in read.others:
            message = f"the project in {read.others[path]}/ wrote this file"
            hint = "give it another path in one of the two projects, or remove it from the other one and sync that"
            yield error("synced/other-project", message, Span(below(label, path), 1), hint=hint)
    for path in sorted(read.unclaimed.difference(files, keep)):
        message = "an older version of oetgen wrote this file, and its manifest does not name the project"
        hint = "sync the environment that generates it; if no project generates it any more, delete it"
        yield warning("synced/unclaimed", message, Span(below(label, path), 1), hint=hint)


def _bad_paths(label: str, files: dict[str, File], others: Mapping[str, str]) -> list[Finding]:
    findings = [
        error(
            "writer/unsafe-path",
            f"{path!r} is not a valid path of a file below {label}",
            Span(below(label, path), 1),
            hint=f"give the template {file.template} a path of plain names; .git and names that begin with .oetgen "
            "are reserved",
        )
        for path, file in files.items()
        if not is_safe(path)
    ]
    for one, other in sorted({*collisions({*files, *others})}.difference(collisions(others))):
        message = f"{one} and {other} are the same path on a case-insensitive file system (macOS, Windows)"
        hint = "rename one of the two templates, or its service"
        findings.append(error("writer/case-collision", message, Span(below(label, other), 1), hint=hint))
    return findings


def _bad_lines(label: str, read: Manifest) -> list[Finding]:
    return [
        Finding(
            "writer/unsafe-line",
            Severity.WARNING,
            "the path leads out of the folder: the line is ignored",
            Span(below(label, MANIFEST), number, 67, len(line) - 66, line),
            hint="find out who wrote the line; the next render removes it",
        )
        for number, line in read.unsafe
    ]


def _locked_folders(folder: Path, label: str, delete: list[str]) -> list[Finding]:
    """Return a finding for each file to be deleted from a folder that is not writable."""
    return [
        error(
            "writer/read-only",
            "cannot be deleted: its folder is not writable",
            Span(below(label, path), 1),
            hint="restore the permissions of the folder",
        )
        for path in delete
        if not os.access((folder / path).parent, os.W_OK | os.X_OK)
    ]
