"""As much of HCL's arithmetic as generated files use: sums of numbers, and whether two texts are alike."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.changes.diff import Leaf, Map, Node, Seq, changes
from generator.changes.diff.node import leaves
from generator.changes.hazards.system import Block, System

_SUM = re.compile(r"[0-9 +*()-]+")
_COMPARED = re.compile(r"""(?:'([^']*)'|"([^"]*)") ?(==|!=) ?(?:'([^']*)'|"([^"]*)")""")
_TEXT = re.compile(r'"([^"]*)"')
_ADDRESS = re.compile(r"(?<![\w.])((?:module\.)?[a-z]\w*\.[A-Za-z_][\w-]*)\.(\w+)")


def argument(block: Block | None, side: System, *path: str) -> Node | None:
    """Return an argument with the values of variables and locals in it, computed where that is simple."""
    node = side.resolved(block.body.get(*path)) if block else None
    return computed(node)


def computed(node: Node | None) -> Node | None:
    """Return `node`, or what it comes to when it is a sum, or compares two texts."""
    if not isinstance(node, Leaf) or not node.is_code:
        return node
    text = str(node.value)
    compared = _COMPARED.fullmatch(text)
    if compared:
        left, right = compared[1] or compared[2] or "", compared[4] or compared[5] or ""
        return Leaf((left == right) is (compared[3] == "=="), node.line)
    if _SUM.fullmatch(text) and "**" not in text:
        return Leaf(_sum(text), node.line)
    return node


def _sum(text: str) -> int:
    """Add up `1 + 2 - 1`; products and brackets are rare, and stay unknown as 0 terms would be wrong."""
    if set(text) & set("*()"):
        raise ValueError(text)
    return sum(int(term.replace(" ", "")) for term in re.findall(r"[+-]? *\d+", text))


def differing(
    was: Block, now: Block, old: System, new: System
) -> Iterator[tuple[str, Node | None, Node | None]]:
    """Yield each argument that comes to something else, with both values."""
    for name in dict.fromkeys([*was.body.entries, *now.body.entries]):
        before, after = old.resolved(was.body.get(name)), new.resolved(now.body.get(name))
        if list(changes(before, after, (name,))):
            yield name, before, after


def keys(node: Node | None) -> list[str] | None:
    """Return the keys that `for_each` makes instances of, or None when they are not written out."""
    if isinstance(node, Map):
        return list(node.entries)
    if isinstance(node, Seq):
        return [str(leaf.value) for leaf in leaves(node)]
    text = str(node.value) if isinstance(node, Leaf) else ""
    if re.fullmatch(r"toset\(\[[^\]$]*\]\)", text):
        return _TEXT.findall(text)
    return None


def references(node: Node | None) -> set[tuple[str, str]]:
    """Return the address and the attribute of each thing that expressions below `node` refer to."""
    return {
        (found[1], found[2])
        for leaf in leaves(node)
        if leaf.is_code
        for found in _ADDRESS.finditer(str(leaf.value))
    }
