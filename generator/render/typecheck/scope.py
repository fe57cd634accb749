"""The names that a piece of template sees, and which optional values are known to be there at that point."""

from __future__ import annotations

from collections.abc import Iterable

from jinja2 import nodes

from generator.render.typecheck.kinds import Known

Fact = tuple[str, ...]
Facts = frozenset[Fact]
NO_FACTS: Facts = frozenset()


class Scope:
    """Names and facts of a block. A fact is the way to a value that is there, such as ("service", "port").

    `tests` has what is known to be there when a name holds, and when it does not, after
    `{% set has_port = service.port is defined %}`.
    """

    def __init__(self, names: dict[str, Known], facts: Facts = NO_FACTS) -> None:
        self.names = names
        self.facts = facts
        self.tests: dict[str, tuple[Facts, Facts]] = {}

    def child(self, facts: Iterable[Fact] = ()) -> Scope:
        """Return a scope that begins with all of this one; what is set in it stays in it."""
        inner = Scope(dict(self.names), self.facts | frozenset(facts))
        inner.tests = dict(self.tests)
        return inner

    def set(self, name: str, value: Known) -> None:
        """Set a name; what was known of the old one is forgotten."""
        self.names[name] = value
        self.facts = frozenset(fact for fact in self.facts if not _is_about(fact, name))
        self.tests = {
            other: facts
            for other, facts in self.tests.items()
            if other != name and not any(_is_about(fact, name) for fact in facts[0] | facts[1])
        }

    def facts_below(self, way: Fact, name: str) -> Facts:
        """Return the facts about the value at `way`, as facts about a new name for it."""
        size = len(way)
        return frozenset((name, *fact[size:]) for fact in self.facts if fact[:size] == way)

    def shared_facts(self, other: Scope) -> Facts:
        """Return the facts of this scope that hold in `other` too: those about names that are the same in both."""
        return frozenset(fact for fact in self.facts if self.names.get(fact[0]) == other.names.get(fact[0]))


def _is_about(fact: Fact, name: str) -> bool:
    return fact[0] == name or f"[{name}]" in fact


def way_to(node: nodes.Node | None) -> Fact | None:
    """Return the way to the value that an expression names, or None when it computes something."""
    if isinstance(node, nodes.Name):
        return (node.name,)
    if isinstance(node, nodes.Filter) and is_empty_default(node):
        return way_to(node.node)
    if isinstance(node, nodes.Getattr):
        base, part = way_to(node.node), node.attr
    elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        base, part = way_to(node.node), str(node.arg.value)
    elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Name):
        base, part = way_to(node.node), f"[{node.arg.name}]"
    else:
        return None
    return (*base, part) if base else None


def is_empty_default(node: nodes.Node | None) -> bool:
    """Say whether an expression gives something empty in place of a missing value, as `x | default({})` does."""
    if not isinstance(node, nodes.Filter) or node.name not in ("default", "d") or node.kwargs:
        return False
    (argument, *_) = node.args or [nodes.Const("")]
    if isinstance(argument, nodes.Dict | nodes.List | nodes.Tuple):
        return not argument.items
    return isinstance(argument, nodes.Const) and not argument.value
