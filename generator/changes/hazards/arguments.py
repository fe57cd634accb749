"""Blocks of Terraform before and after a change, with their arguments as far as they are known."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from generator.changes.diff import changes
from generator.findings.record import record
from generator.languages.hcl.expressions import differ, is_known
from generator.languages.node import Block, Leaf, Map, Node, Seq
from generator.system import System
from generator.system.terraform import Key, address

Values = tuple[Node | None, Node | None]


@record
class Argument:
    """An argument that changes; its name is its path through blocks."""

    name: str
    old: Node | None
    new: Node | None

    @property
    def is_block(self) -> bool:
        """Whether a whole block is added or removed."""
        return any(isinstance(each, Block) or _holds_blocks(each) for each in (self.old, self.new))

    @property
    def is_certain(self) -> bool:
        """Whether its value certainly changes."""
        return differ(self.old, self.new)


def _holds_blocks(node: Node | None) -> bool:
    return isinstance(node, Seq) and any(isinstance(each, Block) for each in node)


def _set(node: Node | None) -> Node | None:
    """Return an argument, None where it is null: developer.hashicorp.com, Types and Values, "null"."""
    is_null = isinstance(node, Leaf) and node.value is None and not node.is_code
    return None if is_null else node


def _changed(name: str, old: Node | None, new: Node | None) -> Iterator[Argument]:
    old, new = _set(old), _set(new)
    if not (isinstance(old, Seq) and isinstance(new, Seq) and _holds_blocks(old) and _holds_blocks(new)):
        if next(changes(old, new, (name,)), None):
            yield Argument(name, old, new)
        return
    before = [each for each in old if each not in new.items]
    after = [each for each in new if each not in old.items]
    for was, now in zip_longest(before, after):
        if isinstance(was, Block) and isinstance(now, Block):
            for inner in dict.fromkeys([*was, *now]):
                yield from _changed(f"{name}.{inner}", was.get(inner), now.get(inner))
        else:
            yield Argument(name, was, now)


@record
class Pair:
    """One block before and after a change; `subject` is what findings call it."""

    key: Key
    subject: str
    was: Block
    now: Block
    old: System
    new: System

    @property
    def type(self) -> str:
        """The type of the resource."""
        return self.was.labels[0]

    def get(self, name: str) -> Values:
        """Return both values of an argument."""
        return _set(self.old.terraform.get(self.was, name)), _set(self.new.terraform.get(self.now, name))

    def is_changed(self, name: str) -> bool:
        """Return whether an argument certainly has another value."""
        return differ(*self.get(name))

    def differing(self) -> Iterator[tuple[str, Node | None, Node | None]]:
        """Yield each argument whose value changes, or may change, with the old and the new one."""
        for name in dict.fromkeys([*self.was, *self.now]):
            before, after = self.get(name)
            if next(changes(before, after, (name,)), None):
                yield name, before, after

    def arguments(self) -> Iterator[Argument]:
        """Yield each argument whose value changes, or may change, by its path through blocks."""
        for name in dict.fromkeys([*self.was, *self.now]):
            yield from _changed(name, *self.get(name))


def pairs(old: System, new: System, kind: str, *types: str) -> list[Pair]:
    """Return the blocks of a kind, and of these types, that both sides have, also under a name that `moved` gives."""
    after, names = new.terraform.by_key, _moved(new)
    return [
        Pair(key, subject(old, new, key), was, now, old, new)
        for key, was in old.terraform.by_key.items()
        if was.kind == kind and was.labels and (not types or was.labels[0] in types)
        if (now := after.get(key) or after.get(names.get(key, key))) is not None
        and now.labels[:1] == was.labels[:1]
    ]


def _moved(side: System) -> dict[Key, Key]:
    """Return what `moved` blocks rename, by the old names."""
    blocks = ((folder, each) for (folder, _), each in side.terraform.by_key.items() if each.kind == "moved")
    texts = ((folder, *(str(each.value(end)) for end in ("from", "to"))) for folder, each in blocks)
    return {(folder, before): (folder, after) for folder, before, after in texts}


def only(side: System, other: System, kind: str) -> list[tuple[Key, Block]]:
    """Return the blocks of a kind that only `side` has."""
    blocks = side.terraform.by_key.items()
    return [(key, each) for key, each in blocks if each.kind == kind and key not in other.terraform.by_key]


def subject(old: System, new: System, key: Key) -> str:
    """Return what findings call a block: its address, after its folder when there are several."""
    return label(old, new, key[0], key[1])


def label(old: System, new: System, folder: str, name: str) -> str:
    """Return a name with its folder in front when the modules of both sides are in several folders."""
    folders = old.terraform.modules.keys() | new.terraform.modules.keys()
    return f"{folder}: {name}" if folder and len(folders) > 1 else name


def keys(node: Node | None) -> list[str] | None:
    """Return the keys of the instances that `for_each` creates, or None when they are not known."""
    if not is_known(node):
        return None
    if isinstance(node, Map):
        return list(node)
    return node.texts() if isinstance(node, Seq) else None


def value(node: Node | None) -> object:
    """Return the value of a known scalar, or None."""
    return node.value if isinstance(node, Leaf) and not node.is_code else None


__all__ = ["Argument", "Pair", "Values", "address", "keys", "label", "only", "pairs", "subject", "value"]
