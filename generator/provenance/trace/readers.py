"""Which templates may read a value, by the names in their texts: looking for a name is faster than tracing."""

from __future__ import annotations

import re
from functools import cached_property

from generator.render.engine import Engine
from generator.render.paths import Output
from generator.values.source import KeyPath

_REFERENCE = re.compile(r"\{%[-+]?\s*(?:include|extends|import|from)\b([^%]*)")
_NAME = re.compile(r"""\s*["']([^"']+)["']\s*(?:(?:as|import|with|without|ignore)\b.*)?[-+]?""", re.DOTALL)


_WORD = re.compile(r"\w+")


class Uses:
    """Which templates each template uses, and which words are in them: a template reads no value by other means."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._closures: dict[str, tuple[str, ...]] = {}
        self._words: dict[str, frozenset[str]] = {}
        self._together: dict[tuple[str, ...], frozenset[str]] = {}

    def closure(self, template: str) -> tuple[str, ...]:
        """Return the names of a template and of all that it uses, directly or not, sorted."""
        if template not in self._closures:
            found = {template}
            waiting = [template]
            while waiting:
                new = set(self._used(waiting.pop())) - found
                found |= new
                waiting += new
            self._closures[template] = tuple(sorted(found))
        return self._closures[template]

    def words(self, names: tuple[str, ...]) -> frozenset[str]:
        """Return the words in the texts of templates."""
        if names not in self._together:
            for name in names:
                if name not in self._words:
                    self._words[name] = frozenset(_WORD.findall(self._engine.source(name)))
            self._together[names] = frozenset().union(*(self._words[name] for name in names))
        return self._together[names]

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


class Readers:
    """The templates that may read the value at `path`: each that has its first name, or uses one that has it."""

    def __init__(self, uses: Uses, path: KeyPath) -> None:
        self._uses = uses
        self._path = path

    def may_read(self, output: Output) -> bool:
        """Return whether the template of a file, or the path of the file, may read the value."""
        given = (*output.entries.values(), *output.decides)
        return any(_overlap(each, self._path) for each in given) or self._has_word(output.template)

    def _has_word(self, template: str) -> bool:
        return str(self._path[0]) in self._uses.words(self._uses.closure(template))


def _overlap(one: KeyPath, other: KeyPath) -> bool:
    """Return whether one of two values is the other or in it."""
    return all(mine == yours for mine, yours in zip(one, other, strict=False))
