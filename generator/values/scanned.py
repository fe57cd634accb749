"""Search values, templates and rendered lines for secrets, and remember the texts that have none.

It imports the search itself only for a text that is new: a render with one changed value searches one file of values.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from generator.project.cache import Cache, digest

if TYPE_CHECKING:
    from generator.values.layers import Layer
    from generator.values.secrets import Secret
    from generator.values.settings import SecretEntry

_MANY = 20_000  # texts, 2 MB: those of a hundred environments; beyond it, those of earlier runs are dropped
_FEW = 5_000  # in a process that stays, where each keystroke makes new ones


class Scanned:
    """The texts of one project in which no secret was found, by digest."""

    def __init__(self, root: str, cache: Cache, allowed: tuple[SecretEntry, ...] = ()) -> None:
        self._root = root
        self._cache = cache
        known: tuple[set[bytes], frozenset[bytes]] | None = cache.recall("leaks", root, "")
        self._clean, self._earlier = known or (
            set[bytes](),
            frozenset[bytes](cache.get("leaks", root, "") or ()),
        )
        self._allowed = allowed
        # What looks like a secret but is not, by the entry of `oetgen.yaml` that allows it.
        self.public: dict[SecretEntry, set[str]] = {}

    def _is_clean(self, kind: str, text: str) -> bool:
        """Return whether a text of this kind was searched before, and had no secret."""
        key = _key(kind, text)
        if key in self._earlier:
            self._clean.add(key)
        return key in self._clean

    def _add(self, kind: str, text: str) -> None:
        """Remember that a text has no secret, unless there are too many."""
        if len(self._clean) <= _MANY:
            self._clean.add(_key(kind, text))

    def in_layer(self, layer: Layer) -> tuple[Secret, ...]:
        """Return what looks like a secret in a file of values or a `--set`."""
        if self._is_clean("values", layer.text):
            return ()
        from generator.values.secrets import find_in_values

        found = find_in_values(layer.path, layer.text, layer.located)
        if not found:
            self._add("values", layer.text)
        return self.without_public(found)

    def in_text(self, path: str, text: str, key: str = "") -> tuple[Secret, ...]:
        """Return what looks like a secret in the text of a file, of which a digest may be known."""
        if self._is_clean("text", key or text):
            return ()
        from generator.values.secrets import find_secrets

        found = find_secrets(path, text)
        if not found:
            self._add("text", key or text)
        return self.without_public(found)

    def in_lines(self, path: str, lines: Iterable[str]) -> dict[str, tuple[Secret, ...]]:
        """Return what looks like a secret in lines of the output, by line; allowed ones, too.

        A password of a few words is not reported here: what stands beside a key of the output is often the name of
        one.
        """
        new = [line for line in dict.fromkeys(lines) if not self._is_clean("line", line)]
        if not new:
            return {}
        from generator.values.secrets import find_secrets, is_certain

        found: dict[str, list[Secret]] = {}
        for secret in find_secrets(path, "\n".join(new)):
            if secret.at.line <= len(new) and is_certain(secret):
                found.setdefault(new[secret.at.line - 1], []).append(secret)
        for line in new:
            if line not in found:
                self._add("line", line)
        return {line: tuple(secrets) for line, secrets in found.items()}

    def without_public(self, secrets: Iterable[Secret]) -> tuple[Secret, ...]:
        """Return the secrets that no entry of `oetgen.yaml` allows."""
        return tuple(secret for secret in secrets if not self._allows(secret))

    def _allows(self, secret: Secret) -> bool:
        entries = [entry for entry in self._allowed if entry.covers(secret)]
        for entry in entries:
            self.public.setdefault(entry, set()).add(secret.text)
        return bool(entries)

    def remember(self) -> None:
        """Keep for the next run which texts have no secret."""
        if self._cache.keeps_objects:
            if len(self._clean) > _FEW:
                self._clean, self._earlier = set(), frozenset(self._clean)
            self._cache.keep("leaks", self._root, "", (self._clean, self._earlier))
        elif self._clean - self._earlier:
            is_much = len(self._clean) + len(self._earlier) > _MANY
            self._cache.put(
                "leaks", self._root, "", frozenset(self._clean if is_much else self._clean | self._earlier)
            )


def _key(kind: str, text: str) -> bytes:
    return bytes.fromhex(digest(kind, text.encode("utf-8", "surrogatepass")))
