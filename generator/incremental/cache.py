"""Content-addressed cache of earlier results, in a folder of the user.

It is only there for speed: rendering from cached results takes a tenth of the time. A record that is damaged, of
another version, of another type or half written counts as missing, so it can never change a result; the folder can be
deleted at any time. Records hold compiled templates, which are run: so a folder is used only when it, the one above
and the user's cache folder are the user's own and no other user may write to them. Imports almost nothing, because it
is loaded before everything else.
"""

from __future__ import annotations

import marshal
import os
import stat
import sys

from generator.project.cache import NO_CACHE, Cache, blake2b, digest

TYPE_CHECKING = False  # as typing has it, without its 5 ms
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
_BINARY = getattr(os, "O_BINARY", 0)
RECORD_HEAD = 20  # bytes of the hash at the start of a record
_PACKAGES = (
    "jinja2-",
    "jsonschema-",
    "markupsafe-",
    "pygments-",
    "pyyaml-",
    "tree_sitter-",
    "tree_sitter_hcl-",
)
# Rooms that the others cannot import, and what `init` copies: more than half of the files. What `checks` keeps has a
# digest of the rules in its key.
_WITHOUT_RESULTS = frozenset(["__pycache__", "adopt", "changes", "checks", "editor", "report", "starters"])
# The type of each kind of record, of what it holds, and its length; a test compares it with the records of a run.
_TYPES: dict[str, tuple[type[Any], type[Any], int]] = {
    "tree": (list, tuple, 7),
    "written": (tuple, object, 0),
    "schema": (bool, object, 0),
    "leaks": (frozenset, bytes, 0),
    "accepted": (set, bytes, 0),
    "typecheck": (list, tuple, 2),
    "shapes": (dict, tuple, 2),
    "templates": (dict, tuple, 4),
    "instrumented": (dict, tuple, 4),
    "checked": (tuple, object, 0),
    "branches": (dict, tuple, 2),
    "read": (dict, bytes, 0),
    "maps": (dict, tuple, 3),
    "applied": (dict, tuple, 4),
    "answers": (dict, tuple, 2),
    "tool": (list, tuple, 7),
    "clean": (frozenset, str, 0),
    "version": (str, object, 0),
    "highlighted": (dict, str, 0),
}


class DiskCache(Cache):
    """Records in files of `folder`, one for each kind of result and place; `top` is the user's cache folder."""

    def __init__(self, top: str, folder: str) -> None:
        self.folder = folder
        self._top = top
        self._trusted: bool | None = None  # unknown until the folder is there

    def get(self, kind: str, place: str, key: str | None = None) -> Any:
        """Return the record that was kept with `key` (None: with any key), or None without an intact one."""
        try:
            data = self._content(self._path(kind, place))
            head, data = data[:RECORD_HEAD], data[RECORD_HEAD:]
            if blake2b(data, digest_size=RECORD_HEAD).digest() != head:
                return None
            *kept, kept_with, value = marshal.loads(data)
        except (OSError, ValueError, EOFError, TypeError):
            return None
        return value if kept == [kind, place] and key in (None, kept_with) and _fits(kind, value) else None

    def put(self, kind: str, place: str, key: str, value: Any) -> None:
        """Keep a record of plain data (or code), where the folder can be written to."""
        data = marshal.dumps((kind, place, key, value))
        path = self._path(kind, place)
        staged = f"{path}.{os.getpid()}"
        try:
            if not self._is_trusted():
                if self._trusted is False:
                    return
                os.makedirs(self._top, 0o700, exist_ok=True)
                _make(self._top, self.folder)
                if not self._is_trusted():
                    return
            descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _NO_LINK | _BINARY, 0o600)
            with open(descriptor, "wb") as stream:
                stream.write(blake2b(data, digest_size=RECORD_HEAD).digest())
                stream.write(data)
            os.replace(staged, path)
        except OSError:
            return

    def _is_trusted(self) -> bool:
        """Return whether the folder is there and the user's own, and so are those above it up to the cache folder."""
        if self._trusted is None:
            folders = [self._top]
            while folders[-1] != self.folder:
                folders.append(self.folder[: (self.folder + "/").index("/", len(folders[-1]) + 1)])
            try:
                self._trusted = all(map(_is_own, folders))
            except FileNotFoundError:
                return False
        return self._trusted

    def _content(self, path: str) -> bytes:
        """Return the content of a record that the user wrote. Raises OSError."""
        if not self._is_trusted():
            return b""
        with open(os.open(path, os.O_RDONLY | _NO_LINK | _NO_WAIT | _BINARY), "rb", buffering=0) as stream:
            found = os.fstat(stream.fileno())
            return stream.read() if stat.S_ISREG(found.st_mode) and _is_only_ours(found) else b""

    def _path(self, kind: str, place: str) -> str:
        return f"{self.folder}/{kind}-{digest(place)}"


def _make(top: str, folder: str) -> None:
    """Create the folders below `top`, for the user alone. Raises OSError."""
    for end in range(len(top) + 1, len(folder) + 1):
        if end == len(folder) or folder[end] == "/":
            try:
                os.mkdir(folder[:end], 0o700)
            except FileExistsError:
                continue


def _is_own(folder: str) -> bool:
    """Return whether `folder` is a folder of the user that no other user may write to. Raises FileNotFoundError."""
    try:
        found = os.lstat(folder)
    except FileNotFoundError:
        raise
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and _is_only_ours(found)


def _is_only_ours(found: os.stat_result) -> bool:
    if os.name == "nt":  # profiles are private there, and modes mean nothing
        return True
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _fits(kind: str, value: Any) -> bool:
    """Return whether a record has the type of its kind; one of an unknown kind does."""
    own, inner, length = _TYPES.get(kind, (object, object, 0))
    if not isinstance(value, own) or inner is object:
        return isinstance(value, own)
    held: Iterable[Any] = value.values() if isinstance(value, dict) else value
    return all(type(each) is inner and (not length or len(each) == length) for each in held)


def default_cache() -> Cache:
    """Return the cache for this version of oetgen, this Python and these packages; an empty one without a folder."""
    top = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    if not os.path.isabs(top):
        return NO_CACHE
    try:
        top = os.path.realpath(top)
        return DiskCache(top, f"{top}/oetgen/{_version()}")
    except OSError:
        return NO_CACHE


def _version() -> str:
    """Return a hash of everything else that results depend on: our own files, Python, the packages."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # the whole package
    packages = next((place for place in sys.path if os.path.isdir(f"{place}/jinja2")), here)
    names = sorted(
        name
        for name in os.listdir(packages)
        if name.lower().startswith(_PACKAGES) or "oetgen" in name.lower()
    )
    return digest(sys.version, sys.implementation.cache_tag or "", *own_files(here), *names)


def own_files(here: str) -> list[str | bytes]:
    """Return what differs between the files of the package in `here` and those of another version.

    Where they were installed, it is the list of their hashes: 0.91 of the time when nothing has changed.
    """
    beside = os.path.dirname(here)
    for name in os.listdir(beside):
        if name.startswith("oetgen-") and name.endswith(".dist-info"):
            try:
                with open(f"{beside}/{name}/RECORD", "rb") as stream:
                    return [name, stream.read()]
            except OSError:
                break
    parts: list[str | bytes] = []
    folders = [here]
    for folder in folders:
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if not entry.is_dir():
                    found = entry.stat()
                    parts.append(f"{entry.path} {found.st_size} {found.st_mtime_ns}")
                elif entry.name not in _WITHOUT_RESULTS:
                    folders.append(entry.path)
    return parts
