"""Read regular files and list folders inside a project: no link is followed, no device or pipe is opened.

Every read of a project's file goes through this module (a test lists the exceptions). The folder that the caller
names may be reached through a link; below it each step is opened by itself, so that exchanging a folder for a link
in between changes nothing. Imports almost nothing, because it is loaded before everything else.
"""

from __future__ import annotations

import errno
import os
import stat

TYPE_CHECKING = False  # as typing has it, without its 5 ms
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_BYTES = 64_000_000  # of one file, unless the caller names fewer
FILE, FOLDER, LINK, OTHER = "a file", "a folder", "a symbolic link", "a device or a pipe"

_MOST_READS = 5  # of a file that is written at the same time
_MOST_DEEP = 40  # folders in each other
_HAS_PLACES = os.open in os.supports_dir_fd and os.scandir in os.supports_fd
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_READ = os.O_RDONLY | _NO_LINK | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_LIST = os.O_RDONLY | _NO_LINK | getattr(os, "O_DIRECTORY", 0)


class NotRegularError(OSError):
    """Something else is at the path of a file or of one of its folders; `filename` is where, in the project."""

    def __init__(self, found: str, place: str, expected: str = FILE) -> None:
        wanted = "a regular file" if expected == FILE else expected
        super().__init__(errno.EINVAL, f"found {found}, expected {wanted}", place)
        self.found = found


class TooLargeError(OSError):
    """A file has more bytes than expected."""

    def __init__(self, most: int, place: str) -> None:
        super().__init__(errno.EFBIG, f"the file has more than {most:,} bytes", place)


def read_bytes(root: str, path: str, most: int = MOST_BYTES) -> bytes:
    """Return the content of the file at `path`, relative to `root`. Raises OSError as `read_file` does."""
    return read_file(root, path, most)[0]


def read_file(root: str, path: str, most: int = MOST_BYTES) -> tuple[bytes, os.stat_result]:
    """Return the content and the state of the file at `path`, relative to `root`.

    Raises NotRegularError, TooLargeError with more than `most` bytes, or another OSError.
    """
    *folders, name = path.split("/")
    with _Place(root, folders) as place:
        return place.read(name, most)


def states(root: str, folder: str, paths: Iterable[str]) -> Iterator[os.stat_result]:
    """Yield the state of what is at each of `paths`, relative to `folder`; of the link itself for a link.

    It is fastest where the paths are sorted. Raises NotRegularError for a link on the way, or another OSError.
    """
    place, last = _Place(root, []), "."
    try:
        for path in paths:
            inside, _, name = path.rpartition("/")
            if inside != last:
                place.__exit__()
                place, last = _Place(root, f"{folder}/{inside}".rstrip("/").split("/")).__enter__(), inside
            yield place.state(name)
    finally:
        place.__exit__()


def list_folder(root: str, folder: str) -> list[tuple[str, str]]:
    """Return name and kind of each entry of `folder`, relative to `root`, sorted. Raises OSError."""
    with _Place(root, folder.split("/")) as place:
        return place.entries()


def walk(root: str, folder: str) -> Iterator[tuple[str, str]]:
    """Yield path (relative to `folder`) and kind of everything below `folder` except folders. Raises OSError."""
    for inside, _, entries in _folders(root, folder):
        for name, kind in entries:
            if kind != FOLDER:
                yield f"{inside}{name}", kind


def read_below(root: str, folder: str) -> Iterator[tuple[str, bytes]]:
    """Yield path (relative to `folder`) and content of every file below `folder`. Raises OSError as below."""
    for path, data, _ in read_below_with_modes(root, folder):
        yield path, data


def read_below_with_modes(root: str, folder: str) -> Iterator[tuple[str, bytes, bool]]:
    """Yield path (relative to `folder`), content and whether it is executable of every file below `folder`.

    Raises NotRegularError when there is anything else than files and folders, or another OSError.
    """
    for inside, place, entries in _folders(root, folder):
        for name, kind in entries:
            if kind not in (FILE, FOLDER):
                raise NotRegularError(kind, f"{folder}/{inside}{name}")
            if kind == FILE:
                data, state = place.read(name, MOST_BYTES)
                yield f"{inside}{name}", data, is_executable(state)


def is_executable(state: os.stat_result) -> bool:
    """Return whether the owner of a file may execute it; never on Windows, which has no such mode."""
    return os.name != "nt" and bool(state.st_mode & stat.S_IXUSR)


def kind_of(mode: int) -> str:
    """Return the kind of file that `st_mode` describes."""
    if stat.S_ISREG(mode):
        return FILE
    if stat.S_ISDIR(mode):
        return FOLDER
    return LINK if stat.S_ISLNK(mode) else OTHER


class _Place:
    """A folder below `root` that is open while it is used; on Windows, where that is impossible, its path."""

    def __init__(self, root: str, parts: list[str]) -> None:
        self._path, self._parts = root, parts
        self._descriptor: int | None = None

    def __enter__(self) -> _Place:
        try:
            for number, part in enumerate(self._parts, start=1):
                self._enter(part, "/".join(self._parts[:number]))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *problem: object) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def read(self, name: str, most: int) -> tuple[bytes, os.stat_result]:
        """Return content and state of the file `name`."""
        shown = "/".join([*self._parts, name])
        self._expect(name, FILE, shown)
        descriptor = os.open(self._at(name), _READ, dir_fd=self._descriptor)
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise NotRegularError(kind_of(found.st_mode), shown)
            if found.st_size > most:
                raise TooLargeError(most, shown)
            for _ in range(_MOST_READS):
                data, before = _content(descriptor, most, shown), found
                found = os.fstat(descriptor)
                if (found.st_size, found.st_mtime_ns) == (before.st_size, before.st_mtime_ns):
                    break
                os.lseek(
                    descriptor, 0, os.SEEK_SET
                )  # written meanwhile: what was read may be of both versions
            return data, found
        finally:
            os.close(descriptor)

    def entries(self) -> list[tuple[str, str]]:
        """Return name and kind of each entry, sorted."""
        with os.scandir(self._path if self._descriptor is None else self._descriptor) as found:
            return sorted((each.name, _kind(each)) for each in found)

    def state(self, name: str) -> os.stat_result:
        """Return the state of `name` itself."""
        return os.stat(self._at(name), dir_fd=self._descriptor, follow_symlinks=False)

    def _at(self, name: str) -> str:
        return name if self._descriptor is not None else f"{self._path}/{name}"

    def _enter(self, part: str, shown: str) -> None:
        if not _HAS_PLACES or part in ("", ".", ".."):
            self._expect(part, FOLDER, shown)
        else:
            try:
                inner = os.open(self._at(part), _LIST, dir_fd=self._descriptor)
            except OSError:
                self._expect(part, FOLDER, shown)
                raise
            self.__exit__()
            self._descriptor = inner
        self._path = f"{self._path}/{part}"

    def _expect(self, name: str, expected: str, shown: str) -> None:
        """Raise NotRegularError when a link, a device or anything else unexpected is at `name`."""
        if name in ("", ".", ".."):
            raise NotRegularError("a path that leaves its folder", shown, expected)
        kind = kind_of(self.state(name).st_mode)
        if kind in (LINK, OTHER) or (kind == FOLDER and expected == FILE):
            raise NotRegularError(kind, shown, expected)


def _folders(root: str, folder: str) -> Iterator[tuple[str, _Place, list[tuple[str, str]]]]:
    """Yield `folder` and every folder below it: its path in it (empty, or with a final slash), and its entries."""
    pending = [""]
    while pending:
        inside = pending.pop()
        if inside.count("/") > _MOST_DEEP:
            raise OSError(errno.ENAMETOOLONG, f"more than {_MOST_DEEP} folders in each other", folder)
        with _Place(root, f"{folder}/{inside}".rstrip("/").split("/")) as place:
            entries = place.entries()
            pending += [f"{inside}{name}/" for name, kind in entries if kind == FOLDER]
            yield inside, place, entries


def _content(descriptor: int, most: int, shown: str) -> bytes:
    # An eighth of the time of open(), which matters for thousands of files.
    data = os.read(descriptor, min(most + 1, 1 << 20))
    while len(data) <= most and (more := os.read(descriptor, 1 << 20)):
        data += more
    if len(data) > most:
        raise TooLargeError(most, shown)
    return data


def _kind(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return LINK
    if entry.is_dir(follow_symlinks=False):
        return FOLDER
    return FILE if entry.is_file(follow_symlinks=False) else OTHER
