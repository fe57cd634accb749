"""What was computed before, kept outside the repository and found again by content.

This is only here for speed: a render of what was rendered before takes a tenth of the time. A record that is missing,
damaged, of another version or half written is as if it were not there, so it can never change a result; delete the
folder whenever you like. Imports next to nothing, because it is asked before anything else is imported.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys

TYPE_CHECKING = False  # as typing has it, without its 5 ms
if TYPE_CHECKING:
    from typing import Any

_HEAD = 20  # bytes of the hash that a record begins with
_PACKAGES = ("jinja2-", "jsonschema-", "markupsafe-", "pyyaml-")


def digest(*parts: str | bytes) -> str:
    """Return a hash of `parts`, each with its length, so that no two lists of parts run together."""
    hasher = hashlib.blake2b(digest_size=20)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        hasher.update(b"%d:" % len(data))
        hasher.update(data)
    return hasher.hexdigest()


class Cache:
    """One record for each kind of result and place that it is for, found only under the key it was kept with.

    With no folder, nothing is kept.
    """

    def __init__(self, folder: str | None) -> None:
        self.folder = folder
        self._is_there = False

    def get(self, kind: str, place: str, key: str | None = None) -> Any:
        """Return the record (without `key`: whatever it was kept with), or None when there is none to be trusted."""
        if self.folder is None:
            return None
        try:
            with open(self._path(kind, place), "rb", buffering=0) as stream:
                head, data = stream.read(_HEAD), stream.read()
            if hashlib.blake2b(data, digest_size=_HEAD).digest() != head:
                return None
            *kept, kept_with, value = marshal.loads(data)
        except (OSError, ValueError, EOFError, TypeError):
            return None
        return value if kept == [kind, place] and key in (None, kept_with) else None

    def put(self, kind: str, place: str, key: str, value: Any) -> None:
        """Keep a record of plain data (or code). A folder that cannot be written keeps none."""
        if self.folder is None:
            return
        data = marshal.dumps((kind, place, key, value))
        path = self._path(kind, place)
        staged = f"{path}.{os.getpid()}"
        try:
            if not self._is_there:
                os.makedirs(self.folder, 0o700, exist_ok=True)
                self._is_there = True
            with open(staged, "wb") as stream:
                stream.write(hashlib.blake2b(data, digest_size=_HEAD).digest())
                stream.write(data)
            os.replace(staged, path)
        except OSError:
            return

    def _path(self, kind: str, place: str) -> str:
        return f"{self.folder}/{kind}-{digest(place)}"


NO_CACHE = Cache(None)


def default_folder() -> str | None:
    """Return the folder of the records that this version of oetgen makes with this Python and these packages."""
    top = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    if not os.path.isabs(top):
        return None
    try:
        return f"{top}/oetgen/{_version()}"
    except OSError:
        return None


def _version() -> str:
    """Return a hash of all that results depend on besides the project: our own files, Python, the packages."""
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
