"""Search values, templates and rendered lines for secrets, and remember the texts that have none.

It imports the search itself only for a text that is new: a render with one changed value searches one file of values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.project.cache import Cache, digest

if TYPE_CHECKING:
    from generator.values.layers import Layer
    from generator.values.secrets import Secret

_MANY = 100_000  # texts; beyond it, those of earlier runs are dropped


class Scanned:
    """The texts of one project in which no secret was found, by digest."""

    def __init__(self, root: str, cache: Cache) -> None:
        self._root = root
        self._cache = cache
        self._earlier: frozenset[bytes] = frozenset(cache.get("leaks", root, "") or ())
        self._clean: set[bytes] = set()

    def is_clean(self, kind: str, text: str) -> bool:
        """Return whether a text of this kind was searched before, and had no secret."""
        key = _key(kind, text)
        return key in self._clean or key in self._earlier

    def add(self, kind: str, text: str) -> None:
        """Remember that a text has no secret."""
        self._clean.add(_key(kind, text))

    def in_layer(self, layer: Layer) -> tuple[Secret, ...]:
        """Return what looks like a secret in a file of values or a `--set`."""
        if self.is_clean("values", layer.text):
            return ()
        from generator.values.secrets import find_in_values

        found = find_in_values(layer.path, layer.text, layer.located)
        if not found:
            self.add("values", layer.text)
        return found

    def in_text(self, path: str, text: str) -> tuple[Secret, ...]:
        """Return what looks like a secret in the text of a file."""
        if self.is_clean("text", text):
            return ()
        from generator.values.secrets import find_secrets

        found = find_secrets(path, text)
        if not found:
            self.add("text", text)
        return found

    def remember(self) -> None:
        """Keep for the next run which texts have no secret."""
        if self._clean - self._earlier:
            kept = (
                self._clean if len(self._clean) + len(self._earlier) > _MANY else self._clean | self._earlier
            )
            self._cache.put("leaks", self._root, "", frozenset(kept))


def _key(kind: str, text: str) -> bytes:
    return bytes.fromhex(digest(kind, text))
