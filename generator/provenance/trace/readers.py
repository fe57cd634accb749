"""Which templates may read a value, by the names in their texts: looking for a name is faster than tracing."""

from __future__ import annotations

import re
from functools import cached_property

from generator.render.engine import Engine
from generator.render.paths import Output
from generator.values.source import KeyPath

_REFERENCE = re.compile(r"\{%[-+]?\s*(?:include|extends|import|from)\b([^%]*)")
_NAME = re.compile(r"""\s*["']([^"']+)["']\s*(?:(?:as|import|with|without|ignore)\b.*)?[-+]?""", re.DOTALL)


class Readers:
    """The templates that may read the value at `path`: each that has its first name, or uses one that has it."""

    def __init__(self, engine: Engine, path: KeyPath) -> None:
        self._engine = engine
        self._path = path
        self._word = re.compile(rf"\b{re.escape(str(path[0]))}\b")
        self._known: dict[str, bool] = {}

    def may_read(self, output: Output) -> bool:
        """Return whether the template of a file, or the path of the file, may read the value."""
        given = (*output.entries.values(), *output.decides)
        return any(_overlap(each, self._path) for each in given) or self._has_word(output.template)

    def _has_word(self, template: str) -> bool:
        if template not in self._known:
            self._known[template] = False  # while those that it uses are looked at; they may use it, too
            text = self._engine.source(template)
            self._known[template] = bool(self._word.search(text)) or any(
                map(self._has_word, self._used(template))
            )
        return self._known[template]

    def _used(self, template: str) -> tuple[str, ...]:
        """Return the templates that a template includes, imports or extends: all of them when it computes a name."""
        if template not in self._engine.names():
            return ()
        found = []
        for reference in _REFERENCE.findall(self._engine.sources.code(template)):
            name = _NAME.fullmatch(reference)
            if name is None:
                return self._every
            found.append(name[1])
        return tuple(found)

    @cached_property
    def _every(self) -> tuple[str, ...]:
        return tuple(self._engine.names())


def _overlap(one: KeyPath, other: KeyPath) -> bool:
    """Return whether one of two values is the other or in it."""
    return all(mine == yours for mine, yours in zip(one, other, strict=False))
