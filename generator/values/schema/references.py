"""The references of a schema and their targets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from generator.values.source import KeyPath


def pointer(data: Any, target: str) -> tuple[KeyPath, Any]:
    """Return the path and the schema that a `$ref` names (RFC 6901). Raises LookupError when there is none."""
    if not re.match("#(/|$)", target):
        raise LookupError(target)
    path: KeyPath = ()
    for part in target.split("/")[1:]:
        key: Any = part.replace("~1", "/").replace("~0", "~")
        key = int(key) if isinstance(data, list) and key.isdecimal() else key
        if not isinstance(data, dict | list) or (isinstance(data, list) and not isinstance(key, int)):
            raise LookupError(target)
        data, path = data[key], (*path, key)
    if not isinstance(data, dict | bool):
        raise LookupError(target)
    return path, data


def references(node: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """Yield place and target of every reference in a schema."""
    if isinstance(node, dict):
        target = node.get("$ref", node.get("$dynamicRef"))
        if isinstance(target, str):
            yield (*path, "$ref"), target
        for key, value in node.items():
            if key not in ("enum", "const", "examples", "default"):
                yield from references(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from references(value, (*path, index))
