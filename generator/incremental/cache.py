"""Content-addressed cache of earlier results, in a folder of the user.

It is only there for speed: rendering from cached results takes a tenth of the time. A record that is damaged, of
another version or half written counts as missing, so it can never change a result; the folder can be deleted at any
time. Imports almost nothing, because it is loaded before everything else.
"""

from __future__ import annotations

import marshal
import os
import sys

from generator.project.cache import NO_CACHE, Cache, blake2b, digest

TYPE_CHECKING = False  # as typing has it, without its 5 ms
if TYPE_CHECKING:
    from typing import Any

_HEAD = 20  # bytes of the hash at the start of a record
_PACKAGES = ("jinja2-", "jsonschema-", "markupsafe-", "pyyaml-")


class DiskCache(Cache):
    """Records in files of `folder`, one for each kind of result and place."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._is_there = False

    def get(self, kind: str, place: str, key: str | None = None) -> Any:
        """Return the record that was kept with `key` (None: with any key), or None without an intact one."""
        try:
            with open(self._path(kind, place), "rb", buffering=0) as stream:
                head, data = stream.read(_HEAD), stream.read()
            if blake2b(data, digest_size=_HEAD).digest() != head:
                return None
            *kept, kept_with, value = marshal.loads(data)
        except (OSError, ValueError, EOFError, TypeError):
            return None
        return value if kept == [kind, place] and key in (None, kept_with) else None

    def put(self, kind: str, place: str, key: str, value: Any) -> None:
        """Keep a record of plain data (or code), where the folder can be written to."""
        data = marshal.dumps((kind, place, key, value))
        path = self._path(kind, place)
        staged = f"{path}.{os.getpid()}"
        try:
            if not self._is_there:
                os.makedirs(self.folder, 0o700, exist_ok=True)
                self._is_there = True
            with open(staged, "wb") as stream:
                stream.write(blake2b(data, digest_size=_HEAD).digest())
                stream.write(data)
            os.replace(staged, path)
        except OSError:
            return

    def _path(self, kind: str, place: str) -> str:
        return f"{self.folder}/{kind}-{digest(place)}"


def default_cache() -> Cache:
    """Return the cache for this version of oetgen, this Python and these packages; an empty one without a folder."""
    top = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    if not os.path.isabs(top):
        return NO_CACHE
    try:
        return DiskCache(f"{top}/oetgen/{_version()}")
    except OSError:
        return NO_CACHE


def _version() -> str:
    """Return a hash of everything else that results depend on: our own files, Python, the packages."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # the whole package
    parts = [sys.version, sys.implementation.cache_tag or ""]
    for folder, folders, files in os.walk(here):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(files):
            found = os.stat(f"{folder}/{name}")
            parts.append(f"{folder}/{name} {found.st_size} {found.st_mtime_ns}")
    packages = next((place for place in sys.path if os.path.isdir(f"{place}/jinja2")), here)
    parts += sorted(name for name in os.listdir(packages) if name.lower().startswith(_PACKAGES))
    return digest(*parts)
