"""The types of operators, and the values that they do not accept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from jinja2 import nodes

from generator.render.typecheck.checker import Checker
from generator.render.typecheck.scope import Scope
from generator.render.typecheck.value_type import (
    ALWAYS,
    ANY,
    BOOLEAN,
    LIST,
    MAP,
    NULL,
    NUMBER,
    STRING,
    Conditions,
    Type,
    either,
    of_kind,
    unknown,
)

_ARITHMETIC = {nodes.Sub: "-", nodes.Div: "/", nodes.FloorDiv: "//", nodes.Pow: "**"}
_ORDER = {"lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}


def _not(checker: Checker, node: nodes.Not, scope: Scope) -> Type:
    checker.use(node.node, scope)
    return of_kind(BOOLEAN)


def _compare(checker: Checker, node: nodes.Compare, scope: Scope) -> Type:
    left = checker.use(node.expr, scope)
    for operand in node.ops:
        right = checker.use(operand.expr, scope)
        if checker.computes("a comparison", node, left, right):
            return of_kind(BOOLEAN)
        if operand.op in _ORDER and not _are_ordered(left, right):
            message = f"cannot compare {left.describe()} {_ORDER[operand.op]} {right.describe()}"
            checker.reporter.error(
                "typecheck/wrong-type", message, node, hint="compare values of the same type"
            )
        if operand.op in ("in", "notin"):
            _check_in(checker, node, left, right, operand.expr)
        left = right
    return of_kind(BOOLEAN)


def _check_in(checker: Checker, node: nodes.Compare, left: Type, right: Type, where: nodes.Node) -> None:
    if right.is_only(NUMBER, BOOLEAN, NULL):
        _wrong_type(checker, f"found {right.describe()}, expected a list, a map or a string", where)
    if right.is_only(STRING) and not left.may_be(STRING):
        _wrong_type(
            checker, f"found {left.describe()}, expected a string to search for in a string", node.expr
        )
    if right.is_only(MAP) and isinstance(node.expr, nodes.Const):
        key = checker.types.key(right, str(node.expr.value))
        if key:
            checker.reporter.read(key)
    elif right.is_only(MAP):
        for flag in checker.types.flags(right):
            checker.reporter.read(flag)


def _concat(checker: Checker, node: nodes.Concat, scope: Scope) -> Type:
    parts = [checker.use(each, scope) for each in node.nodes]
    checker.computes("~", node, *parts)
    texts: dict[str, Conditions] | None = {"": ALWAYS}
    for part in parts:
        if texts is None or part.choices is None or _length(texts) * _length(part.choices) > 10_000:
            texts = None
        else:
            texts = {
                left + right: first | second
                for left, first in texts.items()
                for right, second in part.choices.items()
            }
    return Type(frozenset({STRING}), choices=texts)


def _length(choices: Mapping[str, Conditions]) -> int:
    return sum(len(text) + 1 for text in choices)


def _add(checker: Checker, node: nodes.Add, scope: Scope) -> Type:
    left, right = checker.use(node.left, scope), checker.use(node.right, scope)
    if _has_text(checker, "+", node, left, right):
        return ANY
    for kinds in ({NUMBER, BOOLEAN}, {STRING}, {LIST}):
        if left.may_be(*kinds) and right.may_be(*kinds):
            sum_of = replace(either(left, right), target=None)
            return sum_of if left.kinds and right.kinds else unknown(left, right)
    _mismatch(checker, left, "+", right, node)
    return ANY


def _mul(checker: Checker, node: nodes.Mul, scope: Scope) -> Type:
    left, right = checker.use(node.left, scope), checker.use(node.right, scope)
    if _has_text(checker, "*", node, left, right):
        return ANY
    repeats = (left.may_be(STRING, LIST) and right.may_be(NUMBER, BOOLEAN)) or (
        right.may_be(STRING, LIST) and left.may_be(NUMBER, BOOLEAN)
    )
    if not repeats and not (left.may_be(NUMBER, BOOLEAN) and right.may_be(NUMBER, BOOLEAN)):
        _mismatch(checker, left, "*", right, node)
    if left.is_only(LIST, STRING) and right.is_only(NUMBER):
        return replace(of_kind(*left.kinds), holds=left.has_text)
    return of_kind(NUMBER) if left.is_only(NUMBER) and right.is_only(NUMBER) else unknown(left, right)


def _mod(checker: Checker, node: nodes.Mod, scope: Scope) -> Type:
    left, right = checker.use(node.left, scope), checker.use(node.right, scope)
    if checker.computes("%", node, left, right):
        return ANY
    if not left.may_be(STRING) and not (left.may_be(NUMBER, BOOLEAN) and right.may_be(NUMBER, BOOLEAN)):
        _mismatch(checker, left, "%", right, node)
    return of_kind(STRING) if left.is_only(STRING) else of_kind(NUMBER) if left.is_only(NUMBER) else ANY


def _arithmetic(checker: Checker, node: Any, scope: Scope) -> Type:
    left, right = checker.use(node.left, scope), checker.use(node.right, scope)
    if _has_text(checker, _ARITHMETIC[type(node)], node, left, right):
        return ANY
    if not left.may_be(NUMBER, BOOLEAN) or not right.may_be(NUMBER, BOOLEAN):
        _mismatch(checker, left, _ARITHMETIC[type(node)], right, node)
    return of_kind(NUMBER)


def _sign(checker: Checker, node: Any, scope: Scope) -> Type:
    value = checker.use(node.node, scope)
    if _has_text(checker, "a sign", node, value):
        return ANY
    if not value.may_be(NUMBER, BOOLEAN):
        _wrong_type(checker, f"found {value.describe()}, expected a number", node)
    return of_kind(NUMBER)


def _has_text(checker: Checker, what: str, node: nodes.Node, *operands: Type) -> bool:
    """Report captured text as an operand; in a list, it does not matter to these operators."""
    return checker.computes(what, node, *(each for each in operands if each.may_be_text))


def _mismatch(checker: Checker, left: Type, sign: str, right: Type, node: nodes.Node) -> None:
    _wrong_type(checker, f"cannot compute {left.describe()} {sign} {right.describe()}", node)


def _wrong_type(checker: Checker, message: str, node: nodes.Node) -> None:
    hint = "join strings with ~, convert a string to a number with | int"
    checker.reporter.error("typecheck/wrong-type", message, node, hint=hint)


def _are_ordered(left: Type, right: Type) -> bool:

    groups = ({NUMBER, BOOLEAN}, {STRING}, {LIST})
    return any(left.may_be(*group) and right.may_be(*group) for group in groups)


HANDLERS: dict[type[nodes.Node], Any] = {
    nodes.Not: _not,
    nodes.Compare: _compare,
    nodes.Concat: _concat,
    nodes.Add: _add,
    nodes.Mul: _mul,
    nodes.Mod: _mod,
    nodes.Sub: _arithmetic,
    nodes.Div: _arithmetic,
    nodes.FloorDiv: _arithmetic,
    nodes.Pow: _arithmetic,
    nodes.Neg: _sign,
    nodes.Pos: _sign,
}
