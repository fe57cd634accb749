"""Records of trees and of written files, valid as long as nothing has changed that they depend on.

An environment depends on its own values files, `base.yaml`, the schema, `oetgen.yaml` and the templates, all by
content. Files in `out/` are compared by content, too; the result of `stat` is enough only where the record was made
well after the last change of the file (Git's index does the same).
"""

from __future__ import annotations

import os
import stat
import time

from generator.project import BASE, ENVIRONMENTS, SCHEMA, SETTINGS, TEMPLATES
from generator.project.cache import Cache, Packed, Records, digest
from generator.project.files import list_folder, read_below_with_modes, read_bytes, states

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    _Looks = tuple[int, int, int, int, int]

_MANIFEST = ".oetgen"
_JOURNAL = ".oetgen-journal"  # exists while another run writes, or after one was stopped
_SETTLED = 50_000_000  # ns; file systems record times in steps of a few milliseconds


class Inputs:
    """The content of everything that the environments of a project depend on; what they share is read once."""

    def __init__(self, root: str, folders: tuple[str, str] | None = None) -> None:
        self.root = root
        self._folders = folders
        self._environments, self._templates = folders or (ENVIRONMENTS, TEMPLATES)
        self._shared = ""
        self._keys: dict[str, str | None] = {}
        self._again: Inputs | None = None

    def key(self, env: str) -> str | None:
        """Return a hash of all that `env` depends on, as it was at the first call; None when it is unreadable."""
        if env not in self._keys:
            try:
                self._shared = self._shared or self._shared_digest()
                self._keys[env] = digest(env, self._shared, *self._layers(env))
            except (OSError, UnicodeError):  # a link, a pipe, an undecodable name: the command reports it
                self._keys[env] = None
        return self._keys[env]

    def are_still(self, env: str) -> bool:
        """Return whether what `env` depends on is as it was at the first call of `key`.

        Call it only when all environments have been read: what they share is read a second time only once.
        """
        self._again = self._again or Inputs(self.root, self._folders)
        return self._again.key(env) == self.key(env)

    def _shared_digest(self) -> str:
        parts = [self._read(SCHEMA), self._read(f"{BASE}.yaml")]
        if os.path.lexists(f"{self.root}/{SETTINGS}"):
            settings = read_bytes(self.root, SETTINGS)
            words = _unescaped(settings)
            if b"shared" in words or (b"folders" in words and not self._folders):
                raise OSError  # templates outside of the project, or folders that are not known here
            parts += [SETTINGS.encode(), settings]
        for path, data, executable in read_below_with_modes(self.root, self._templates):
            parts += [path.encode(), data, b"x" if executable else b""]
        return digest(*parts)

    def _layers(self, env: str) -> list[bytes]:
        """Return the files of `env` and of those that it extends; where that is uncertain, of all environments."""
        layers: list[bytes] = []
        name = env
        while name and len(layers) < 20:
            try:
                text = self._read(f"{name}.yaml")
            except FileNotFoundError:
                break  # an environment by a matrix
            layers.append(text)
            text = _unescaped(text)
            if b"extends" not in text:
                return layers
            name = _parent(text)
        names = [name for name, _ in list_folder(self.root, self._environments) if name.endswith(".yaml")]
        return [part for each in names for part in (each.encode(), self._read(each))]

    def _read(self, name: str) -> bytes:
        return read_bytes(self.root, f"{self._environments}/{name}")


class CachedRecords(Records):
    """Trees and written files of the environments of a project, kept in a cache."""

    def __init__(self, cache: Cache, root: str, folders: tuple[str, str] | None = None) -> None:
        self._cache = cache
        self._inputs = Inputs(root, folders)
        self._clean: set[str] = set()  # environments whose tree of now is recorded

    def files(self, env: str) -> list[Packed] | None:
        key = self._inputs.key(env)
        files: list[Packed] | None = self._cache.get("tree", self._place(env), key) if key else None
        if files is not None:
            self._clean.add(env)
        return files

    def latest_files(self, env: str) -> list[Packed]:
        return self._cache.get("tree", self._place(env)) or []

    def keep(self, env: str, files: list[Packed]) -> None:
        key = self._inputs.key(env)
        if key and self._inputs.are_still(env):
            self._cache.put("tree", self._place(env), key, files)
            self._clean.add(env)

    def keep_written(self, env: str, folder: str, wanted: Iterable[tuple[str, bytes, bool]]) -> None:
        key = self._inputs.key(env)
        if key is None or env not in self._clean:
            return
        files = [(path, digest(data), executable) for path, data, executable in wanted]
        try:
            files.append((_MANIFEST, digest(self._bytes(folder, _MANIFEST)), False))
            looks = [(*file, look) for file, look in zip(files, self._looks(folder, files), strict=True)]
        except OSError:
            return
        self._cache.put("written", self._place(env), key, (time.time_ns(), folder, looks))

    def unchanged(self, env: str) -> tuple[str, int] | None:
        key = self._inputs.key(env)
        record = self._cache.get("written", self._place(env), key) if key else None
        if record is None:
            return None
        looked_at = time.time_ns()
        fresh: dict[str, Any] = {}
        try:
            recorded_at, folder, files = record
            if os.path.lexists(f"{self._inputs.root}/{folder}/{_JOURNAL}"):
                return None
            for (path, content, executable, looked), looks in zip(
                files, self._looks(folder, files), strict=True
            ):
                if looks != looked or max(looks[1:3]) > recorded_at - _SETTLED:
                    if not _is_regular(looks[0], executable) or digest(self._bytes(folder, path)) != content:
                        return None
                    fresh[path] = (path, content, executable, looks)
        except (OSError, ValueError, TypeError):  # the last two for a damaged record
            return None
        if fresh and key:
            files = [fresh.get(file[0], file) for file in files]
            self._cache.put("written", self._place(env), key, (looked_at, folder, files))
        return folder, len(files) - 1

    def _place(self, env: str) -> str:
        return f"{self._inputs.root}\0{env}"

    def _bytes(self, folder: str, path: str) -> bytes:
        return read_bytes(self._inputs.root, f"{folder}/{path}")

    def _looks(self, folder: str, files: Iterable[tuple[Any, ...]]) -> Iterator[_Looks]:
        """Yield mode, times of the last changes, size and inode of each file."""
        for found in states(self._inputs.root, folder, (file[0] for file in files)):
            yield found.st_mode, found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def _parent(text: bytes) -> str:
    """Return the environment that a values file extends, or "" where that is uncertain."""
    lines = [line for line in text.splitlines() if line.startswith(b"extends:")]
    if len(lines) != 1 or text.count(b"extends") != 1:
        return ""
    word = lines[0][8:].split(b"#")[0].strip()
    return word.decode("ascii", "replace") if word.replace(b"-", b"").isalnum() else ""


_ESCAPES = {b"x": 2, b"u": 4, b"U": 8}  # in double quotes, with the number of digits


def _unescaped(text: bytes) -> bytes:
    """Return a values file with the escapes of YAML that can write a letter, or join two lines, replaced."""
    first, *others = text.split(b"\\")
    return first + b"".join(map(_unescaped_part, others))


def _unescaped_part(part: bytes) -> bytes:
    digits = part[1 : 1 + _ESCAPES.get(part[:1], 0)]
    try:
        return chr(int(digits, 16)).encode() + part[1 + len(digits) :]
    except (ValueError, OverflowError):  # another escape
        return part.lstrip() if part[:1] in (b"\r", b"\n") else part


def _is_regular(mode: int, executable: bool) -> bool:
    return stat.S_ISREG(mode) and (os.name == "nt" or bool(mode & stat.S_IXUSR) == executable)
