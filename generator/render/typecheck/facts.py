"""Which optional values are there when a test holds, and which when it does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jinja2 import nodes

from generator.render.typecheck.kinds import MAP
from generator.render.typecheck.scope import NO_FACTS, Fact, Facts, Scope, is_empty_default, way_to
from generator.render.typecheck.signatures import IMPLY_THERE

if TYPE_CHECKING:
    from generator.render.typecheck.expressions import Expressions


def facts(check: Expressions, test: nodes.Node, scope: Scope) -> tuple[Facts, Facts]:
    """Return what is known to be there when `test` holds, and when it does not."""
    if isinstance(test, nodes.Not):
        holds, fails = facts(check, test.node, scope)
        return fails, holds
    if isinstance(test, nodes.And | nodes.Or):
        left, right = facts(check, test.left, scope), facts(check, test.right, scope)
        if isinstance(test, nodes.And):
            return left[0] | right[0], left[1] & right[1]
        return left[0] & right[0], left[1] | right[1]
    if isinstance(test, nodes.Test):
        there = frozenset(_there(check, test.node, scope))
        if test.name == "undefined":
            return NO_FACTS, there
        return (there, NO_FACTS) if test.name in IMPLY_THERE else (NO_FACTS, NO_FACTS)
    if isinstance(test, nodes.Name) and test.name in scope.tests:
        return scope.tests[test.name]
    if isinstance(test, nodes.Compare):
        return _of_compare(check, test, scope)
    if isinstance(test, nodes.Getattr) and test.attr in ("first", "last"):
        return NO_FACTS, _neighbour(test)
    if is_empty_default(test):  # what holds is not what stands for a missing value
        return frozenset(_there(check, test, scope)), NO_FACTS
    return NO_FACTS, NO_FACTS


def _there(check: Expressions, node: nodes.Node | None, scope: Scope) -> Iterator[Fact]:
    """Yield the facts that hold when the value at `node` is there: also what it needs, and what it is in."""
    while isinstance(node, nodes.Filter) and is_empty_default(node):
        node = node.node
    way = way_to(node)
    if way is None or node is None:
        return
    yield way
    if isinstance(node, nodes.Getattr | nodes.Getitem):
        container = check.give(node.node, scope)
        yield from ((*way[:-1], name) for name in check.rules.implied(container, way[-1]))
        yield from _there(check, node.node, scope)


def _of_compare(check: Expressions, test: nodes.Compare, scope: Scope) -> tuple[Facts, Facts]:
    (operand, *more) = test.ops
    if more:
        return NO_FACTS, NO_FACTS
    if operand.op in ("in", "notin") and isinstance(test.expr, nodes.Const):
        way, container = way_to(operand.expr), check.give(operand.expr, scope)
        if way is None or not container.is_only(MAP):
            return NO_FACTS, NO_FACTS
        names = check.rules.implied(container, str(test.expr.value))
        there = frozenset((*way, name) for name in names) | frozenset(_there(check, operand.expr, scope))
        return (there, NO_FACTS) if operand.op == "in" else (NO_FACTS, there)
    if operand.op in ("eq", "ne") and is_empty_default(test.expr) and isinstance(operand.expr, nodes.Const):
        there = frozenset(_there(check, test.expr, scope))
        if operand.expr.value:  # (x | default('')) == 'something'
            return (there, NO_FACTS) if operand.op == "eq" else (NO_FACTS, NO_FACTS)
        return (NO_FACTS, there) if operand.op == "eq" else (there, NO_FACTS)
    return NO_FACTS, NO_FACTS


def _neighbour(test: nodes.Getattr) -> Facts:
    """Return the fact that there is an item before, or behind, when a loop is not at its first, or last, one."""
    way = way_to(test.node)
    return frozenset({(*way, "previtem" if test.attr == "first" else "nextitem")}) if way else NO_FACTS
