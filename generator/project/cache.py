"""The cache as the other rooms know it. One that keeps records is `generator.incremental.cache`, for speed alone."""

from __future__ import annotations

try:
    from _blake2 import blake2b  # hashlib also loads OpenSSL, which takes 3 ms
except ImportError:
    from hashlib import blake2b

TYPE_CHECKING = False  # as typing has it, without its 5 ms
if TYPE_CHECKING:
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


NO_CACHE = Cache()
