"""Values of Terraform's arguments, as far as they can be known without running it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.changes.diff import changes
from generator.changes.hazards.system import Block, System
from generator.languages.node import Leaf, Map, Node, Seq, leaves, moved

_SUM = re.compile(r"[0-9 +*()-]+")
_COMPARED = re.compile(r"""(?:'([^']*)'|"([^"]*)") ?(==|!=) ?(?:'([^']*)'|"([^"]*)")""")
_TEXT = re.compile(r'"([^"]*)"')
_ADDRESS = re.compile(r"(?<![\w.])((?:module\.)?[a-z]\w*\.[A-Za-z_][\w-]*)\.(\w+)")


def argument(block: Block | None, side: System, *path: str) -> Node | None:
    """Return an argument with variables and locals replaced by their values, computed where that is simple."""
    node = side.resolved(block.body.get(*path)) if block else None
    return computed(node)


def computed(node: Node | None) -> Node | None:
    """Return `node`, or its value when it is a sum or compares two texts."""
    if not isinstance(node, Leaf) or not node.is_code:
        return node
    text = str(node.value)
    compared = _COMPARED.fullmatch(text)
    if compared:
        left, right = compared[1] or compared[2] or "", compared[4] or compared[5] or ""
        is_true = (left == right) is (compared[3] == "==")
        return moved(Leaf(is_true, text=str(is_true).lower()), node)
    if _SUM.fullmatch(text) and "**" not in text:
        total = _sum(text)
        return moved(Leaf(total, text=str(total)), node)
    return node


def _sum(text: str) -> int:
    """Add up `1 + 2 - 1`; products and brackets are rare, and stay unknown as 0 terms would be wrong."""
    if set(text) & set("*()"):
        raise ValueError(text)
    return sum(int(term.replace(" ", "")) for term in re.findall(r"[+-]? *\d+", text))


def differing(
    was: Block, now: Block, old: System, new: System
) -> Iterator[tuple[str, Node | None, Node | None]]:
    """Yield each argument whose value changes, with the old and the new one."""
    for name in dict.fromkeys([*was.body.entries, *now.body.entries]):
        before, after = old.resolved(was.body.get(name)), new.resolved(now.body.get(name))
        if list(changes(before, after, (name,))):
            yield name, before, after


def keys(node: Node | None) -> list[str] | None:
    """Return the keys of the instances that `for_each` creates, or None when they are not known."""
    if isinstance(node, Map):
        return list(node.entries)
    if isinstance(node, Seq):
        return [leaf.text for leaf in leaves(node)]
    text = str(node.value) if isinstance(node, Leaf) else ""
    if re.fullmatch(r"toset\(\[[^\]$]*\]\)", text):
        return _TEXT.findall(text)
    return None


def references(node: Node | None) -> set[tuple[str, str]]:
    """Return the address and the attribute of everything that expressions below `node` refer to."""
    return {
        (found[1], found[2])
        for leaf in leaves(node)
        if leaf.is_code
        for found in _ADDRESS.finditer(str(leaf.value))
    }
