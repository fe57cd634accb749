"""New nodes that keep the place of what caused them, and the fields that kustomize changes by their paths."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache, lru_cache
from importlib.resources import files
from operator import is_
from typing import TypedDict

from generator.findings import OetgenError, Span
from generator.findings.record import record
from generator.languages.node import Leaf, Map, Node, Scalar, Seq, moved

Change = Callable[[Node | None], Node]


class UnknownError(OetgenError):
    """What a kustomization builds cannot be known; the message is the reason."""


class BrokenError(UnknownError):
    """Kustomize refuses to build it; the message is the reason."""


class RefusedError(BrokenError):
    """kustomize refuses it, whatever files and options it is given; `at` is what it refuses."""

    def __init__(self, message: str, at: Span | None = None) -> None:
        super().__init__(message)
        self.at = at


@record
class Type:
    """Group, version and kind of objects; an empty part stands for any."""

    group: str = ""
    version: str = ""
    kind: str = ""

    def selects(self, other: Type) -> bool:
        return (
            (not self.kind or self.kind == other.kind)
            and (not self.group or self.group == other.group)
            and (not self.version or self.version == other.version)
        )


@record
class Field:
    """A field of the objects of a type; `create` makes it where it is absent."""

    type: Type
    path: tuple[str, ...]
    create: bool = False


class _Entry(TypedDict, total=False):
    kind: str
    group: str
    version: str
    path: str
    create: bool


class _Reference(TypedDict, total=False):
    kind: str
    group: str
    version: str
    fields: list[_Entry]


@cache
def fields(name: str) -> tuple[Field, ...]:
    """Return the fields that kustomize changes for one of its keys."""
    entries: list[_Entry] = json.loads(_data())[name]
    return tuple(_field(each) for each in entries)


@lru_cache(maxsize=512)
def fields_of(kind: Type, name: str) -> tuple[Field, ...]:
    """Return those of them that the objects of a type have."""
    return tuple(each for each in fields(name) if each.type.selects(kind))


@lru_cache(maxsize=512)
def references_of(kind: Type) -> tuple[tuple[Type, Field], ...]:
    """Return the fields of a type that hold the names of other objects, each with the type that it refers to."""
    return tuple((target, field) for target, field in _references() if field.type.selects(kind))


@cache
def _references() -> tuple[tuple[Type, Field], ...]:
    entries: list[_Reference] = json.loads(_data())["references"]
    return tuple(
        (Type(each.get("group", ""), each.get("version", ""), each.get("kind", "")), _field(field))
        for each in entries
        for field in each["fields"]
    )


@cache
def _data() -> str:
    return files(__package__).joinpath("fields.json").read_text(encoding="utf-8")


def _field(entry: _Entry) -> Field:
    kind = Type(entry.get("group", ""), entry.get("version", ""), entry.get("kind", ""))
    return Field(kind, field_path(entry["path"]), entry.get("create", False))


def field_path(text: str) -> tuple[str, ...]:
    """Split the path of a field at its slashes; a backslash keeps one."""
    return tuple(part.replace("\\/", "/") for part in re.split(r"(?<!\\)/", text))


def leaf(value: Scalar, at: Node) -> Leaf:
    """Return a leaf that stands at the place of another node."""
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value)
    return Leaf(value, text=text, source=at.source, start=at.start, end=at.end, key=at.key)


def mapping(entries: Iterable[tuple[str, Node]], at: Node) -> Map:
    """Return a map that stands at the place of another node."""
    return Map(dict(entries), source=at.source, start=at.start, end=at.end, key=at.key)


def put(node: Map, key: str, value: Node | None) -> Map:
    """Return a map with another value for a key, or without the key for None."""
    if node.entries.get(key) is value:
        return node
    entries = {name: inner for name, inner in node.entries.items() if value is not None or name != key}
    if value is not None:
        entries[key] = value
    return replace(node, entries=entries)


def relocate(node: Node, at: Node) -> Node:
    """Return a node all of whose parts stand at the place of another."""
    if isinstance(node, Map):
        node = replace(node, entries={key: relocate(value, at) for key, value in node.entries.items()})
    elif isinstance(node, Seq):
        node = replace(node, items=tuple(relocate(item, at) for item in node.items))
    return moved(node, at)


def is_null(node: Node | None) -> bool:
    return node is None or (isinstance(node, Leaf) and node.value is None)


def change(node: Node, path: tuple[str, ...], to: Change, at: Node | None = None) -> Node:
    """Change the fields at a path, in every item of the lists on it; `at` makes the maps that are absent."""
    if isinstance(node, Seq):
        items = tuple([change(item, path, to, at) for item in node.items])
        return node if all(map(is_, items, node.items)) else replace(node, items=items)
    if not path:
        return to(node)
    if not isinstance(node, Map):
        return node
    key = path[0].removesuffix("[]")
    inner: Node | None = node.entries.get(key)
    if is_null(inner):
        if at is None or path[0] != key:
            return node
        inner = mapping((), at)
        value = to(None) if len(path) == 1 else change(inner, path[1:], to, at)
        return put(node, key, value)
    if len(path) == 1:
        return put(node, key, to(inner))
    return put(node, key, change(inner, path[1:], to, at)) if inner is not None else node


def strings(node: Map) -> Iterator[tuple[str, Leaf]]:
    """Yield the entries of a map of labels or annotations."""
    for key, value in node.entries.items():
        if not isinstance(value, Leaf):
            raise UnknownError(f"{key} has no text as its value")
        text = value.value if isinstance(value.value, str) else value.text
        yield key, replace(value, value=text, text=text)
