"""The names that a piece of template sees, and which optional values are known to be there at that point."""

from __future__ import annotations

from collections.abc import Iterable

from jinja2 import nodes

from generator.typecheck.kinds import Known

Fact = tuple[str, ...]


class Scope:
    """Names and facts of a block. A fact is the way to a value, such as ("service", "port")."""

    def __init__(self, names: dict[str, Known], facts: frozenset[Fact] = frozenset()) -> None:
        self.names = names
        self.facts = facts

    def child(self, facts: Iterable[Fact] = ()) -> Scope:
        """Return a scope that begins with all of this one; what is set in it stays in it."""
        return Scope(dict(self.names), self.facts | frozenset(facts))

    def set(self, name: str, value: Known) -> None:
        """Set a name; what was known of the old one is forgotten."""
        self.names[name] = value
        self.facts = frozenset(fact for fact in self.facts if fact[0] != name and f"[{name}]" not in fact)

    def facts_below(self, way: Fact, name: str) -> frozenset[Fact]:
        """Return the facts about the value at `way`, as facts about a new name for it."""
        size = len(way)
        return frozenset((name, *fact[size:]) for fact in self.facts if fact[:size] == way)


def way_to(node: nodes.Node) -> Fact | None:
    """Return the way to the value that an expression names, or None when it computes something."""
    if isinstance(node, nodes.Name):
        return (node.name,)
    if isinstance(node, nodes.Getattr):
        base, part = way_to(node.node), node.attr
    elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        base, part = way_to(node.node), str(node.arg.value)
    elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Name):
        base, part = way_to(node.node), f"[{node.arg.name}]"
    else:
        return None
    return (*base, part) if base else None
