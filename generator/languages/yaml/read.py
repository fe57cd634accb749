"""YAML documents to nodes. PyYAML composes them; keys stay texts, so that the `on` of a workflow is no boolean."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple, cast

import yaml

from generator.findings import Span
from generator.languages.node import Leaf, Map, Node, Problem, ReadResult, Scalar, Seq
from generator.languages.source import Source

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_MERGE = f"{_TAG}merge"
_MERGING = frozenset(["compose", "gitlab", "kubernetes"])  # which apply merge keys; GitHub refuses them
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_Offsets = tuple[int, int]
_MAX_DEPTH = 100
_MAX_NODES = 500_000  # each alias counts as all that it repeats: walking the tree visits it again


def read(source: Source) -> ReadResult:
    """Return the documents of a YAML (or JSON) text as a sequence, and what is wrong with it.

    A merge key (`<<`) is applied where the consumer of the language does; elsewhere it is a key like any other.
    """
    try:
        reader, documents = _documents(source, _LOADER)
    except _RepeatedAnchorError:
        reader, documents = _documents(source, _Repeating)
    whole = Seq(tuple(documents), source=source, start=0, end=len(source.text))
    return ReadResult(whole, tuple(reader.problems))


def _documents(source: Source, loader: type[yaml.SafeLoader]) -> tuple[_Reader, list[Node]]:
    reader = _Reader(source)
    documents: list[Node] = []
    try:
        documents.extend(reader.node(each, 0) for each in yaml.compose_all(source.text, Loader=loader))
    except yaml.YAMLError as problem:
        if "found duplicate anchor" in str(problem):
            raise _RepeatedAnchorError from None
        reader.problems.append(_syntax_problem(source, problem))
    except _LimitError as limit:
        reader.problems.append(Problem("the YAML is nested too deeply or too large", limit.at))
    except RecursionError:
        reader.problems.append(Problem("the YAML is nested too deeply or too large", source.span(1)))
    return reader, documents


class _RepeatedAnchorError(Exception):
    """A document gives an anchor twice, which PyYAML refuses and YAML allows: an alias means the one before it."""


class _Repeating(yaml.SafeLoader):
    """Composes documents that give an anchor twice, as the consumers do."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Return the next node; it takes its anchor from an earlier one."""
        event = cast(yaml.NodeEvent, self.peek_event())  # type: ignore[no-untyped-call]
        if not isinstance(event, yaml.AliasEvent):
            self.anchors.pop(event.anchor, None)
        return super().compose_node(parent, index)


class _LimitError(Exception):
    """The document exceeds a limit at the node `at`."""

    def __init__(self, at: Span) -> None:
        super().__init__()
        self.at = at


class _Anchored(NamedTuple):
    """A map or sequence that aliases may repeat: how many nodes it has, and how many levels.

    The composed node is kept beside ours: the identity of one that was freed could be used again.
    """

    composed: yaml.Node
    node: Node
    size: int
    height: int


class _Reader:
    """Turns the composed nodes of one file into ours; an anchored node is read once and shared by its aliases."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.problems: list[Problem] = []
        self._known: dict[int, _Anchored] = {}
        self._open: set[int] = set()
        self._count = 0
        self._deepest = 0

    def node(self, composed: yaml.Node, depth: int, key: _Offsets | None = None) -> Node:
        """Return a node, which `key` holds in a map."""
        identity = id(composed)
        known = self._known.get(identity)
        self._add(composed, depth + known.height if known else depth, known.size if known else 1)
        if isinstance(composed, yaml.ScalarNode):
            return self._leaf(composed, key)
        if known:
            return known.node if known.node.key == key else replace(known.node, key=key)
        if identity in self._open:
            self.problems.append(Problem("an alias refers to a node that contains it", self._span(composed)))
            start, end = _offsets(composed)
            return Leaf(None, source=self._source, start=start, end=end, key=key)
        self._open.add(identity)
        before, outer = self._count - 1, self._deepest
        self._deepest = depth
        read = (
            self._map(composed, depth, key)
            if isinstance(composed, yaml.MappingNode)
            else self._seq(composed, depth, key)
        )
        self._open.discard(identity)
        self._known[identity] = _Anchored(composed, read, self._count - before, self._deepest - depth)
        self._deepest = max(self._deepest, outer)
        return read

    def _add(self, composed: yaml.Node, depth: int, size: int) -> None:
        self._count += size
        self._deepest = max(self._deepest, depth)
        if depth > _MAX_DEPTH or self._count > _MAX_NODES:
            raise _LimitError(self._span(composed))

    def _map(self, composed: yaml.MappingNode, depth: int, at: _Offsets | None) -> Node:
        entries: dict[str, Node] = {}
        merged: list[Node] = []
        for key_node, value_node in composed.value:
            if key_node.tag == _MERGE and self._source.language in _MERGING:
                merged.append(self.node(value_node, depth + 1))
                continue
            is_text = isinstance(key_node, yaml.ScalarNode)
            name = str(key_node.value) if is_text else self._source.text[slice(*_offsets(key_node))]
            key = _offsets(key_node)
            if name in entries:
                first = entries[name].key_at
                self.problems.append(
                    Problem(f'the key "{name}" occurs twice in one map', self._source.between(*key), first)
                )
            entries[name] = self.node(value_node, depth + 1, key)
        for each in merged:
            for map_ in each.maps() if isinstance(each, Seq) else (each,):
                entries = {**(map_.entries if isinstance(map_, Map) else {}), **entries}
        start, end = _offsets(composed)
        return Map(entries, source=self._source, start=start, end=end, key=at)

    def _seq(self, composed: yaml.Node, depth: int, at: _Offsets | None) -> Node:
        items = tuple([self.node(item, depth + 1) for item in composed.value])
        start, end = _offsets(composed)
        return Seq(items, source=self._source, start=start, end=end, key=at)

    def _leaf(self, composed: yaml.ScalarNode, at: _Offsets | None) -> Node:
        start, end = _offsets(composed)
        return Leaf(
            _value(composed),
            text=str(composed.value),
            style=composed.style or "",
            source=self._source,
            start=start,
            end=end,
            key=at,
        )

    def _span(self, composed: yaml.Node) -> Span:
        return self._source.between(*_offsets(composed))


def _offsets(composed: yaml.Node) -> _Offsets:
    return composed.start_mark.index, composed.end_mark.index


def _value(composed: yaml.ScalarNode) -> Scalar:
    convert = _CONVERT.get(composed.tag)
    try:
        return convert(composed.value) if convert else str(composed.value)
    except ValueError:
        return str(composed.value)


_CONVERT: dict[str, Callable[[str], Scalar]] = {
    f"{_TAG}null": lambda text: None,
    f"{_TAG}bool": lambda text: text.lower() in ("true", "yes", "on"),
    f"{_TAG}int": lambda text: int(text.replace("_", ""), 8 if re.fullmatch("[-+]?0[0-7]+", text) else 0),
    f"{_TAG}float": lambda text: float(text.replace("_", "")),
}


def _syntax_problem(source: Source, problem: yaml.YAMLError) -> Problem:
    mark = getattr(problem, "problem_mark", None)
    message = " ".join(filter(None, [getattr(problem, "problem", ""), getattr(problem, "context", "")]))
    if mark is None:
        unreadable = _CONTROL.search(source.text)
        return Problem(
            message or str(problem), source.at(unreadable.start()) if unreadable else source.span(1)
        )
    if mark.line >= len(source.lines):  # the end of a text without a last line feed
        return Problem(message, source.at(len(source.text)))
    return Problem(message, source.span(mark.line + 1, mark.column + 1, 1))
