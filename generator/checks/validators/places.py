"""From the path of a JSON Schema error to the place in the output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generator.findings import Span
from generator.system.former.nodes import List, Map


def place(document: Map, path: Sequence[str | int]) -> Span:
    """Return the place of what stands at `path`; of the nearest thing around it that has one."""
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


def worst(problem: Any) -> Any:
    """Return, of a failed choice between several schemas, the failure deepest in the data."""
    while problem.context:
        problem = max(
            problem.context,
            key=lambda each: (len(each.absolute_path), each.validator not in ("type", "const", "enum")),
        )
    return problem
