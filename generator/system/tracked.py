"""A system that notes which files an answer depends on, so that it need not be found again for the same ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from generator.languages.node import ReadResult
from generator.languages.source import Source
from generator.project.cache import digest
from generator.system.model import Memory, System

Simple = bool | int | str | None
# A part of a system: a file by its path, all files of a language, a simple answer, or the paths of all files.
Part = tuple[str, str]
_FILE, _LANGUAGE, _ANSWER, _PATHS = "file", "language", "answer", ("paths", "")


class Tracked(System):
    """Notes each file, or group of files, that is asked for; also for what was computed for an earlier question."""

    def __init__(
        self, sources: Iterable[Source], env: str = "", memory: Memory | None = None, folder: str = ""
    ) -> None:
        super().__init__(sources, env, memory, folder)
        self._files = self.sources
        self._notes: list[set[Part]] = []
        self._answers: dict[str, tuple[Any, set[Part]]] = {}
        self._keys: dict[Part, str] = {}
        self._known: Mapping[str, tuple[Simple, Mapping[Part, str]]] = {}
        self.sources = _Noted(self._files, self.note)

    @property
    def files(self) -> Iterable[Source]:
        """All files, which are not noted."""
        return self._files.values()

    def take_over(self, earlier: Tracked) -> None:
        """Take what an earlier system of the environment has read, and computed from parts that are the same."""
        if earlier.folder != self.folder:
            return
        for each in self._files.values():
            key = (each.label, each.language, each.text)
            if key in earlier.memory:
                self.memory[key] = earlier.memory[key]
        for name, (value, parts) in earlier._answers.items():
            # What is private asks the system for more when it is used.
            if name[0] != "_" and all(self.key(part) == earlier.key(part) for part in parts):
                self._answers[name] = value, parts

    def know(self, answers: Mapping[str, tuple[Simple, Mapping[Part, str]]]) -> None:
        """Take simple answers of an earlier system, each with a digest of the parts that it depends on."""
        self._known = answers

    def simple_answers(self) -> Iterator[tuple[str, Simple, Mapping[Part, str]]]:
        """Yield the name and value of each simple answer, and a digest of each part that it depends on."""
        for name, (value, parts) in self._answers.items():
            if _is_simple(value):
                yield name, value, {part: self.key(part) for part in parts}

    def holds(self, parts: Mapping[Part, str]) -> bool:
        """Return whether these parts have these digests."""
        return all(self.key(part) == known for part, known in parts.items())

    @contextmanager
    def noting(self) -> Iterator[set[Part]]:
        """Yield the parts that are asked for in the block."""
        parts: set[Part] = set()
        self._notes.append(parts)
        try:
            yield parts
        finally:
            self._notes.pop()

    def note(self, *parts: Part) -> None:
        """Note that parts were asked for."""
        if self._notes:
            self._notes[-1].update(parts)

    def key(self, part: Part) -> str:
        """Return a digest of a part."""
        if part not in self._keys:
            self._keys[part] = digest(*self._texts(part))
        return self._keys[part]

    def answer(self, name: str, compute: Callable[[Any], Any]) -> Any:
        """Return what `compute` gives for the system, computed once; its parts are noted each time."""
        if name not in self._answers:
            known = self._known.get(name)
            if known and self.holds(known[1]):
                self._answers[name] = known[0], set(known[1])
                return self.answer(name, compute)
            with self.noting() as parts:
                value = compute(self)
            self._answers[name] = value, parts
        value, parts = self._answers[name]
        if _is_simple(value) and name in vars(Tracked):
            self.note((_ANSWER, name))  # for which it does not matter what it was computed from
        else:
            self.note(*parts)
        return value

    def of_language(self, *languages: str) -> list[Source]:
        self.note(*((_LANGUAGE, each) for each in languages))
        return [source for source in self._files.values() if source.language in languages]

    def read(self, path: str) -> ReadResult | None:
        self.note((_FILE, path))
        return super().read(path)

    def _texts(self, part: Part) -> Iterator[str]:
        kind, name = part
        if kind == _ANSWER:
            yield repr(getattr(self, name))
            return
        for path, source in self._files.items():
            if part == _PATHS:
                yield path
            elif name == (path if kind == _FILE else source.language):
                yield from (path, source.language, source.text)


def _is_simple(value: object) -> bool:
    return value is None or isinstance(value, bool | int | str)


class _Noted(Mapping[str, Source]):
    """The files by path, which notes those that are asked for."""

    def __init__(self, files: Mapping[str, Source], note: Callable[[Part], None]) -> None:
        self._files = files
        self._note = note

    def __getitem__(self, path: str) -> Source:
        self._note((_FILE, path))
        return self._files[path]

    def __iter__(self) -> Iterator[str]:
        self._note(_PATHS)
        return iter(self._files)

    def __len__(self) -> int:
        self._note(_PATHS)
        return len(self._files)


def _tracked(name: str, compute: Callable[[Any], Any]) -> property:
    return property(lambda system: system.answer(name, compute))


for _name, _each in list(vars(System).items()):
    if isinstance(_each, cached_property):
        setattr(Tracked, _name, _tracked(_name, _each.func))
