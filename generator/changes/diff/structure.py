"""Two nodes to what differs between them: maps by key, lists by what their items are known by."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from generator.changes.diff.node import Leaf, Map, Node, Seq, text_of

Path = tuple[str, ...]
Same = Callable[[Path, Leaf, Leaf], bool]

# What an item of a list is known by: the first of these that it has.
_NAMES = (
    "id", "name", "label", "sid", "key", "description", "containerPort", "port", "mountPath", "host", "path",
    "topologyKey", "uses", "service_account", "type", "cidr", "ip",
)  # fmt: skip
_SHORT = 8  # a list of scalars that is no longer is shown as a whole


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs: it was `old` (None: was not there) and is `new` (None: is not there any more)."""

    path: Path
    old: Node | None
    new: Node | None

    @property
    def line(self) -> int:
        """The line of the new file, or of the old one when it is not there any more."""
        node = self.new or self.old
        return node.line if node else 0


def changes(
    old: Node | None, new: Node | None, path: Path = (), same: Same | None = None
) -> Iterator[Change]:
    """Yield what differs. `same` may say that two leaves mean the same though they are written differently."""
    if isinstance(old, Map) and isinstance(new, Map):
        for key in [*old.entries, *(key for key in new.entries if key not in old.entries)]:
            yield from changes(old.entries.get(key), new.entries.get(key), (*path, key), same)
    elif isinstance(old, Seq) and isinstance(new, Seq):
        yield from _lists(old, new, path, same)
    elif isinstance(old, Leaf) and isinstance(new, Leaf):
        if not _equal(old, new) and not (same and same(path, old, new)):
            yield Change(path, old, new)
    elif old != new:
        yield Change(path, old, new)


def path_text(path: Path) -> str:
    """Write a path as people do: `spec.containers[web].image`."""
    return "".join(part if part.startswith("[") else f".{part}" for part in path).removeprefix(".")


def deepest(root: Node, path: Path) -> Node:
    """Return what is at `path`, or the nearest thing around it that is there."""
    node = root
    for part in path:
        found: Node | None = None
        if isinstance(node, Map):
            found = node.entries.get(part)
        elif isinstance(node, Seq):
            found = next((item for item in node.items if f"[{known_by(item)}]" == part), None)
        if found is None:
            break
        node = found
    return node


def known_by(item: Node) -> str:
    """Return what an item of a list is known by, or nothing."""
    if isinstance(item, Leaf):
        return item.name or text_of(item)
    if isinstance(item, Map):
        if "kind" in item.entries and item.get("metadata", "name"):
            return f"{item.text('kind')} {item.text('metadata', 'name')}"
        for name in _NAMES:
            value = item.get(name)
            if isinstance(value, Leaf) and value.value is not None:
                return str(value.value).partition("@")[0] if name == "uses" else str(value.value)
    return ""


def _equal(old: Leaf, new: Leaf) -> bool:
    """Compare two leaves; true is not 1."""
    if isinstance(old.value, bool) is not isinstance(new.value, bool):
        return False
    return old.value == new.value and old.is_code is new.is_code


def _lists(old: Seq, new: Seq, path: Path, same: Same | None) -> Iterator[Change]:
    before, after = _names(old.items), _names(new.items)
    if before is None or after is None:
        yield from _by_place(old, new, path, same)
        return
    leaves = all(isinstance(item, Leaf) and not item.name for item in (*old.items, *new.items))
    if leaves and max(len(before), len(after)) <= _SHORT:
        if list(before) != list(after):
            yield Change(path, old, new)
        return
    for name in [*before, *(name for name in after if name not in before)]:
        yield from changes(before.get(name), after.get(name), (*path, f"[{name}]"), same)
    if [name for name in before if name in after] != [name for name in after if name in before]:
        yield Change((*path, "[order]"), _order(before, old), _order(after, new))


def _order(names: dict[str, Node], items: Seq) -> Leaf:
    return Leaf(", ".join(names), items.line)


def _names(items: Sequence[Node]) -> dict[str, Node] | None:
    """Return the items by what they are known by, or None when two are alike or one has nothing."""
    named = {known_by(item): item for item in items}
    return named if len(named) == len(items) and "" not in named else None


def _by_place(old: Seq, new: Seq, path: Path, same: Same | None) -> Iterator[Change]:
    """Compare lists whose items have no names: what is alike stays, and the rest is paired in order."""
    before, after = (
        [text_of(item, 10_000) for item in old.items],
        [text_of(item, 10_000) for item in new.items],
    )
    if (
        all(isinstance(item, Leaf) for item in (*old.items, *new.items))
        and max(len(before), len(after)) <= _SHORT
    ):
        if before != after:
            yield Change(path, old, new)
        return
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        pairs = max(end - start, new_end - new_start)
        for offset in range(pairs):
            was = old.items[start + offset] if start + offset < end else None
            item = new.items[new_start + offset] if new_start + offset < new_end else None
            index = new_start + offset if item is not None else start + offset
            yield from changes(was, item, (*path, f"[{index}]"), same)
