"""YAML and JSON to nodes. PyYAML composes; keys stay text, so that a workflow's `on` is no boolean."""

from __future__ import annotations

from typing import Any

import yaml

from generator.changes.diff.node import Leaf, Map, Node, Seq

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_DEPTH = 60
_MAX_NODES = 200_000  # each alias counted with all that it repeats


class Unreadable(Exception):
    """The text is not of its language. The text of the exception says why, `line` where (0: not known)."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.line = line


def parse(text: str) -> Seq:
    """Return the documents of a YAML text. Raises Unreadable."""
    loader: Any = _LOADER(text)
    try:
        documents = []
        while loader.check_node():
            documents.append(_Converter(loader).node(loader.get_node(), 0))
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        reason = getattr(problem, "problem", None) or str(problem).partition("\n")[0]
        raise Unreadable(f"not YAML: {reason}", mark.line + 1 if mark else 0) from None
    finally:
        loader.dispose()
    return Seq(tuple(document for document in documents if document != Leaf(None)), 1)


class _Converter:
    """Turns the nodes of one document into ours."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader
        self._count = 0

    def node(self, node: Any, depth: int) -> Node:
        self._count += 1
        if depth > _MAX_DEPTH or self._count > _MAX_NODES:
            raise Unreadable("too deep or too large to compare", node.start_mark.line + 1)
        line = node.start_mark.line + 1
        if isinstance(node, yaml.SequenceNode):
            return Seq(tuple(self.node(item, depth + 1) for item in node.value), line)
        if isinstance(node, yaml.MappingNode):
            return Map({str(key.value): self._entry(key, value, depth) for key, value in node.value}, line)
        return Leaf(self._scalar(node), line)

    def _entry(self, key: Any, value: Any, depth: int) -> Node:
        """Return the value of a key; its line is that of the key."""
        inner = self.node(value, depth + 1)
        line = key.start_mark.line + 1
        if isinstance(inner, Leaf):
            return Leaf(inner.value, line)
        return Map(inner.entries, line) if isinstance(inner, Map) else Seq(inner.items, line)

    def _scalar(self, node: Any) -> Any:
        try:
            value = self._loader.construct_object(node)
        except (yaml.YAMLError, ValueError):
            return node.value
        return value if isinstance(value, str | int | float | bool | None) else node.value
