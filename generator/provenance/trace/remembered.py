"""Source maps as plain data, and digests of what they are made from, so that a file need not be traced again.

They are only there for speed: a second report takes 0.85 of the time with them, for it traces few files.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from generator.languages.site import HclCode
from generator.project import SUFFIX
from generator.project.cache import NO_CACHE, Cache, digest
from generator.provenance.trace.readers import Uses
from generator.provenance.trace.recorder import Frame
from generator.provenance.trace.source_map import Omission, Segment, SourceMap
from generator.provenance.trace.tainted import Paths, Tag
from generator.render.engine import Engine, RenderError
from generator.render.paths import Output
from generator.values.layers import Values

Ran = frozenset[tuple[str, int, str]]
"""Branches that were taken: a template, the number of a condition or loop, and `then` or `else`."""
Known = tuple[SourceMap, Ran]
_KIND = "maps"
_EXACT = frozenset([str, int, float, bool, type(None)])
_WIDTH = 6  # items of a flat line for each segment


class Remembered:
    """The source maps of an environment that are known: of an earlier run, and of other environments in `shared`."""

    def __init__(
        self,
        engine: Engine,
        uses: Uses,
        cache: Cache,
        values: Values,
        shared: dict[str, Known] | None,
    ) -> None:
        self._engine, self._uses = engine, uses
        self._cache, self._values, self._shared = cache, values, shared
        self._code = repr(sorted(map(repr, values.code)))
        self._texts: dict[str, str] = {}  # the values by name
        self._place = f"{engine.sources.root}\0{values.env}"
        self._new: dict[str, tuple[str, Known]] = {}
        self._records: dict[str, Any] | None = None

    def key(self, output: Output) -> str:
        """Return a digest of the templates of a file and of the values that they may read; "" without one."""
        names = self._uses.closure(output.template)
        sources = [self._engine.sources.key(name) for name in names]
        if not output.template.endswith(SUFFIX) or not all(sources):
            return ""
        read = sorted(self._uses.words(names).intersection(output.context))
        return digest(
            output.template,
            output.path,
            repr(self._engine.settings),
            self._code,
            repr(sorted(output.entries.items())),
            repr(sorted(map(repr, output.decides))),
            repr([*zip(names, sources, strict=True)]),
            repr(read),
            *(self._text(name, output.context[name]) for name in read),
        )

    def _text(self, name: str, value: Any) -> str:
        if self._values.context.get(name) is not value:
            return repr(value)
        if name not in self._texts:
            self._texts[name] = repr(value)
        return self._texts[name]

    def get(self, path: str, key: str) -> Known | None:
        """Return the source map of a file that is made from what has this digest, and the branches that ran."""
        if self._shared is not None and key in self._shared:
            return self._shared[key]
        if self._records is None:
            self._records = self._cache.get(_KIND, self._place) or {}
        try:
            known_key, ran, record = self._records.pop(path)
            if known_key != key:
                return None
            known = restored(record), frozenset(ran)
            for name in sorted(templates_in(record)):
                self._engine.prepare(name)
        except (KeyError, ValueError, TypeError, IndexError, RenderError):
            return None
        if self._shared is not None:
            self._shared[key] = known
        return known

    def keep(self, path: str, key: str, known: Known) -> None:
        """Keep the source map of a file."""
        self._new[path] = key, known
        if self._shared is not None:
            self._shared[key] = known

    def remember(self, paths: Container[str]) -> None:
        """Write what is new to the cache; `paths` are those of all files, and no other one is kept."""
        self._records = {}
        if not self._new or self._cache is NO_CACHE:
            return
        earlier = self._cache.get(_KIND, self._place) or {}
        records = {path: record for path, record in earlier.items() if path in paths}
        for path, (key, (found, ran)) in self._new.items():
            with suppress(ValueError):
                records[path] = key, sorted(ran), plain(found)
        self._cache.put(_KIND, self._place, "", records)
        self._new = {}


def plain(found: SourceMap) -> tuple[Any, ...]:
    """Return a source map as plain data. Raises ValueError when something in it has no plain form."""
    written = _Written()
    lines = [
        tuple(
            part
            for each in line
            for part in (
                each.start,
                each.end,
                written.locations.number(each.location),
                written.tag(each.tag),
                written.chain(each.frames),
                _value(each.value),
            )
        )
        for line in found.lines
    ]
    omissions = [
        (
            each.line,
            each.column,
            each.inline,
            written.locations.number(each.location),
            written.set(each.decides),
        )
        for each in found.omissions
    ]
    decides = written.set(found.decides)
    tables = [each.items for each in (written.locations, written.sets, written.tags, written.frames)]
    return found.path, found.template, found.text, decides, lines, omissions, *tables, written.chains.items


def restored(record: Sequence[Any]) -> SourceMap:
    """Return the source map that was plain data. Raises ValueError, TypeError or IndexError for another form."""
    path, template, text, decides, lines, omissions, locations, sets, tags, frames, chains = record
    paths: list[Paths] = [frozenset(each) for each in sets]
    all_tags = [Tag(paths[values], paths[keys], paths[chosen]) for values, keys, chosen in tags]
    all_frames: list[Frame] = []
    for kind, name, line, shown, decided, outer, number in frames:
        above = None if outer < 0 else all_frames[outer]
        all_frames.append(Frame(kind, name, line, shown, paths[decided], above, number))
    all_chains = [tuple([all_frames[number] for number in each]) for each in chains]

    def segments(flat: Sequence[Any]) -> Iterator[Segment]:
        parts = iter(flat)
        for start, end, location, tag, chain, value in zip(*[parts] * _WIDTH, strict=True):
            written = HclCode(value[0]) if type(value) is tuple else value
            yield Segment(start, end, locations[location], all_tags[tag], all_chains[chain], written)

    return SourceMap(
        path,
        template,
        text,
        tuple([tuple(segments(each)) for each in lines]),
        tuple(
            [
                Omission(line, at, inline, locations[place], paths[by])
                for line, at, inline, place, by in omissions
            ]
        ),
        paths[decides],
    )


def templates_in(record: Sequence[Any]) -> frozenset[str]:
    """Return the names of the templates that a source map, as plain data, has places in."""
    return frozenset([each[0] for each in record[6] if each]).union(each[1] for each in record[9])


class _Table:
    """Items that are stored once, and referred to by number."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self._known: dict[Any, int] = {}

    def number(self, key: Hashable, item: Callable[[], Any] | None = None) -> int:
        """Return the number of the item with this key, made at its first use, or of the key itself."""
        known = self._known.get(key)
        if known is None:
            made = key if item is None else item()
            known = self._known[key] = len(self.items)
            self.items.append(made)
        return known


class _Written:
    """The tables of a source map that is written as plain data."""

    def __init__(self) -> None:
        self.locations, self.sets, self.tags, self.frames, self.chains = (_Table() for _ in range(5))

    def set(self, paths: Paths) -> int:
        return self.sets.number(paths, lambda: [tuple(map(_step, path)) for path in paths])

    def tag(self, tag: Tag) -> int:
        return self.tags.number(
            tag, lambda: (self.set(tag.values), self.set(tag.keys), self.set(tag.decides))
        )

    def chain(self, frames: tuple[Frame, ...]) -> int:
        return self.chains.number(frames, lambda: tuple(map(self.frame, frames)))

    def frame(self, frame: Frame) -> int:
        return self.frames.number(frame, lambda: self._frame(frame))

    def _frame(self, frame: Frame) -> tuple[Any, ...]:
        outer = self.frame(frame.outer) if frame.outer else -1
        paths = self.set(frame.paths)
        return frame.kind, frame.template, frame.line, str(frame.text), paths, outer, frame.number


def _step(step: Any) -> str | int:
    """Return a step of a path, which may be a key or index with a tag, as plain data."""
    if isinstance(step, bool) or not isinstance(step, str | int):
        raise ValueError("not a step of a path")
    return str(step) if isinstance(step, str) else int(step)


def _value(value: Any) -> Any:
    if type(value) is HclCode:
        return (str(value),)
    if type(value) not in _EXACT:
        raise ValueError("not a plain value")
    return value
