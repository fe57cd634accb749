"""Find the location of a JSON Schema error in the output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generator.findings import Span
from generator.system.former.nodes import List, Map


def location_of(document: Map, path: Sequence[str | int]) -> Span:
    """Return the location of the value at `path`, or of the closest value around it that has a location."""
    node: Any = document
    at = document.here()
    for part in path:
        if isinstance(node, Map) and part in node:
            at, node = node.at(str(part)), node[str(part)]
        elif isinstance(node, List) and isinstance(part, int) and part < len(node):
            at, node = node.at(part), node[part]
        else:
            break
    return at


def deepest_error(problem: Any) -> Any:
    """Return the error that is deepest in the data, if none of several alternative schemas matches."""
    while problem.context:
        problem = max(
            problem.context,
            key=lambda each: (len(each.absolute_path), each.validator not in ("type", "const", "enum")),
        )
    return problem
