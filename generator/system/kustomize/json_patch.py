"""JSON patches: RFC 6902."""

from __future__ import annotations

from dataclasses import replace

from generator.languages.node import Leaf, Map, Node, Seq
from generator.system.kustomize.nodes import RefusedError, UnknownError, put, relocate

Pointer = list[str]


def apply(node: Map, operations: Seq) -> Map:
    """Return an object after the operations of a patch."""
    current: Node = node
    for operation in operations:
        if not isinstance(operation, Map):
            raise UnknownError("a JSON patch with an item that is not a map")
        try:
            current = _operate(current, operation)
        except _MissingError as problem:
            raise RefusedError(f"{problem.message} in {_what(node)}", operation.at) from problem
    if not isinstance(current, Map):
        raise UnknownError("a JSON patch that leaves no object")
    return current


def _operate(node: Node, operation: Map) -> Node:
    kind, pointer = operation.text("op"), _pointer(operation.text("path"))
    if kind in ("add", "replace", "test"):
        value = operation.get("value")
        if value is None:
            raise UnknownError(f"a JSON patch whose {kind} has no value")
        if kind != "test":
            return _set(node, pointer, value, adds=kind == "add")
        if _get(node, pointer) != value:
            message = f"the test of {operation.text('path')} in a JSON patch fails"
            raise RefusedError(message, operation.at)
        return node
    if kind == "remove":
        return _remove(node, pointer)
    if kind in ("copy", "move"):
        origin = _pointer(operation.text("from"))
        value = relocate(_get(node, origin), operation)
        return _set(node if kind == "copy" else _remove(node, origin), pointer, value, adds=True)
    raise RefusedError(f"a JSON patch has the operation {kind or 'of no name'}", operation.at)


def _what(node: Map) -> str:
    return f"{node.text('kind')} {node.text('metadata', 'name')}"


def _pointer(text: str) -> Pointer:
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


class _MissingError(UnknownError):
    """A path of a patch leads to nothing."""


def _missing(pointer: Pointer) -> _MissingError:
    return _MissingError(f"there is no {pointer[0]} for a JSON patch")


def _index(node: Seq, part: str, pointer: Pointer) -> int:
    if not part.lstrip("-").isdigit() or not -len(node) <= int(part) < len(node):
        raise _missing(pointer)
    return int(part) % len(node)


def _get(node: Node, pointer: Pointer) -> Node:
    for part in pointer:
        inner = node.entries.get(part) if isinstance(node, Map) else None
        if isinstance(node, Seq):
            inner = node.items[_index(node, part, pointer)]
        if inner is None:
            raise _missing(pointer)
        node = inner
    return node


def _set(node: Node, pointer: Pointer, value: Node, *, adds: bool) -> Node:
    if not pointer:
        return value
    part, rest = pointer[0], pointer[1:]
    if isinstance(node, Map):
        if part not in node and rest:
            raise _missing(pointer)  # to replace what is not there adds it: evanphx/json-patch, of kustomize
        return put(node, part, _set(node.entries[part], rest, value, adds=adds) if rest else value)
    if isinstance(node, Leaf):
        raise _missing(pointer)
    items = list(node.items)
    if adds and not rest:
        at = len(items) if part in ("-", str(len(items))) else _index(node, part, pointer)
        items.insert(at, value)
    else:
        index = _index(node, part, pointer)
        items[index] = _set(items[index], rest, value, adds=adds)
    return replace(node, items=tuple(items))


def _remove(node: Node, pointer: Pointer) -> Node:
    part, rest = pointer[0], pointer[1:]
    if isinstance(node, Map) and part in node:
        return put(node, part, _remove(node.entries[part], rest) if rest else None)
    if not isinstance(node, Seq):
        raise _missing(pointer)
    items = list(node.items)
    index = _index(node, part, pointer)
    if rest:
        items[index] = _remove(items[index], rest)
    else:
        del items[index]
    return replace(node, items=tuple(items))
