"""Results of earlier runs as the rooms know them; for speed, `generator.incremental` has those that keep any."""

from __future__ import annotations

try:
    from _blake2 import blake2b as blake2b  # hashlib also loads OpenSSL, which takes 3 ms
except ImportError:
    from hashlib import blake2b as blake2b

TYPE_CHECKING = False  # as typing has it, without its 5 ms
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


def digest(*parts: str | bytes) -> str:
    """Return a hash of `parts`, each with its length, so that no two lists of parts run together."""
    hasher = blake2b(digest_size=20)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        hasher.update(b"%d:" % len(data))
        hasher.update(data)
    return hasher.hexdigest()


class Cache:
    """Results of earlier runs: one record for each kind of result and place. This one keeps none."""

    def get(self, kind: str, place: str, key: str | None = None) -> Any:
        """Return the record that was kept with `key` (None: with any key), or None."""
        return None

    def put(self, kind: str, place: str, key: str, value: Any) -> None:
        """Keep a record of plain data (or code)."""

    keeps_objects = False  # whether `keep` keeps anything: where the process stays

    def recall(self, kind: str, place: str, key: str) -> Any:
        """Return the object that was kept with `key`, or None."""
        return None

    def keep(self, kind: str, place: str, key: str, value: Any) -> None:
        """Keep an object for as long as the process runs."""


class ProcessCache(Cache):
    """A cache for a process that stays, as an editor's: it keeps objects, and reads records of another cache."""

    keeps_objects = True

    def __init__(self, earlier: Cache | None = None) -> None:
        self._earlier = earlier or NO_CACHE
        self._records: dict[tuple[str, str], tuple[str, Any]] = {}
        self._objects: dict[tuple[str, str], tuple[str, Any]] = {}

    def get(self, kind: str, place: str, key: str | None = None) -> Any:
        if (kind, place) not in self._records:
            return self._earlier.get(kind, place, key)
        kept_with, value = self._records[kind, place]
        return value if key in (None, kept_with) else None

    def put(self, kind: str, place: str, key: str, value: Any) -> None:
        self._records[kind, place] = key, value

    def recall(self, kind: str, place: str, key: str) -> Any:
        kept_with, value = self._objects.get((kind, place), ("", None))
        return value if key == kept_with else None

    def keep(self, kind: str, place: str, key: str, value: Any) -> None:
        self._objects[kind, place] = key, value


class Records:
    """Rendered trees of earlier runs, as plain data, and the files they were written to. This one keeps none."""

    def files(self, env: str) -> list[Packed] | None:
        """Return the files of the tree of `env`, when it was rendered without findings from the inputs of now."""
        return None

    def latest_files(self, env: str) -> list[Packed]:
        """Return the files of the tree that was rendered last for `env`, from whatever inputs."""
        return []

    def unchanged(self, env: str) -> tuple[str, int] | None:
        """Return folder and number of the files of `env`, when all are what rendering would write; else None."""
        return None

    def keep(self, env: str, files: list[Packed]) -> None:
        """Keep a tree that was rendered without findings; `files` must have been called before it."""

    def keep_written(self, env: str, folder: str, wanted: Iterable[tuple[str, bytes, bool]]) -> None:
        """Keep what the files in `folder` look like, while they are locked, if the tree of `env` is kept.

        `wanted` are path, content and whether it is executable of each file.
        """


class LatestTrees(Records):
    """The trees of a process that stays: what has not changed is not encoded again."""

    def __init__(self, earlier: Records | None = None) -> None:
        self._earlier = earlier or NO_RECORDS
        self._files: dict[str, list[Packed]] = {}

    def latest_files(self, env: str) -> list[Packed]:
        return self._files[env] if env in self._files else self._earlier.latest_files(env)

    def keep(self, env: str, files: list[Packed]) -> None:
        self._files[env] = files


# A file of a tree: path, language, text, template, what it is made from, whether it is executable, and its bytes.
Packed = tuple[str, str, str, str, str, bool, "bytes | None"]
NO_CACHE = Cache()
NO_RECORDS = Records()
