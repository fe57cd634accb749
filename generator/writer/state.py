"""The state of each file: current, stale, changed by hand, missing, orphaned, untracked, or not a file."""

from __future__ import annotations

import os
import stat
from collections.abc import Container, Iterable, Iterator
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from generator.findings.record import record
from generator.project.files import read_file
from generator.writer.journal import JOURNAL, read_journal
from generator.writer.manifest import MANIFEST, Manifest, digest
from generator.writer.paths import in_the_way


class State(StrEnum):
    """How a file on disk compares with what is rendered now and with what was written last."""

    CURRENT = "current"  # as rendered now
    STALE = "stale"  # as written last, but rendered differently now
    MISSING = "missing"  # rendered now, but not on disk
    ORPHANED = "orphaned"  # as written last, but no template generates it any more
    EDITED = "hand-edited"  # owned, and changed since it was written
    UNTRACKED = "untracked"  # not owned, at the path of a rendered file
    BLOCKED = "blocked"  # a link, a folder or a device at its path, or a file at that of a parent
    UNREADABLE = "unreadable"


@record
class File:
    """A rendered file; `template` is relative to the templates.

    `content` are its bytes where they are not those of `text`.
    """

    text: str
    executable: bool
    template: str
    content: bytes | None = None

    @property
    def data(self) -> bytes:
        """Its bytes."""
        return self.text.encode() if self.content is None else self.content

    @cached_property
    def digest(self) -> str:
        """Its hash in the manifest."""
        return digest(self.data)

    def is_in(self, found: bytes) -> bool:
        """Return whether `found` is this file: one with LF may be checked out with CRLF."""
        if self.content is None:
            return digest(found) == self.digest
        return found == self.content


@record
class Status:
    """The state of a file: `wanted` is the rendered file, `found` the bytes on disk.

    `reason` is what is at the path `place` instead (BLOCKED), or why the file cannot be read (UNREADABLE).
    """

    path: str
    state: State
    wanted: File | None = None
    found: bytes | None = None
    reason: str = ""
    place: str = ""
    error: int = 0


def statuses(
    folder: Path, files: dict[str, File], manifest: Manifest, renamed: dict[str, str], keep: Container[str]
) -> Iterator[Status]:
    """Yield the status of each wanted file, and of each owned one that is not wanted any more and not in `keep`.

    `renamed` is what `same_files` returns.
    """
    known: set[str] = set()
    modes = _keeps_modes(folder)
    owned = manifest.owned
    others = [path for path in owned if path not in files and path not in keep]
    unwanted = [path for path in others if path not in renamed.values()]
    nothing_there = _is_empty(folder)
    for path in sorted([*files, *unwanted]):
        if nothing_there:
            yield Status(path, State.MISSING, files.get(path))
            continue
        hashes = owned.get(path, frozenset()) | owned.get(renamed.get(path, ""), frozenset())
        yield _status(folder, path, files.get(path), hashes, known, modes)


def _is_empty(folder: Path) -> bool:
    try:
        return not os.listdir(folder)
    except FileNotFoundError:
        return True
    except OSError:
        return False


def untracked(folder: Path, known: Iterable[str]) -> list[str]:
    """Return the path of everything else below `folder` except folders, sorted.

    Unreadable folders are skipped; links are not followed.
    """
    owned = {*known, MANIFEST, JOURNAL, *(read_journal(folder) or ())}
    found = []
    for top, folders, names in os.walk(folder):
        links = [name for name in folders if os.path.islink(os.path.join(top, name))]
        inside = Path(top).relative_to(folder).as_posix()
        for name in [*names, *links]:
            path = name if inside == "." else f"{inside}/{name}"
            if path not in owned:
                found.append(path)
    return sorted(found)


def unfinished(folder: Path) -> list[str]:
    """Return what a stopped run has left staged below `folder`; the journal itself when nothing else is."""
    journal = read_journal(folder)
    if journal is None:
        return []
    left = [path for path in journal if not path.endswith("/") and os.path.lexists(folder / path)]
    return left or [JOURNAL]


def _status(
    folder: Path, path: str, file: File | None, hashes: frozenset[str], known: set[str], modes: bool
) -> Status:
    try:
        blocked = in_the_way(folder, path, known)
        if blocked:
            return Status(path, State.BLOCKED, file, None, *blocked)
        data, found_state = read_file(str(folder), path)
        executable = bool(found_state.st_mode & stat.S_IXUSR)
    except (FileNotFoundError, NotADirectoryError):
        return Status(path, State.MISSING, file)
    except OSError as problem:
        return Status(path, State.UNREADABLE, file, reason=problem.strerror or "", error=problem.errno or 0)
    found = digest(data)
    if file and file.is_in(data):
        current = executable == file.executable or not modes
        return Status(path, State.CURRENT if current else State.STALE, file, data)
    if found in hashes:
        return Status(path, State.STALE if file else State.ORPHANED, file, data)
    return Status(path, State.EDITED if hashes else State.UNTRACKED, file, data)


def _keeps_modes(folder: Path) -> bool:
    """Return whether the file system has executable bits; where it has none, even the manifest is executable."""
    if os.name == "nt":
        return False
    try:
        return not os.stat(folder / MANIFEST).st_mode & stat.S_IXUSR
    except OSError:
        return True


def same_files(folder: Path, files: dict[str, File], owned: Iterable[str]) -> dict[str, str]:
    """Return for each wanted path the owned path that differs in case only and is the same file."""
    unwanted = {path.casefold(): path for path in owned if path not in files}
    same = {}
    for path in files:
        other = unwanted.get(path.casefold())
        if other and _is_same(folder / path, folder / other):
            same[path] = other
    return same


def _is_same(one: Path, other: Path) -> bool:
    try:
        return os.path.samestat(os.lstat(one), os.lstat(other))
    except OSError:
        return False
