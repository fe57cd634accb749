"""One writer at a time for a folder.

The lock is the operating system's own (`flock`), on the folder itself: it needs no file, and disappears with its
process. Where there is none (Windows, some network drives), the journal replaces it: it is created only when there is
none, so a second writer stops. There, a journal in use looks like one that a stopped run has left, and the
message explains how to continue.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from generator.findings import OetgenError
from generator.writer.paths import check_folder

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

# Errors of file systems without this kind of lock.
_UNSUPPORTED = frozenset(
    [errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP]
)


@contextmanager
def locked(
    folder: Path, label: str, waiting: Callable[[str], None], inside: Path | None = None
) -> Iterator[bool]:
    """Hold the lock of `folder`, which is created if missing; yield whether the lock exists on this system.

    When another process holds it, `waiting` is called with a message before waiting. A created folder that is still
    empty at the end is removed. Raises OetgenError when the folder cannot be created.
    """
    check_folder(folder, label, inside)
    made: list[Path] = []
    descriptor = _open(folder, label, waiting, made)
    try:
        yield descriptor is not None
    finally:
        for place in reversed(made):
            with suppress(OSError):
                os.rmdir(place)
        if descriptor is not None:
            os.close(descriptor)


@contextmanager
def reading(
    folder: Path, label: str, waiting: Callable[[str], None], inside: Path | None = None
) -> Iterator[None]:
    """Block writers of `folder` while it is read; where it cannot be locked, it is read all the same.

    Raises FindingError for a link below `inside`.
    """
    check_folder(folder, label, inside)
    descriptor = None
    try:
        if fcntl is not None:
            with suppress(OSError):
                descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        if descriptor is not None:
            _acquire(descriptor, label, waiting, shared=True)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _open(folder: Path, label: str, waiting: Callable[[str], None], made: list[Path]) -> int | None:
    while True:
        _make(folder, label, made)
        if fcntl is None:
            return None
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            continue  # another process created the folder, wrote nothing, and removed it
        except OSError as problem:
            raise _cannot(label, problem) from None
        try:
            if not _acquire(descriptor, label, waiting):
                os.close(descriptor)
                return None
            if _is_at(descriptor, folder):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _acquire(descriptor: int, label: str, waiting: Callable[[str], None], *, shared: bool = False) -> bool:
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting(f"waiting for another oetgen, which is running in {label}")
            fcntl.flock(descriptor, kind)
    except OSError as problem:
        if problem.errno in _UNSUPPORTED:
            return False
        raise _cannot(label, problem) from None
    return True


def _is_at(descriptor: int, folder: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(folder))
    except FileNotFoundError:
        return False


def _make(folder: Path, label: str, made: list[Path]) -> None:
    missing = []
    above = folder
    while not os.path.exists(above):
        missing.append(above)
        above = above.parent
    try:
        for place in reversed(missing):
            with suppress(FileExistsError):
                os.mkdir(place)
                made.append(place)
    except FileNotFoundError:
        return  # a parent was removed in between; the caller tries again
    except OSError as problem:
        for place in reversed(made):
            with suppress(OSError):
                os.rmdir(place)
        raise _cannot(label, problem) from None


def _cannot(label: str, problem: OSError) -> OetgenError:
    return OetgenError(
        f"cannot write below {label}: {problem.strerror}",
        "no file there was changed; fix the permissions or free some space, then run it again",
    )
