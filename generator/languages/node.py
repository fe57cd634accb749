"""The syntax tree that the reader of every language returns: maps, sequences and leaves that know their places.

A node is compared by what it means: neither its place nor the way it is written counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from typing import Any

from generator.findings import Span
from generator.findings.record import record
from generator.languages.source import Source

Scalar = str | int | float | bool | None
NOWHERE = Source("", "", "", "")


@record(kw_only=True)
class _Placed:
    """Where a node is: offsets into the text of its file, and the offsets of the key that holds it, if any."""

    source: Source = field(default=NOWHERE, compare=False, repr=False)
    start: int = field(default=0, compare=False, repr=False)
    end: int = field(default=0, compare=False, repr=False)
    key: tuple[int, int] | None = field(default=None, compare=False, repr=False)

    @property
    def line(self) -> int:
        """The line of its key, or of its first character when no key holds it."""
        return self.source.line_of(self.key[0] if self.key else self.start)

    @property
    def key_at(self) -> Span:
        """The place of its key, or of its beginning when no key holds it."""
        return self.source.between(*self.key) if self.key else self.source.between(self.start, self.end)

    @property
    def at(self) -> Span:
        """The place to show for it: of its key when it has parts or goes over several lines, otherwise its own."""
        return self.key_at


@record(kw_only=True)
class Leaf(_Placed):
    """A value without parts. `text` is the scalar as written, without quotes and escapes.

    `is_code` marks an expression, as opposed to a string that looks like one. `style` is what opens it in the file:
    a quote, `|` or `>` of a block, `<<` of a heredoc. `name` identifies it in a sequence where that is not its
    value: `ENV PORT` of `ENV PORT=8000`.
    """

    value: Scalar = field(default=None, kw_only=False)
    text: str = field(default="", compare=False)
    is_code: bool = False
    style: str = field(default="", compare=False)
    name: str = ""

    @property
    def is_block(self) -> bool:
        """Whether its text begins on the line after the one that opens it."""
        return self.style[:1] in ("|", ">", "<")

    @property
    def at(self) -> Span:
        return self.key_at if self.is_block else self.source.between(self.start, self.end)

    def place(self, offset: int, length: int = 1) -> Span:
        """Return the place in the file of the character at `offset` of its text."""
        before = self.text[:offset]
        number, column = before.count("\n"), offset - before.rfind("\n") - 1
        line = self.source.line_of(self.start) + number + self.is_block
        if self.is_block and line <= len(self.source.lines):
            written, own = self.source.lines[line - 1], self.text.split("\n")[number]
            indent = len(written) - len(own) if own and written.endswith(own) else 0
            return self.source.span(line, indent + column + 1, length)
        if number:
            return self.source.span(line)
        return self.source.at(self.start + len(self.style) + column, length)

    def offset(self, line: int, column: int = 1) -> int:
        """Return the offset in its text of a line and column, both from 1."""
        return sum(len(each) + 1 for each in self.text.split("\n")[: line - 1]) + column - 1


@record(kw_only=True)
class Map(_Placed):
    """Values by key, in the order of the file. Keys are texts as they are written: `on` stays `on`."""

    entries: Mapping[str, Node] = field(default_factory=dict, kw_only=False)

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def get(self, *path: str) -> Node | None:
        """Return the node at `path` (keys only), or None."""
        node: Node | None = self
        for key in path:
            node = node.entries.get(key) if isinstance(node, Map) else None
        return node

    def value(self, *path: str) -> Scalar:
        """Return the value of the leaf at `path`, or None."""
        node = self.get(*path)
        return node.value if isinstance(node, Leaf) else None

    def text(self, *path: str) -> str:
        """Return the scalar at `path` as it is written; "" when there is none."""
        node = self.get(*path)
        return node.text if isinstance(node, Leaf) else ""

    def leaf(self, *path: str) -> Leaf | None:
        """Return the leaf at `path`, or None."""
        node = self.get(*path)
        return node if isinstance(node, Leaf) else None

    def map(self, *path: str) -> Map:
        """Return the map at `path`; an empty one when there is none."""
        node = self.get(*path)
        return (
            node
            if isinstance(node, Map)
            else Map(source=self.source, start=self.start, end=self.end, key=self.key)
        )

    def seq(self, *path: str) -> Seq:
        """Return the sequence at `path`; an empty one when there is none."""
        node = self.get(*path)
        return (
            node
            if isinstance(node, Seq)
            else Seq(source=self.source, start=self.start, end=self.end, key=self.key)
        )

    def maps(self, *path: str) -> tuple[Map, ...]:
        """Return the maps in the sequence at `path`."""
        return self.seq(*path).maps()

    def texts(self) -> dict[str, str]:
        """Return its scalars as they are written, by key."""
        return {key: node.text for key, node in self.entries.items() if isinstance(node, Leaf)}

    def key_place(self, key: str) -> Span:
        """Return the place of `key` itself, or of the map when it has no such key."""
        node = self.entries.get(key)
        return self.at if node is None else node.key_at

    def at_key(self, *path: str) -> Span:
        """Return the place of the node at `path`, or of the deepest node on the way to it."""
        node: Node = self
        for key in path:
            inner = node.entries.get(key) if isinstance(node, Map) else None
            if inner is None:
                break
            node = inner
        return node.at


@record(kw_only=True)
class Block(Map):
    """A map with a header, as in HCL: `kind` and `labels` are `resource` and ("aws_db_instance", "main")."""

    kind: str
    labels: tuple[str, ...] = ()

    def blocks(self, kind: str, *labels: str) -> tuple[Block, ...]:
        """Return the blocks of a kind in it, with these labels in front."""
        return blocks(self, kind, *labels)


@record(kw_only=True)
class Seq(_Placed):
    """Values in order."""

    items: tuple[Node, ...] = field(default=(), kw_only=False)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def maps(self) -> tuple[Map, ...]:
        """Return its items that are maps."""
        return tuple(item for item in self.items if isinstance(item, Map))

    def leaves(self) -> tuple[Leaf, ...]:
        """Return its items that are leaves."""
        return tuple(item for item in self.items if isinstance(item, Leaf))

    def texts(self) -> list[str]:
        """Return its scalars as they are written."""
        return [leaf.text for leaf in self.leaves()]


Node = Leaf | Map | Seq


@record
class Problem:
    """What makes a file invalid in its language: a sentence, the place, and a second place when there is one."""

    message: str
    at: Span
    first: Span | None = None

    @property
    def reason(self) -> str:
        """The sentence, with the line where there is one."""
        return self.message + (f" (line {self.at.line})" if self.at.line else "")


@record
class ReadResult:
    """What a reader returns: as much of the tree as could be read, and what is wrong with the text."""

    node: Node
    problems: tuple[Problem, ...] = ()


def blocks(body: Map, kind: str, *labels: str) -> tuple[Block, ...]:
    """Return the blocks of a kind in a body, with these labels in front."""
    found = (each for each in body.maps(kind) if isinstance(each, Block))
    return tuple(each for each in found if each.labels[: len(labels)] == labels)


def children(node: Node) -> Iterator[Node]:
    """Yield the nodes directly below `node`."""
    if isinstance(node, Map):
        yield from node.entries.values()
    elif isinstance(node, Seq):
        yield from node.items


def walk(node: Node) -> Iterator[Node]:
    """Yield `node` and every node below it, in the order of the file."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending += reversed(list(children(current)))


def leaves(node: Node | None) -> Iterator[Leaf]:
    """Yield every leaf of `node`, in the order of the file."""
    if node is not None:
        yield from (each for each in walk(node) if isinstance(each, Leaf))


def texts(node: Node | None) -> list[str]:
    """Return the scalars of a list as text, or the one scalar that is given instead of a list; code is its own."""
    leaves = node.leaves() if isinstance(node, Seq) else (node,) if isinstance(node, Leaf) else ()
    return [str(leaf.value) if leaf.is_code else leaf.text for leaf in leaves if leaf.value is not None]


def without_nulls(node: Map) -> Map:
    """Return `node` without the entries whose value is null, at any depth; `node` itself where it has none."""
    if not any(isinstance(each, Leaf) and each.value is None for each in walk(node)):
        return node
    pruned: Map = _pruned(node)
    return pruned


def _pruned(node: Any) -> Any:
    if isinstance(node, Seq):
        return replace(node, items=tuple(map(_pruned, node.items)))
    if not isinstance(node, Map):
        return node
    kept = {
        key: _pruned(each)
        for key, each in node.entries.items()
        if not (isinstance(each, Leaf) and each.value is None)
    }
    return replace(node, entries=kept)


def moved(node: Node, other: Node) -> Node:
    """Return `node` with the place of `other`."""
    return replace(node, source=other.source, start=other.start, end=other.end, key=other.key)


def plain(node: Node) -> Any:
    """Return `node` as dicts, lists and scalars."""
    if isinstance(node, Map):
        return {key: plain(value) for key, value in node.entries.items()}
    return [plain(item) for item in node.items] if isinstance(node, Seq) else node.value


def summary(node: Node | None, limit: int = 100) -> str:
    """Return `node` on one line, cut to `limit` characters."""
    if node is None:
        return "nothing"
    if isinstance(node, Leaf):
        text = str(node.value) if node.is_code else _scalar(node.value)
    elif isinstance(node, Seq):
        text = f"[{', '.join(summary(item, limit) for item in node.items)}]"
    else:
        text = f"{{{', '.join(f'{key}: {summary(value, limit)}' for key, value in node.entries.items())}}}"
        if isinstance(node, Block) and node.labels:
            text = f"{' '.join(node.labels)} {text}"
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _scalar(value: Scalar) -> str:
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    text = str(value)
    if isinstance(value, str) and (not text or text != text.strip() or "\n" in text or _looks_typed(text)):
        return json.dumps(text, ensure_ascii=False)
    return text


def _looks_typed(text: str) -> bool:
    """Return whether text without quotes would be read as a number, a boolean or null."""
    try:
        float(text)
    except ValueError:
        return text in ("true", "false", "null")
    return True
