"""What operators give, and which values they cannot take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import nodes

from generator.render.typecheck.kinds import (
    ALWAYS,
    ANY,
    BOOLEAN,
    LIST,
    MAP,
    NULL,
    NUMBER,
    STRING,
    TEXT,
    Conditions,
    Known,
    either,
    of_kind,
)
from generator.render.typecheck.scope import Scope

if TYPE_CHECKING:
    from generator.render.typecheck.expressions import Expressions

_ARITHMETIC = {nodes.Sub: "-", nodes.Div: "/", nodes.FloorDiv: "//", nodes.Pow: "**"}
_ORDER = {"lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}


def captured(check: Expressions, what: str, node: nodes.Node) -> None:
    """Report that something looks into text that a template made, whose values are not encoded yet."""
    hint = "put it out as it is; compute with values before a macro or a set block makes text of them"
    check.report.report(
        "captured-text", f"text that a template made cannot go through {what}", node, hint=hint
    )


def _not(check: Expressions, node: nodes.Not, scope: Scope) -> Known:
    check.use(node.node, scope)
    return of_kind(BOOLEAN)


def _compare(check: Expressions, node: nodes.Compare, scope: Scope) -> Known:
    left = check.use(node.expr, scope)
    for operand in node.ops:
        right = check.use(operand.expr, scope)
        if left.is_only(TEXT) or right.is_only(TEXT):
            captured(check, "a comparison", node)
        if operand.op in _ORDER and not _have_order(left, right):
            found = f"{left.describe()} {_ORDER[operand.op]} {right.describe()}"
            message = f"found {found}, which have no order"
            check.report.report("wrong-type", message, node, hint="compare values of one kind")
        if operand.op in ("in", "notin"):
            _look_into(check, node, left, right, operand.expr)
        left = right
    return of_kind(BOOLEAN)


def _look_into(check: Expressions, node: nodes.Compare, left: Known, right: Known, where: nodes.Node) -> None:
    if right.is_only(NUMBER, BOOLEAN, NULL):
        _mistake(check, f"found {right.describe()}, expected a list to look into", where)
    if right.is_only(STRING) and not left.may_be(STRING):
        _mistake(check, f"found {left.describe()}, expected text to look for in text", node.expr)
    if right.is_only(MAP) and isinstance(node.expr, nodes.Const):
        key = check.rules.key(right, str(node.expr.value))
        if key:
            check.report.read(key)
    elif right.is_only(MAP):
        for flag in check.rules.flags(right):
            check.report.read(flag)


def _concat(check: Expressions, node: nodes.Concat, scope: Scope) -> Known:
    parts = [check.use(each, scope) for each in node.nodes]
    if any(part.is_only(TEXT) for part in parts):
        captured(check, "~", node)
    texts: dict[str, Conditions] | None = {"": ALWAYS}
    for part in parts:
        if texts is None or part.choices is None or len(texts) * len(part.choices) > 1000:
            texts = None
        else:
            texts = {
                left + right: first | second
                for left, first in texts.items()
                for right, second in part.choices.items()
            }
    return Known(frozenset({STRING}), choices=texts)


def _add(check: Expressions, node: nodes.Add, scope: Scope) -> Known:
    left, right = check.use(node.left, scope), check.use(node.right, scope)
    if left.is_only(TEXT) or right.is_only(TEXT):
        captured(check, "+", node)
        return of_kind(TEXT)
    for kinds in ({NUMBER, BOOLEAN}, {STRING}, {LIST}):
        if left.may_be(*kinds) and right.may_be(*kinds):
            return either(left, right) if left.kinds and right.kinds else ANY
    _mismatch(check, left, "+", right, node)
    return ANY


def _mul(check: Expressions, node: nodes.Mul, scope: Scope) -> Known:
    left, right = check.use(node.left, scope), check.use(node.right, scope)
    repeats = (left.may_be(STRING, LIST) and right.may_be(NUMBER, BOOLEAN)) or (
        right.may_be(STRING, LIST) and left.may_be(NUMBER, BOOLEAN)
    )
    if not repeats and not (left.may_be(NUMBER, BOOLEAN) and right.may_be(NUMBER, BOOLEAN)):
        _mismatch(check, left, "*", right, node)
    if left.is_only(LIST, STRING) and right.is_only(NUMBER):
        return of_kind(*left.kinds)
    return of_kind(NUMBER) if left.is_only(NUMBER) and right.is_only(NUMBER) else ANY


def _mod(check: Expressions, node: nodes.Mod, scope: Scope) -> Known:
    left, right = check.use(node.left, scope), check.use(node.right, scope)
    if left.is_only(STRING) and right.is_only(TEXT):
        captured(check, "%", node)
    if not left.may_be(STRING) and not (left.may_be(NUMBER, BOOLEAN) and right.may_be(NUMBER, BOOLEAN)):
        _mismatch(check, left, "%", right, node)
    return of_kind(STRING) if left.is_only(STRING) else of_kind(NUMBER) if left.is_only(NUMBER) else ANY


def _arithmetic(check: Expressions, node: Any, scope: Scope) -> Known:
    left, right = check.use(node.left, scope), check.use(node.right, scope)
    if not left.may_be(NUMBER, BOOLEAN) or not right.may_be(NUMBER, BOOLEAN):
        _mismatch(check, left, _ARITHMETIC[type(node)], right, node)
    return of_kind(NUMBER)


def _sign(check: Expressions, node: Any, scope: Scope) -> Known:
    value = check.use(node.node, scope)
    if not value.may_be(NUMBER, BOOLEAN):
        _mistake(check, f"found {value.describe()}, expected a number", node)
    return of_kind(NUMBER)


def _mismatch(check: Expressions, left: Known, sign: str, right: Known, node: nodes.Node) -> None:
    _mistake(check, f"cannot compute {left.describe()} {sign} {right.describe()}", node)


def _mistake(check: Expressions, message: str, node: nodes.Node) -> None:
    hint = "texts are joined with ~, and made numbers of with | int"
    check.report.report("wrong-type", message, node, hint=hint)


def _have_order(left: Known, right: Known) -> bool:
    groups = ({NUMBER, BOOLEAN}, {STRING, TEXT}, {LIST})
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
