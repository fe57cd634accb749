"""YAML of the output as plain data that knows where it stands.

`Map` and `List` are a dict and a list; a rule asks them for the place of what they hold, and for what is in
them by type, so that a file of the wrong shape is never an exception.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from generator.findings import Span
from generator.languages.source import Source

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Map(dict[str, Any]):
    """A map of the output. Keys are texts as they are written: `on` stays `on`."""

    def __init__(self, source: Source | None = None, line: int = 1) -> None:
        super().__init__()
        self.source = source
        self.line = line
        self.nodes: dict[str, tuple[yaml.Node, yaml.Node]] = {}

    def at(self, key: str) -> Span:
        """Return the place of the value at `key`; where it has no line of its own, of the key; else of the map."""
        key_node, value = self.nodes.get(key, (None, None))
        if key_node is None or self.source is None:
            return self.here()
        if isinstance(value, yaml.ScalarNode) and value.style not in ("|", ">"):
            return _span(self.source, value)
        return _span(self.source, key_node)

    def key_at(self, key: str) -> Span:
        """Return the place of a key, or of the map when it has no such key."""
        key_node, _ = self.nodes.get(key, (None, None))
        return _span(self.source, key_node) if key_node and self.source else self.here()

    def here(self) -> Span:
        """Return the place where the map begins."""
        return self.source.span(self.line) if self.source else Span("", 1)

    def sub(self, *keys: str) -> Map:
        """Return the map behind `keys`, empty when there is none."""
        found: Any = self
        for key in keys:
            found = found.get(key) if isinstance(found, Map) else None
        return found if isinstance(found, Map) else Map(self.source, self.line)

    def each(self, key: str) -> list[Map]:
        """Return the maps in the list at `key`."""
        return [item for item in self.listed(key) if isinstance(item, Map)]

    def listed(self, key: str) -> List:
        """Return the list at `key`, empty when there is none."""
        found = self.get(key)
        return found if isinstance(found, List) else List(self.source)

    def text(self, key: str) -> str:
        """Return the scalar at `key` as it is written, or "" when there is none."""
        _, value = self.nodes.get(key, (None, None))
        if isinstance(value, yaml.ScalarNode):
            return str(value.value)
        found = self.get(key)
        return found if isinstance(found, str) else ""

    def line_of(self, key: str, number: int, column: int = 0, length: int = 0) -> Span:
        """Return the place of a line, counted from 0, of the text at `key`, which may be a block."""
        _, value = self.nodes.get(key, (None, None))
        if value is None or self.source is None:
            return self.here()
        start = value.start_mark
        if getattr(value, "style", None) not in ("|", ">"):
            inside = start.column + column + bool(getattr(value, "style", None))
            return self.source.span(start.line + 1 + number, inside if column else 0, length)
        line = self.source.lines[start.line + 1 + number]
        own = str(value.value).split("\n")[number]
        indent = len(line) - len(own) if line.endswith(own) else 0
        return self.source.span(start.line + 2 + number, column + indent if column else 0, length)


class List(list[Any]):
    """A list of the output."""

    def __init__(self, source: Source | None = None) -> None:
        super().__init__()
        self.source = source
        self.nodes: list[yaml.Node] = []

    def at(self, index: int) -> Span:
        """Return the place of an item."""
        return _span(self.source, self.nodes[index]) if self.source else Span("", 1)

    def texts(self) -> Iterator[tuple[str, Span]]:
        """Yield each scalar as it is written, with its place."""
        for index, node in enumerate(self.nodes):
            if isinstance(node, yaml.ScalarNode):
                yield str(node.value), self.at(index)


@dataclass(frozen=True)
class Problem:
    """What is wrong with the YAML itself: a sentence, the place, and a second place when there is one."""

    message: str
    at: Span
    first: Span | None = None


@dataclass
class Documents:
    """What a YAML file holds, and what is wrong with it."""

    data: list[Any] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def maps(self) -> list[Map]:
        """Return the documents that are maps."""
        return [document for document in self.data if isinstance(document, Map)]


def load(source: Source) -> Documents:
    """Read every document of a YAML file."""
    documents = Documents()
    builder = _Builder(source, documents.problems)
    try:
        for node in yaml.compose_all(source.text, Loader=_LOADER):
            documents.data.append(builder.build(node))
    except yaml.YAMLError as problem:
        documents.problems.append(_syntax(source, problem))
    return documents


def walk(data: Any) -> Iterator[Map]:
    """Yield `data` and every map in it."""
    if isinstance(data, Map):
        yield data
        for value in data.values():
            yield from walk(value)
    elif isinstance(data, List):
        for item in data:
            yield from walk(item)


class _Builder:
    """Builds data from the composed nodes; a node that aliases repeat is built once."""

    def __init__(self, source: Source, problems: list[Problem]) -> None:
        self._source = source
        self._problems = problems
        # With each node, so that it lives: another one could get the number of one that is gone.
        self._built: dict[int, tuple[yaml.Node, Any]] = {}

    def build(self, node: yaml.Node | None) -> Any:
        if node is None:
            return None
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if id(node) in self._built:
            return self._built[id(node)][1]
        return self._map(node) if isinstance(node, yaml.MappingNode) else self._list(node)

    def _map(self, node: yaml.MappingNode) -> Map:
        built = Map(self._source, node.start_mark.line + 1)
        self._built[id(node)] = (node, built)
        for key_node, value in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else repr(key_node.value)
            if key in built.nodes:
                first = _span(self._source, built.nodes[key][0])
                self._problems.append(
                    Problem(f'"{key}" stands twice in one map', _span(self._source, key_node), first)
                )
            built.nodes[key] = (key_node, value)
            built[key] = self.build(value)
        return built

    def _list(self, node: yaml.Node) -> List:
        built = List(self._source)
        self._built[id(node)] = (node, built)
        for item in node.value:
            built.nodes.append(item)
            built.append(self.build(item))
        return built


def _scalar(node: yaml.ScalarNode) -> Any:
    convert = _CONVERT.get(str(node.tag).removeprefix(_TAG))
    if convert is None:
        return node.value
    try:
        return convert(node.value)
    except ValueError:
        return node.value


_CONVERT: dict[str, Callable[[str], Any]] = {
    "null": lambda text: None,
    "bool": lambda text: text.lower() in ("true", "yes", "on"),
    "int": lambda text: int(text.replace("_", ""), 8 if re.fullmatch("[-+]?0[0-7]+", text) else 0),
    "float": lambda text: float(text.replace("_", "")),
}


def _span(source: Source, node: yaml.Node) -> Span:
    start, end = node.start_mark, node.end_mark
    line = source.lines[start.line] if start.line < len(source.lines) else ""
    length = (end.column if end.line == start.line else len(line)) - start.column
    return source.span(start.line + 1, start.column + 1, length)


def _syntax(source: Source, problem: yaml.YAMLError) -> Problem:
    mark = getattr(problem, "problem_mark", None)
    message = " ".join(filter(None, [getattr(problem, "problem", ""), getattr(problem, "context", "")]))
    if mark is None:
        found = _CONTROL.search(source.text)
        return Problem(message or str(problem), source.at(found.start()) if found else source.span(1))
    return Problem(message, source.span(mark.line + 1, mark.column + 1, 1))
