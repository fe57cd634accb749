"""The names that a part of a template sees, and the optional values that are known to exist there."""

from __future__ import annotations

from collections.abc import Iterable

from jinja2 import nodes

from generator.render.typecheck.value_type import Type

Fact = tuple[str, ...]
Facts = frozenset[Fact]
NO_FACTS: Facts = frozenset()


class Scope:
    """Names and facts of a block. A fact is the access path of a value that exists, for example ("service", "port").

    `tests` has the facts when a name is true and when it is false, after
    `{% set has_port = service.port is defined %}`.
    """

    def __init__(self, names: dict[str, Type], facts: Facts = NO_FACTS) -> None:
        self.names = names
        self.facts = facts
        self.tests: dict[str, tuple[Facts, Facts]] = {}

    def child(self, facts: Iterable[Fact] = ()) -> Scope:
        """Return a copy of this scope with more facts; what is set in the copy stays in it."""
        inner = Scope(dict(self.names), self.facts | frozenset(facts))
        inner.tests = dict(self.tests)
        return inner

    def set(self, name: str, value: Type) -> None:
        """Set a name, and drop the facts about its old value."""
        self.names[name] = value
        self.facts = frozenset(fact for fact in self.facts if not _is_about(fact, name))
        self.tests = {
            other: facts
            for other, facts in self.tests.items()
            if other != name and not any(_is_about(fact, name) for fact in facts[0] | facts[1])
        }

    def facts_below(self, path: Fact, name: str) -> Facts:
        """Return the facts about the value at `path`, as facts about the new name of it."""
        size = len(path)
        return frozenset((name, *fact[size:]) for fact in self.facts if fact[:size] == path)

    def shared_facts(self, other: Scope) -> Facts:
        """Return the facts that are true in `other` too: those about names with the same type in both."""
        return frozenset(fact for fact in self.facts if self.names.get(fact[0]) == other.names.get(fact[0]))


def _is_about(fact: Fact, name: str) -> bool:
    return fact[0] == name or f"[{name}]" in fact


def access_path(node: nodes.Node | None) -> Fact | None:
    """Return the access path of the value that an expression names, or None when it computes something."""
    if isinstance(node, nodes.Name):
        return (node.name,)
    if isinstance(node, nodes.Filter) and is_empty_default(node):
        return access_path(node.node)
    if isinstance(node, nodes.Getattr):
        part = node.attr
    elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        part = str(node.arg.value)
    elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Name):
        part = f"[{node.arg.name}]"
    else:
        return None
    base = access_path(node.node)
    return (*base, part) if base else None


def is_empty_default(node: nodes.Node | None) -> bool:
    """Return whether an expression replaces a missing value by an empty one, as `x | default({})` does."""
    if not isinstance(node, nodes.Filter) or node.name not in ("default", "d") or node.kwargs:
        return False
    (argument, *_) = node.args or [nodes.Const("")]
    if isinstance(argument, nodes.Dict | nodes.List | nodes.Tuple):
        return not argument.items
    return isinstance(argument, nodes.Const) and not argument.value
