"""Narrowing: which optional values exist when a test is true, and which when it is false."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

from generator.render.typecheck.checker import Checker
from generator.render.typecheck.scope import NO_FACTS, Fact, Facts, Scope, access_path, is_empty_default
from generator.render.typecheck.signatures import IMPLY_EXISTS
from generator.render.typecheck.value_type import MAP


def narrow(checker: Checker, test: nodes.Node, scope: Scope) -> tuple[Facts, Facts]:
    """Return the facts when `test` is true, and the facts when it is false."""
    if isinstance(test, nodes.Not):
        if_true, if_false = narrow(checker, test.node, scope)
        return if_false, if_true
    if isinstance(test, nodes.And | nodes.Or):
        left, right = narrow(checker, test.left, scope), narrow(checker, test.right, scope)
        if isinstance(test, nodes.And):
            return left[0] | right[0], left[1] & right[1]
        return left[0] & right[0], left[1] | right[1]
    if isinstance(test, nodes.Name):
        return scope.tests.get(test.name, (NO_FACTS, NO_FACTS))
    if isinstance(test, nodes.Compare):
        return _by_comparison(checker, test, scope)
    if isinstance(test, nodes.Test):
        facts = frozenset(_facts(checker, test.node, scope))
        if test.name == "undefined":
            return NO_FACTS, facts
        return (facts if test.name in IMPLY_EXISTS else NO_FACTS), NO_FACTS
    if isinstance(test, nodes.Getattr) and test.attr in ("first", "last"):
        return NO_FACTS, _neighbour(test)
    # an empty default is false, so a true one is the value itself
    return frozenset(_facts(checker, test, scope)) if is_empty_default(test) else NO_FACTS, NO_FACTS


def _facts(checker: Checker, node: nodes.Node | None, scope: Scope) -> Iterator[Fact]:
    """Yield the facts when the value of `node` exists: also about what it requires, and about its containers."""
    while isinstance(node, nodes.Filter) and is_empty_default(node):
        node = node.node
    path = access_path(node)
    if path is None or node is None:
        return
    yield path
    if isinstance(node, nodes.Getattr | nodes.Getitem):
        container = checker.type_of(node.node, scope)
        yield from ((*path[:-1], name) for name in checker.types.implied(container, path[-1]))
        yield from _facts(checker, node.node, scope)


def _by_comparison(checker: Checker, test: nodes.Compare, scope: Scope) -> tuple[Facts, Facts]:
    (operand, *more) = test.ops
    if more:
        return NO_FACTS, NO_FACTS
    if operand.op in ("in", "notin") and isinstance(test.expr, nodes.Const):
        path, container = access_path(operand.expr), checker.type_of(operand.expr, scope)
        if path is None or not container.is_only(MAP):
            return NO_FACTS, NO_FACTS
        names = checker.types.implied(container, str(test.expr.value))
        facts = frozenset([*((*path, name) for name in names), *_facts(checker, operand.expr, scope)])
        return (facts, NO_FACTS) if operand.op == "in" else (NO_FACTS, facts)
    if operand.op in ("eq", "ne") and is_empty_default(test.expr) and isinstance(operand.expr, nodes.Const):
        facts = frozenset(_facts(checker, test.expr, scope))
        if operand.expr.value:  # (x | default('')) == 'something'
            return (facts if operand.op == "eq" else NO_FACTS), NO_FACTS
        return (NO_FACTS, facts) if operand.op == "eq" else (facts, NO_FACTS)
    return NO_FACTS, NO_FACTS


def _neighbour(test: nodes.Getattr) -> Facts:
    """Return the fact that the previous, or next, item exists when a loop is not at its first, or last, one."""
    path = access_path(test.node)
    return frozenset({(*path, "previtem" if test.attr == "first" else "nextitem")}) if path else NO_FACTS
