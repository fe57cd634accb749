"""Templates against the schema, before any render: every expression of every branch, also of branches not taken.

What cannot be known is not reported: a template that renders for every valid set of values has no finding.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from generator.findings import Finding, Span, warning
from generator.findings.record import record
from generator.project import is_partial
from generator.project.cache import NO_CACHE, Cache, digest
from generator.project.limits import EXCEEDED, limit_finding
from generator.render.engine import AccessPath, Engine, RenderError
from generator.render.outputs import rendered_names
from generator.render.paths import loops_of, words_of
from generator.render.typecheck.value_type import ALWAYS, BELOW, EACH, LIST, MAP, STRING, Path, Type
from generator.values.defaults import entry_path
from generator.values.layers import FILE_KEYS, Layer, Values
from generator.values.schema import Schema
from generator.values.settings import ENVIRONMENT, Each, Settings
from generator.values.source import KeyPath, format_path, leaves, parse_path

if TYPE_CHECKING:
    from generator.render.typecheck.followed import Followed
    from generator.render.typecheck.reporter import Read
    from generator.render.typecheck.schema_types import SchemaTypes


_MANY = 10_000  # paths of values; beyond it, those of earlier checks are dropped


@record
class Reads:
    """The paths of the values that some template reads, each with its conditions.

    Where the cache keeps objects, `sources` has a digest of all that each template uses, itself included, and `named`
    the values that these can name.
    """

    every: frozenset[Read]
    matrix: tuple[KeyPath, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    named: Mapping[str, tuple[AccessPath, ...]] = field(default_factory=dict)
    _by_path: dict[KeyPath, list[Read]] = field(default_factory=dict)
    # by the path of a layer that many share, with its text
    _unread: dict[str, tuple[str, list[Finding]]] = field(default_factory=dict)

    def unread_values(self, values: Values) -> list[Finding]:
        """Return a warning for each value that no template can read.

        A value of base.yaml, or of a file that the environment extends, may be for another environment: it is read
        when a template reads it for any choice. A value of the environment's own file must be read with its choices.
        """
        own = (values.path, "--set")
        findings: list[Finding] = []
        for layer in values.layers:
            if layer.path in own or layer.is_part:
                findings += self._unread_in(layer, values)
                continue
            if self._unread.get(layer.path, ("",))[0] != layer.text:
                self._unread[layer.path] = layer.text, list(self._unread_in(layer, None))
            findings += self._unread[layer.path][1]
        return findings

    def _unread_in(self, layer: Layer, values: Values | None) -> Iterator[Finding]:
        for path, value in leaves(layer.data):
            if not layer.is_part and any(path[: len(each)] == each for each in self.matrix):
                continue  # a value of an entry: read, or not, where it overrides another value
            reads = self._of((*entry_path(str(path[0])), *path[1:]))
            if value is None or any(values is None or _is_used(read, path, values.data) for read in reads):
                continue
            used = f" that {values.env} uses" if reads and values else ""
            message = f"no template{used} reads {format_path(path)}"
            hint = "remove it, or use it in a template"
            yield warning("typecheck/unread-value", message, layer.located.at(path), hint=hint)

    def _of(self, path: KeyPath) -> list[Read]:
        """Return the reads of the value at `path`; environments mostly ask for the same ones."""
        if path not in self._by_path:
            firsts = (path[0], EACH, BELOW)
            near = [read for first in firsts for read in self._by_first.get(first, ())]
            self._by_path[path] = [read for read in near if _covers(read[0], path)]
        return self._by_path[path]

    @cached_property
    def _by_first(self) -> dict[str | int, list[Read]]:
        by_first: dict[str | int, list[Read]] = {}
        for read in self.every:
            by_first.setdefault(read[0][0] if read[0] else BELOW, []).append(read)
        return by_first


def check_templates(
    engine: Engine, schema: Schema, values: Sequence[Values], cache: Cache = NO_CACHE
) -> tuple[Reads, list[Finding]]:
    """Check every template against the schema; `values` are those of the environments without errors.

    A key that all of them set exists; without any environment, no key is reported as missing. A result without
    findings is cached; it depends on which of the keys that were asked for are set, not on their values.
    """
    always = _known_always_set(list(values), cache)
    matrix = tuple(each.path for each in engine.settings.matrix.values())
    if cache.keeps_objects:
        return _check(engine, schema, always, matrix, cache)[:2]
    delimiters = engine.sources.delimiters
    sources = (part for name in engine.names() for part in (name, engine.source(name), delimiters(name)))
    paths = sorted(map(repr, _in_paths(engine)))
    key = digest(repr(schema.data), repr(paths), *sources)
    # One of 16 records: with one alone, a check of all environments and a render of one would replace each other's,
    # and the render would take twice the time. Any of them may hold: a new key of one environment changes its own.
    own = digest(repr(always if always is None else sorted(always)))[0]
    for digit in (own, *"0123456789abcdef".replace(own, "")):
        known = _known(cache.get("typecheck", f"{engine.sources.root}\0{digit}", key), always)
        if known is not None:
            return Reads(known, matrix), []
    reads, findings, answers = _check(engine, schema, always, matrix, cache)
    if not findings:
        cache.put("typecheck", f"{engine.sources.root}\0{own}", key, [*reads.every, *answers.items()])
    return reads, findings


def _known(record: list[Any] | None, always: set[Path] | None) -> frozenset[Read] | None:
    """Return what is read, of a record whose answers about keys, which are beside it, still hold."""
    answers = [each for each in record or () if type(each[1]) is bool]
    if record is None or any(answer != (always is None or path in always) for path, answer in answers):
        return None
    return frozenset(record).difference(answers)


def always_set(values: Iterable[Values]) -> set[Path] | None:
    """Return the paths of the keys that all of these environments set, or None when there is no environment."""
    common: Mapping[str, Any] | None = None
    for each in values:
        common = each.data if common is None else _common(common, each.data)
    return None if common is None else set(_keys(common))


def _known_always_set(values: list[Values], cache: Cache) -> set[Path] | None:
    """Return `always_set`, also from the cache for these very objects."""
    known: tuple[list[Values], set[Path] | None] | None = cache.recall("always", "", "")
    if known and len(known[0]) == len(values) and all(map(operator.is_, known[0], values)):
        return known[1]
    always = always_set(values)
    cache.keep("always", "", "", (values, always))
    return always


def _common(one: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a map of the keys that both maps have."""
    if one is other:  # environments share most of their maps
        return one
    return {
        key: _common(value, other[key]) if isinstance(value, dict) and isinstance(other[key], dict) else None
        for key, value in one.items()
        if key in other
    }


def _check(
    engine: Engine, schema: Schema, always: set[Path] | None, matrix: tuple[KeyPath, ...], cache: Cache
) -> tuple[Reads, list[Finding], Mapping[Path, bool]]:
    """Return what is read, what is wrong, and the answers about keys that are always set."""
    from generator.render.typecheck.followed import Follower

    follower = Follower(engine, schema, always, cache)
    try:
        followed = follower.follow()
    except EXCEEDED as problem:
        name = follower.template
        at = Span(engine.sources.path(name) if name else schema.path, 1)
        return Reads(frozenset()), [limit_finding(problem, at, "cannot check the templates")], {}
    every = followed.values()
    used = {name for each in every for name in each.sources}
    unused = [name for name in engine.names() if is_partial(name) and name not in used]
    failures = [failure for each in every for failure in each.failures]
    failures += _syntax_errors(engine, unused)
    found = {key: finding for each in reversed(every) for key, finding in each.findings.items()}
    findings = [*failures, *(found[key] for each in every for key in each.findings)]
    is_misspelt = any(finding.code == "typecheck/unknown-template" for finding in findings)
    if not failures and not is_misspelt and not any(each.uses_any for each in every):
        findings += (_unused(engine, name) for name in unused)
    reads = frozenset((path, ALWAYS) for path in _in_paths(engine)).union(*(each.reads for each in every))
    return _reads(reads, matrix, followed, cache), list(dict.fromkeys(findings)), follower.answers


def _reads(
    every: frozenset[Read], matrix: tuple[KeyPath, ...], followed: Mapping[str, Followed], cache: Cache
) -> Reads:
    """Return what is read; an earlier object for the same reads knows already which of them are for a path."""
    earlier: Reads | None = cache.recall("reads", "", "")
    is_same = earlier and (earlier.every, earlier.matrix) == (every, matrix) and len(earlier._by_path) < _MANY
    known = (earlier._by_path, earlier._unread) if earlier and is_same else ({}, {})
    sources = {name: each.key for name, each in followed.items()}
    reads = Reads(every, matrix, sources, {name: each.named for name, each in followed.items()}, *known)
    cache.keep("reads", "", "", reads)
    return reads


def _syntax_errors(engine: Engine, names: Iterable[str]) -> Iterator[Finding]:
    for name in names:
        try:
            engine.tree(name)
        except RenderError as problem:
            yield problem.finding


def template_names(types: SchemaTypes) -> dict[str, Type]:
    """Return the values that every template sees."""
    names = [name for name in types.keys(types.top) if name not in FILE_KEYS and entry_path(name) == (name,)]
    return {name: value for name in names if (value := types.key(types.top, name))}


def entries_of(template: str, settings: Settings, types: SchemaTypes) -> dict[str, Type]:
    """Return the types of the entries that a template is rendered for, by their words."""
    found: dict[str, Type] = {}
    for each in loops_of(template, settings):
        first, *rest = each.path
        container: Type | None = found.get(first) or types.key(types.top, first)
        for key in rest:
            container = types.key(container, key) if container else None
        found[each.word] = _entry(types, container, _pattern(each, settings))
    return found


def _entry(types: SchemaTypes, container: Type | None, path: Path) -> Type:
    """Return the type of an entry of a map, which has a name, or of an item of a list."""
    each = types.each(container) if container else Type()
    if container and container.is_only(LIST):
        return each
    fields = {"name": Type(frozenset({STRING}))}
    if each.kinds and MAP not in each.kinds:
        return Type(frozenset({MAP}), {}, None, fields={**fields, "value": each})
    return Type(frozenset({MAP}), each.schema, path, fields=fields, declared=each.declared)


def _pattern(each: Each, settings: Settings) -> Path:
    """Return the path of the entries that a word stands for, with EACH for every key."""
    outer = settings.each.get(each.path[0])
    start = (*_pattern(outer, settings), *each.path[1:]) if outer and outer is not each else each.path
    return (*start, EACH)


def _in_paths(engine: Engine) -> Iterator[Path]:
    """Yield the paths of the values that stand in the paths of templates, or that the settings name for these."""
    settings = engine.settings
    for entry in (*settings.only, *settings.crlf):
        yield tuple(str(key) for key, _ in parse_path(entry.value) or ())
    for name in rendered_names(engine):
        loops = {each.word: _pattern(each, settings) for each in loops_of(name, settings)}
        yield from loops.values()
        for word in words_of(name):
            if word == ENVIRONMENT:
                continue
            first, *rest = [key for key, _ in parse_path(word) or ()] or [""]
            start = loops.get(first) or (first,)
            yield *start, *rest


def _keys(data: object, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every key of a map, and of the maps in it."""
    if isinstance(data, dict):
        for name, value in data.items():
            yield (*path, name)
            yield from _keys(value, (*path, name))


def _covers(read: Path, path: KeyPath) -> bool:
    if read[-1:] == (BELOW,):
        read, path = read[:-1], path[: len(read) - 1]
    return len(read) == len(path) and all(want in (EACH, part) for want, part in zip(read, path, strict=True))


def _is_used(read: Read, path: KeyPath, data: Any) -> bool:
    """Return whether the template that reads the value at `path` is used with these values."""
    return all(_is_chosen(_bound(where, read[0], path), text, data) for where, text in read[1])


def _bound(where: Path, read: Path, path: KeyPath) -> KeyPath:
    """Return the path of the value that chooses a template, for the entry of a map that `path` is in."""
    bound: KeyPath = ()
    for index, part in enumerate(where):
        if read[index : index + 1] != (part,) or index >= len(path):
            return (*bound, *where[index:])
        bound = (*bound, path[index])
    return bound


def _is_chosen(where: KeyPath, text: str, data: Any) -> bool:
    if not where:
        return bool(data == text)
    if not isinstance(data, dict):
        return True  # unknown
    inner = data.values() if where[0] == EACH else [data[where[0]]] if where[0] in data else []
    return any(_is_chosen(where[1:], text, each) for each in inner) if inner else True


def _unused(engine: Engine, name: str) -> Finding:
    at = Span(engine.sources.path(name), 1)
    hint = "include or import it, or delete it"
    return warning("typecheck/unused-template", "no rendered template uses this one", at, hint=hint)
