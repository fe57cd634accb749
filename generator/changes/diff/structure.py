"""Two syntax trees to what differs between them: maps by key, lists by what identifies their items."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Hashable, Iterator, Sequence

from generator.findings.record import record
from generator.languages.node import Block, Leaf, Map, Node, Seq, summary, walk

Path = tuple[str, ...]
Same = Callable[[Path, Leaf, Leaf], bool]

# What identifies an item of a list: the first of these keys that it has.
_IDENTITIES = (
    "id", "name", "label", "sid", "key", "description", "containerPort", "port", "mountPath", "host", "path",
    "topologyKey", "uses", "service_account", "type", "cidr", "ip",
)  # fmt: skip
_SHORT = 8  # a list of at most so many scalars is one value


@record
class Change:
    """One difference: the node at `path` was `old` and is `new`; None stands for no node."""

    path: Path
    old: Node | None
    new: Node | None

    @property
    def line(self) -> int:
        """The line of the new node, or of the old one when it was removed."""
        node = self.old if self.new is None else self.new
        return node.line if node is not None else 0


def changes(
    old: Node | None, new: Node | None, path: Path = (), same: Same | None = None
) -> Iterator[Change]:
    """Yield what differs. `same` decides whether two leaves that are written differently mean the same."""
    if isinstance(old, Block) and isinstance(new, Block) and old.labels != new.labels:
        yield Change(path, old, new)
    elif isinstance(old, Map) and isinstance(new, Map):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from changes(old.entries.get(key), new.entries.get(key), (*path, key), same)
    elif isinstance(old, Seq) and isinstance(new, Seq):
        yield from _lists(old, new, path, same)
    elif isinstance(old, Leaf) and isinstance(new, Leaf):
        if _meaning(old) != _meaning(new) and not (same and same(path, old, new)):
            yield Change(path, old, new)
    elif old is not new:
        yield Change(path, old, new)


def path_text(path: Path) -> str:
    """Return a path as text: `spec.containers[web].image`."""
    return "".join(part if part.startswith("[") else f".{part}" for part in path).removeprefix(".")


def deepest(root: Node, path: Path) -> Node:
    """Return the node at `path`, or the deepest one on the way to it."""
    node = root
    for part in path:
        inner: Node | None = None
        if isinstance(node, Map):
            inner = node.entries.get(part)
        elif isinstance(node, Seq):
            inner = next((item for item in node if f"[{identity(item)}]" == part), None)
        if inner is None:
            break
        node = inner
    return node


def counterpart(old: Node | None, new: Node, node: Node) -> Node | None:
    """Return the node of `old` at the place that `node` has in `new`, or None where `old` has none."""
    if old is None or new is node:
        return old
    if isinstance(old, Map) and isinstance(new, Map):
        pairs = [(old.entries.get(key), each) for key, each in new.entries.items()]
    elif isinstance(old, Seq) and isinstance(new, Seq):
        before, after = _by_identity(old.items), _by_identity(new.items)
        if before is None or after is None:
            pairs = [
                (old.items[number] if number < len(old) else None, each) for number, each in enumerate(new)
            ]
        else:
            pairs = [(before.get(name), each) for name, each in after.items()]
    else:
        return None
    return next(
        (counterpart(was, now, node) for was, now in pairs if any(each is node for each in walk(now))), None
    )


def identity(item: Node) -> str:
    """Return what identifies an item among the others of its list; "" when nothing does."""
    if isinstance(item, Leaf):
        return item.name or summary(item)
    if isinstance(item, Block) and item.labels:
        return ".".join(item.labels)
    if isinstance(item, Map):
        if "kind" in item and item.get("metadata", "name"):
            return f"{item.text('kind')} {item.text('metadata', 'name')}"
        for key in _IDENTITIES:
            leaf = item.leaf(key)
            if leaf and leaf.value is not None:
                text = str(leaf.value) if leaf.is_code else leaf.text
                return text.partition("@")[0] if key == "uses" else text
    return ""


def _meaning(node: Node) -> Hashable:
    """Return a key that is equal for nodes of one meaning: true is not 1, and the order of keys does not count."""
    if isinstance(node, Map):
        labels = node.labels if isinstance(node, Block) else ()
        return labels, frozenset((key, _meaning(value)) for key, value in node.entries.items())
    if isinstance(node, Seq):
        return tuple(_meaning(item) for item in node)
    return isinstance(node.value, bool), node.value, node.is_code


def _lists(old: Seq, new: Seq, path: Path, same: Same | None) -> Iterator[Change]:
    before, after = _by_identity(old.items), _by_identity(new.items)
    leaves = (*old.leaves(), *new.leaves())
    if len(leaves) == len(old) + len(new) and not any(leaf.name for leaf in leaves) and _is_short(old, new):
        if _meaning(old) != _meaning(new):
            yield Change(path, old, new)
    elif before is None or after is None:
        yield from _by_place(old, new, path, same)
    else:
        for name in [*before, *(name for name in after if name not in before)]:
            yield from changes(before.get(name), after.get(name), (*path, f"[{name}]"), same)
        if [name for name in before if name in after] != [name for name in after if name in before]:
            yield Change((*path, "[order]"), _order(before, old), _order(after, new))


def _is_short(old: Seq, new: Seq) -> bool:
    return max(len(old), len(new)) <= _SHORT


def _order(names: dict[str, Node], items: Seq) -> Leaf:
    text = ", ".join(names)
    return Leaf(text, text=text, source=items.source, start=items.start, end=items.end, key=items.key)


def _by_identity(items: Sequence[Node]) -> dict[str, Node] | None:
    """Return the items by what identifies them, or None when one has nothing, or the same as another."""
    named = {identity(item): item for item in items}
    return named if len(named) == len(items) and "" not in named else None


def _by_place(old: Seq, new: Seq, path: Path, same: Same | None) -> Iterator[Change]:
    """Compare lists whose items nothing identifies: equal items are matched, the others paired in order."""
    matcher = difflib.SequenceMatcher(
        None, [_meaning(item) for item in old], [_meaning(item) for item in new], autojunk=False
    )
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        for offset in range(max(end - start, new_end - new_start)):
            was = old.items[start + offset] if start + offset < end else None
            item = new.items[new_start + offset] if new_start + offset < new_end else None
            index = new_start + offset if item is not None else start + offset
            yield from changes(was, item, (*path, f"[{index}]"), same)
