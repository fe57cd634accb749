"""Find the location of a JSON Schema error in the output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generator.findings import Span
from generator.languages.node import Map, Node, Seq


def location_of(document: Map, path: Sequence[str | int]) -> Span:
    """Return the location of the value at `path`, or of the closest value around it that has a location."""
    node: Node = document
    for part in path:
        if isinstance(node, Map) and part in node.entries:
            node = node.entries[str(part)]
        elif isinstance(node, Seq) and isinstance(part, int) and part < len(node):
            node = node.items[part]
        else:
            break
    return node.at


def deepest_error(problem: Any) -> Any:
    """Return the error that is deepest in the data, if none of several alternative schemas matches."""
    while problem.context:
        problem = max(
            problem.context,
            key=lambda each: (len(each.absolute_path), each.validator not in ("type", "const", "enum")),
        )
    return problem
