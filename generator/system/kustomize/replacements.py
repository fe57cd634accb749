"""`replacements`: a field of one object, written into fields of others."""

from __future__ import annotations

import re
from dataclasses import replace

from generator.languages.node import Leaf, Map, Node, Seq
from generator.system.kustomize.nodes import RefusedError, Type, UnknownError, leaf, put
from generator.system.kustomize.objects import Resource, select

_PART = re.compile(r"\[[^\]]*\]|(?:\\.|[^.\[\]])+")


class _MissingError(UnknownError):
    """A part of a path leads to nothing."""


def run(resources: list[Resource], entry: Map) -> None:
    """Carry out one replacement."""
    value = _value(resources, entry)
    for target in entry.maps("targets"):
        options = target.map("options")
        if "encoding" in options:
            raise UnknownError("a replacement with an encoding")
        if not target.map("select"):
            raise UnknownError("a replacement whose target selects nothing")
        rejected = [one for each in target.maps("reject") for one in select(resources, each)]
        for each in select(resources, target.map("select")):
            if not any(each is other for other in rejected):
                for path in target.seq("fieldPaths").texts() or ["metadata.name"]:
                    try:
                        changed = _write(each.node, _parts(path), value, options)
                    except _MissingError as problem:
                        message = f"{each.object.identity} has no {path} for a replacement"
                        raise RefusedError(message, target.at) from problem
                    each.node = changed if isinstance(changed, Map) else each.node


def _value(resources: list[Resource], entry: Map) -> Node:
    if "sourceValue" in entry:
        return leaf(entry.text("sourceValue"), entry)
    source = entry.map("source")
    wanted = Type(source.text("group"), source.text("version"), source.text("kind"))
    found = [
        each
        for each in resources
        if any(
            wanted.selects(one.type)
            and source.text("name") in ("", one.name)
            and source.text("namespace") in ("", one.namespace or "default", one.namespace)
            for one in each.ids
        )
    ]
    if len(found) != 1:
        message = f"the source of a replacement is {len(found)} objects, expected one"
        raise RefusedError(message, source.at)
    node: Node | None = found[0].node
    for part in _parts(source.text("fieldPath") or "metadata.name"):
        node = next(iter(_items(node, part)), None)
    options = source.map("options")
    if node is None:
        message = f"the source of a replacement has no {source.text('fieldPath')}"
        raise RefusedError(message, source.at_key("fieldPath"))
    if options.text("delimiter"):
        parts = node.text.split(options.text("delimiter")) if isinstance(node, Leaf) else []
        index = _index(options)
        if not 0 <= index < len(parts):
            raise UnknownError("a replacement whose index is out of range")
        return leaf(parts[index], node)
    return node


def _index(options: Map) -> int:
    index = options.value("index")
    return index if isinstance(index, int) else 0


def _parts(path: str) -> list[str]:
    return [part.replace("\\", "") for part in _PART.findall(path)]


def _items(node: Node | None, part: str) -> list[Node]:
    """Return the nodes that a part of a path leads to."""
    if isinstance(node, Map):
        key = part.strip("[]")
        return [node.entries[key]] if key in node else []
    return [item for n, item in enumerate(node) if _chosen(item, n, part)] if isinstance(node, Seq) else []


def _chosen(item: Node, number: int, part: str) -> bool:
    if part in ("*", str(number)):
        return True
    key, equals, text = part.strip("[]").partition("=")
    if not equals:
        return False
    return item.text(key) == text if isinstance(item, Map) else isinstance(item, Leaf) and item.text == text


def _write(node: Node | None, parts: list[str], value: Node, options: Map) -> Node:
    if not parts:
        return _written(node, value, options)
    part, rest = parts[0], parts[1:]
    if isinstance(node, Seq):
        chosen = [_chosen(item, number, part) for number, item in enumerate(node)]
        if not any(chosen):
            raise _MissingError(part)
        items = zip(node.items, chosen, strict=True)
        return replace(
            node, items=tuple(_write(item, rest, value, options) if yes else item for item, yes in items)
        )
    creates = options.value("create") is True
    if node is None and creates and not part.startswith("["):
        node = Map(source=value.source, start=value.start, end=value.end, key=value.key)
    key = part.strip("[]")
    if not isinstance(node, Map) or (key not in node and not creates):
        raise _MissingError(part)
    return put(node, key, _write(node.entries.get(key), rest, value, options))


def _written(old: Node | None, value: Node, options: Map) -> Node:
    delimiter = options.text("delimiter")
    if not isinstance(value, Leaf) or (old is not None and not isinstance(old, Leaf)):
        if delimiter:
            raise UnknownError("a replacement with a delimiter in what is not text")
        return value
    text = value.text
    if delimiter:
        parts, index = (old.text if isinstance(old, Leaf) else "").split(delimiter), _index(options)
        if index < 0:
            parts.insert(0, text)
        elif index >= len(parts):
            parts.append(text)
        else:
            parts[index] = text
        text = delimiter.join(parts)
    if isinstance(old, Leaf) and isinstance(old.value, str):
        return leaf(text, value)
    return leaf(text, value) if delimiter else value
