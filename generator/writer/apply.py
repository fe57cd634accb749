"""Apply a plan: stage all new content first, then move it into place.

Before the first move, no file has changed, and a failure removes what was staged. After it, each step is one atomic
system call that needs no space; after a kill each file has its old or its new content, the manifest lists both, and
the journal lists what is still staged.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

from generator.findings import OetgenError
from generator.project.files import read_bytes
from generator.writer import journal
from generator.writer.journal import JOURNAL, staged_path
from generator.writer.manifest import MANIFEST
from generator.writer.plan import Plan

_AFTER = f"{MANIFEST}#after"  # the manifest that is moved into place last
_SCRIPT, _PLAIN = 0o755, 0o644
_AGAIN = "fix it and run `oetgen render` again, which completes the run; `oetgen check` lists what is left"


def apply(plan: Plan, *, exclusive: bool = True) -> None:
    """Write what `plan` lists; `exclusive` means that the folder's lock is held.

    Raises OetgenError: when staging fails, no file has changed; when a move fails, each file is old or new.
    """
    if not plan.changes:
        return
    _begin(plan, exclusive)
    made: list[str] = []
    try:
        manifests = _stage_all(plan, made)
        _verify(plan)
    except BaseException as problem:
        with suppress(OSError):  # the journal remains, and the next run cleans up
            journal.clear(plan.folder, made)
        if isinstance(problem, OSError):
            raise _nothing_changed(plan, problem) from None
        raise
    try:
        _move_all(plan, manifests)
    except OSError as problem:
        where = problem.filename2 or problem.filename or plan.folder
        raise OetgenError(f"stopped before the end, at {where}: {problem.strerror}", _AGAIN) from None


def _nothing_changed(plan: Plan, problem: OSError) -> OetgenError:
    return OetgenError(
        f"cannot write below {plan.folder}: {problem.strerror}",
        "no file there was changed; free some space or fix the permissions, then run `oetgen render` again",
    )


def _begin(plan: Plan, exclusive: bool) -> None:
    """Remove what a stopped run has left, and list in the journal what is going to be staged."""
    folders = {place for path in plan.create for place in _parents(path)}
    missing = {place for place in folders if not os.path.exists(f"{plan.folder}/{place}")}
    emptied = {place for path in plan.delete for place in _parents(path)}
    staged = [staged_path(path) for path in (*plan.create, *plan.update, MANIFEST, _AFTER)]
    lines = [*staged, *(f"{place}/" for place in sorted(missing | emptied))]
    try:
        if exclusive and plan.left is not None:
            journal.clear(plan.folder, list(plan.left))
        _write(f"{plan.folder}/{JOURNAL}", "".join(f"{line}\n" for line in lines).encode(), _PLAIN)
    except FileExistsError:
        raise OetgenError(
            f"another oetgen is writing to {plan.folder}, or was stopped there",
            f"wait for it; if none is running, delete {JOURNAL} there and run `oetgen render` again",
        ) from None
    except OSError as problem:
        raise _nothing_changed(plan, problem) from None


def _stage_all(plan: Plan, made: list[str]) -> list[str]:
    """Stage every file, and return the names of the staged manifests: the first one, then the final one."""
    there = {""}
    for path in (*plan.create, *plan.update):
        file = plan.files[path]
        _make_folders(plan.folder, path, there, made)
        _stage(plan.folder, path, file.data, _SCRIPT if file.executable else _PLAIN, made)
    during, after = plan.during.write(), plan.after.write()
    _stage(plan.folder, MANIFEST, during.encode(), _PLAIN, made)
    if during == after:
        return [MANIFEST]
    _stage(plan.folder, _AFTER, after.encode(), _PLAIN, made)
    return [MANIFEST, _AFTER]


def _make_folders(folder: Path, path: str, there: set[str], made: list[str]) -> None:
    """Create the missing parents of `path` and add them to `made`; those in `there` are known to exist."""
    if path.rpartition("/")[0] in there:
        return
    for place in _parents(path):
        if place not in there:
            with suppress(FileExistsError):
                os.mkdir(f"{folder}/{place}")
                made.append(f"{place}/")
            there.add(place)


def _stage(folder: Path, path: str, data: bytes, mode: int, made: list[str]) -> None:
    """Write `data` to a staged file beside its target, and add that to `made`."""
    staged = staged_path(path)
    made.append(staged)
    place = f"{folder}/{staged}"
    try:
        _write(place, data, mode)
    except FileExistsError:  # left by a stopped run whose journal was deleted
        os.unlink(place)
        _write(place, data, mode)


def _write(place: str, data: bytes, mode: int) -> None:
    """Create a file; remove it again when it cannot be written completely. Raises OSError."""
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        try:
            _set_mode(descriptor, mode)
            left = memoryview(data)
            while left:
                left = left[os.write(descriptor, left) :]
        finally:
            os.close(descriptor)
    except BaseException:
        with suppress(OSError):
            os.unlink(place)
        raise


def _set_mode(descriptor: int, mode: int) -> None:
    """Set the mode, which `os.open` reduces by the umask; some file systems have none."""
    try:
        if hasattr(os, "fchmod"):
            os.fchmod(descriptor, mode)
    except OSError as problem:
        if problem.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP):
            raise


def _verify(plan: Plan) -> None:
    """Raise OetgenError when a file has changed since the plan was made."""
    for path, found in plan.found.items():
        if read_bytes(str(plan.folder), path) != found:
            raise _changed_meanwhile(plan, path)
    for path in plan.create:
        if os.path.lexists(f"{plan.folder}/{path}"):
            raise _changed_meanwhile(plan, path)


def _changed_meanwhile(plan: Plan, path: str) -> OetgenError:
    return OetgenError(
        f"{plan.folder / path} changed while oetgen was running", "no file there was changed; run it again"
    )


def _move_all(plan: Plan, manifests: list[str]) -> None:
    first, *last = manifests
    _move(plan.folder, first, MANIFEST)
    for path in (*plan.create, *plan.update):
        _move(plan.folder, path, path)
    for path in plan.delete:
        with suppress(FileNotFoundError):
            os.unlink(f"{plan.folder}/{path}")
        for place in reversed(_parents(path)):
            with suppress(OSError):  # not empty
                os.rmdir(f"{plan.folder}/{place}")
    for name in last:
        _move(plan.folder, name, MANIFEST)
    with suppress(FileNotFoundError):
        os.unlink(f"{plan.folder}/{JOURNAL}")


def _move(folder: Path, path: str, target: str) -> None:
    os.replace(f"{folder}/{staged_path(path)}", f"{folder}/{target}")


def _parents(path: str) -> list[str]:
    """Return the parents of `path`, the outermost first."""
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]
