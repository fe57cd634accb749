"""Which trees need not be rendered again, because nothing that they depend on has changed.

An environment depends on its own values files, `base.yaml`, the schema and the templates, all of them by content.
Whether the files in `out/` are still what was written is told by content too; `stat` alone is enough only where the
record was made well after the file's last change (Git's index does the same).
"""

from __future__ import annotations

import os
import stat
import time

from generator.project import BASE, ENVIRONMENTS, OUT, SCHEMA, TEMPLATES
from generator.project.cache import NO_CACHE, Cache, digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from generator.render.tree import Tree

_MANIFEST = ".oetgen"
_JOURNAL = ".oetgen-journal"  # is there while another run writes, or when one was stopped
_SETTLED = 50_000_000  # ns; file systems tell times in steps of a few milliseconds


class Inputs:
    """The content of all that the environments of a project depend on; what they share is read once."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._shared = ""
        self._keys: dict[str, str | None] = {}
        self._again: Inputs | None = None

    def place(self, env: str) -> str:
        """Return what tells the records of `env` from those of other environments and projects."""
        return f"{self.root}\0{env}"

    def key(self, env: str) -> str | None:
        """Return a hash of all that `env` depends on, as it was when first asked for; None when it is unreadable."""
        if env not in self._keys:
            try:
                self._shared = self._shared or self._shared_digest()
                self._keys[env] = digest(env, self._shared, *self._layers(env))
            except OSError:
                self._keys[env] = None
        return self._keys[env]

    def are_still(self, env: str) -> bool:
        """Say whether nothing that `env` depends on has changed while it was read.

        Asked first when all has been read for all environments: then a second look at what they share is enough.
        """
        self._again = self._again or Inputs(self.root)
        return self._again.key(env) == self.key(env)

    def _shared_digest(self) -> str:
        parts = [self._read(SCHEMA), self._read(f"{BASE}.yaml")]
        for folder, folders, files in os.walk(f"{self.root}/{TEMPLATES}"):
            folders.sort()
            for name in sorted(files):
                path = f"{folder}/{name}"
                parts += [path[len(self.root) :].encode(), _bytes(path)]
        return digest(*parts)

    def _layers(self, env: str) -> list[bytes]:
        """Return the file of `env` and of those that it extends; where that is not plain to see, of all."""
        layers: list[bytes] = []
        name = env
        while name and len(layers) < 20:
            text = self._read(f"{name}.yaml")
            layers.append(text)
            if b"extends" not in text:
                return layers
            lines = [line for line in text.splitlines() if line.startswith(b"extends:")]
            word = (
                lines[0][8:].split(b"#")[0].strip()
                if len(lines) == 1 and text.count(b"extends") == 1
                else b""
            )
            name = word.decode("ascii", "replace") if word.replace(b"-", b"").isalnum() else ""
        names = sorted(os.listdir(f"{self.root}/{ENVIRONMENTS}"))
        return [part for each in names for part in (each.encode(), self._read(each))]

    def _read(self, name: str) -> bytes:
        return _bytes(f"{self.root}/{ENVIRONMENTS}/{name}")


def remember_tree(cache: Cache, inputs: Inputs, tree: Tree) -> bool:
    """Keep a tree that was rendered without any finding, from inputs whose key was asked for before that.

    Return whether it is that of these inputs: only then may be remembered that it was written.
    """
    key = inputs.key(tree.env) if cache is not NO_CACHE else None
    if not key or not inputs.are_still(tree.env):
        return False
    cache.put("tree", inputs.place(tree.env), key, packed(tree))
    return True


def recall_tree(cache: Cache, inputs: Inputs, env: str) -> Tree | None:
    """Return the tree of `env` when it was rendered before from the very same inputs."""
    key = inputs.key(env) if cache is not NO_CACHE else None
    files = cache.get("tree", inputs.place(env), key) if key else None
    return None if files is None else unpacked(env, files)


def packed(tree: Tree) -> list[tuple[str, ...]]:
    """Return the files of a tree as plain data."""
    return [(each.path, each.format, each.text, each.template, each.made_from) for each in tree.artifacts]


def unpacked(env: str, files: list[tuple[str, ...]]) -> Tree:
    """Return the tree that `packed` was given."""
    from generator.render.tree import Artifact, Tree

    return Tree(env, tuple(Artifact(*file) for file in files))


def texts_made_before(cache: Cache, root: str, env: str) -> dict[str, str]:
    """Return the texts of the files of `env` that were rendered last, by what each was made from."""
    files = cache.get("tree", Inputs(root).place(env)) or ()
    return {made_from: text for _, _, text, _, made_from in files}


def remember_written(cache: Cache, inputs: Inputs, env: str, wanted: Iterable[tuple[str, str, bool]]) -> None:
    """Keep what the files of a tree look like in `out/`, once `remember_tree` has said yes, and still locked.

    `wanted` are path, text and whether it is executable of each file.
    """
    folder = f"{inputs.root}/{OUT}/{env}"
    key = inputs.key(env) if cache is not NO_CACHE else None
    if key is None:
        return
    files = [(path, digest(text), executable) for path, text, executable in wanted]
    try:
        files.append((_MANIFEST, digest(_bytes(f"{folder}/{_MANIFEST}")), False))
        looks = [(*file, _looks(f"{folder}/{file[0]}")) for file in files]
    except OSError:
        return
    cache.put("written", inputs.place(env), key, (time.time_ns(), looks))


def files_as_written(cache: Cache, inputs: Inputs, env: str) -> int | None:
    """Return how many files `out/` has of `env` when all are what rendering would make again, else None."""
    key = inputs.key(env)
    record = cache.get("written", inputs.place(env), key or "")
    folder = f"{inputs.root}/{OUT}/{env}"
    if key is None or record is None or os.path.lexists(f"{folder}/{_JOURNAL}"):
        return None
    noted_at, files = record
    looked_at = time.time_ns()
    fresh: dict[str, Any] = {}
    try:
        for path, content, executable, looked in files:
            looks = _looks(f"{folder}/{path}")
            if looks != looked or max(looks[1:3]) > noted_at - _SETTLED:
                if not _is_still(f"{folder}/{path}", looks[0], content, executable):
                    return None
                fresh[path] = (path, content, executable, looks)
    except OSError:
        return None
    if fresh:
        cache.put(
            "written", inputs.place(env), key, (looked_at, [fresh.get(file[0], file) for file in files])
        )
    return len(files) - 1


def _is_still(path: str, mode: int, content: str, executable: bool) -> bool:
    if not stat.S_ISREG(mode) or (os.name != "nt" and bool(mode & stat.S_IXUSR) != executable):
        return False
    return digest(_bytes(path)) == content


def _looks(path: str) -> tuple[int, int, int, int, int]:
    """Return what `stat` says of a file: mode, times of last change, size and number."""
    found = os.lstat(path)
    return found.st_mode, found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def _bytes(path: str) -> bytes:
    descriptor = os.open(
        path, os.O_RDONLY
    )  # an eighth of the time of open(), which matters for thousands of files
    try:
        data = os.read(descriptor, 1 << 20)
        while more := os.read(descriptor, 1 << 20):
            data += more
        return data
    finally:
        os.close(descriptor)
