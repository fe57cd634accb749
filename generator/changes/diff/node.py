"""A parsed file, whatever its language: maps, lists and leaves, each with its line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value without parts. `is_code` tells an expression of HCL from a text that looks like it.

    `name` is what it is known by in a list, where that is not its value: `ENV PORT` of `ENV PORT=8000`.
    """

    value: Scalar
    line: int = field(default=0, compare=False)
    is_code: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Map:
    """Values by key; in HCL the arguments of a block, and under the type of nested blocks the list of them."""

    entries: Mapping[str, Node] = field(default_factory=dict)
    line: int = field(default=0, compare=False)

    def get(self, *path: str) -> Node | None:
        """Return what is at `path` (keys only), or None."""
        node: Node | None = self
        for key in path:
            node = node.entries.get(key) if isinstance(node, Map) else None
        return node

    def scalar(self, *path: str) -> Scalar:
        """Return the value of the leaf at `path`, or None."""
        node = self.get(*path)
        return node.value if isinstance(node, Leaf) else None

    def text(self, *path: str) -> str:
        """Return the value of the leaf at `path` as text; nothing when there is none."""
        value = self.scalar(*path)
        return "" if value is None else str(value)

    def maps(self, *path: str) -> tuple[Map, ...]:
        """Return the maps of the list at `path`."""
        node = self.get(*path)
        return tuple(item for item in node.items if isinstance(item, Map)) if isinstance(node, Seq) else ()

    def map(self, *path: str) -> Map:
        """Return the map at `path`; an empty one when there is none."""
        node = self.get(*path)
        return node if isinstance(node, Map) else Map()


@dataclass(frozen=True, slots=True)
class Seq:
    """Values in order."""

    items: tuple[Node, ...] = ()
    line: int = field(default=0, compare=False)


Node = Leaf | Map | Seq


def leaves(node: Node | None) -> Iterator[Leaf]:
    """Yield every leaf below `node`."""
    if isinstance(node, Leaf):
        yield node
    elif node is not None:
        for inner in node.entries.values() if isinstance(node, Map) else node.items:
            yield from leaves(inner)


def text_of(node: Node | None, limit: int = 100) -> str:
    """Write `node` on one line, cut to `limit` characters."""
    if node is None:
        return "nothing"
    if isinstance(node, Leaf):
        text = str(node.value) if node.is_code else _scalar(node.value)
    elif isinstance(node, Seq):
        text = f"[{', '.join(text_of(item, limit) for item in node.items)}]"
    else:
        text = f"{{{', '.join(f'{key}: {text_of(value, limit)}' for key, value in node.entries.items())}}}"
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _scalar(value: Scalar) -> str:
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    text = str(value)
    if isinstance(value, str) and (not text or text != text.strip() or "\n" in text or _looks_typed(text)):
        return json.dumps(text, ensure_ascii=False)
    return text


def _looks_typed(text: str) -> bool:
    """Say whether text would be taken for a number, a boolean or null when it is shown without quotes."""
    try:
        float(text)
    except ValueError:
        return text in ("true", "false", "null")
    return True
