"""Evaluate expressions of HCL as far as their values are known exactly.

What cannot be known stays an expression: its own code, with the values that are known in the place of their names.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Context, Decimal, DecimalException, DivisionByZero, Inexact, InvalidOperation

from generator.languages.hcl.expressions import Expression, Object, Piece, expression, placed
from generator.languages.hcl.syntax import OPERATORS
from generator.languages.node import Leaf, Map, Node, Scalar, Seq, children

Lookup = Callable[[tuple[str, ...]], Node | None]
_MAX_SIZE = 100_000  # of a value, in characters: names that repeat others could double it at each step
_OPERATIONS = frozenset([*OPERATORS, "?", "[", "."])
_EXACT = Context(prec=100, traps=[Inexact, DivisionByZero, InvalidOperation])


def evaluate(node: Node, lookup: Lookup) -> Node:
    """Return `node` with the values that `lookup` has for references, and what follows from them."""
    try:
        found = _value(node, lookup)
    except RecursionError:
        return node
    return found if found is node or _is_small(found) else node


def _is_small(node: Node) -> bool:
    left, pending = _MAX_SIZE, [node]
    while pending and left > 0:
        current = pending.pop()
        left -= 1 + (len(str(current.value)) if isinstance(current, Leaf) else 0)
        pending += children(current)
    return left > 0


def _value(node: Node, lookup: Lookup) -> Node:
    if isinstance(node, Expression):
        return _expression(node, lookup)
    if isinstance(node, Map):
        entries = {key: _value(value, lookup) for key, value in node.entries.items()}
        if isinstance(node, Object):
            return _object(node, entries, lookup)
        is_same = all(entries[key] is value for key, value in node.entries.items())
        return node if is_same else replace(node, entries=entries)
    if isinstance(node, Seq):
        items = tuple(_value(item, lookup) for item in node)
        is_same = all(item is value for item, value in zip(items, node, strict=True))
        return node if is_same else replace(node, items=items)
    return node


def _object(node: Object, entries: dict[str, Node], lookup: Lookup) -> Node:
    """Return an object with the keys that are known as keys like any other."""
    keys = {code: _value(key, lookup) for code, key in node.computed}
    found = {key: _text(keys[key]) if key in keys else key for key in entries}
    named = {name or key: entries[key] for key, name in found.items()}
    computed = tuple((code, key) for code, key in node.computed if found[code] is None)
    if computed:
        return replace(node, entries=named, computed=computed)
    return placed(Map(named), node)


def _expression(node: Expression, lookup: Lookup) -> Node:
    if node.operator == "name":
        found = lookup(node.path) if node.path else None
        return node if found is None else placed(found, node)
    pieces = tuple(
        each if isinstance(each, str) else _in_brackets(node, each, _value(each, lookup))
        for each in node.pieces
    )
    operands = tuple(each for each in pieces if not isinstance(each, str))
    found = _template(pieces) if node.operator == "template" else _computed(node.operator, pieces, operands)
    if found is None and all(new is old for new, old in zip(pieces, node.pieces, strict=True)):
        return node
    return placed(found or expression(node.operator, pieces, node.path), node)


def _in_brackets(parent: Expression, name: Node, found: Node) -> Node:
    """Return what stands for a name in an operation: another operation needs brackets there."""
    is_name = isinstance(name, Expression) and name.operator == "name"
    if is_name and isinstance(found, Expression) and {parent.operator, found.operator} <= _OPERATIONS:
        return expression("(", ("(", found, ")"))
    return found


def _template(pieces: tuple[Piece, ...]) -> Node | None:
    """Return a template with its known values in its text: a literal when all of them are known."""
    joined: list[Piece] = []
    for piece in pieces:
        text = piece if isinstance(piece, str) else _text(piece)
        if text is None:
            joined.append(piece)
        elif joined and isinstance(joined[-1], str):
            joined[-1] += text
        else:
            joined.append(text)
    if sum(len(each) for each in joined if isinstance(each, str)) > _MAX_SIZE:
        return None
    if all(isinstance(each, str) for each in joined):
        return _leaf("".join(str(each) for each in joined))
    return expression("template", tuple(joined))


def _text(node: Node) -> str | None:
    """Return a known scalar as a template writes it; None when it is not known, or not a scalar."""
    if not isinstance(node, Leaf) or node.is_code or node.value is None:
        return None
    return _leaf(node.value).text


def _leaf(value: Scalar) -> Leaf:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return Leaf(value, text=str(value).lower() if isinstance(value, bool) else str(value))


def _computed(operator: str, pieces: tuple[Piece, ...], operands: tuple[Node, ...]) -> Node | None:
    """Return the value of an operation, or None when it is not known."""
    if operator in _FUNCTIONS:
        return _FUNCTIONS[operator](operands)
    if operator == "?" and len(operands) == 3:
        return _chosen(*operands)
    if operator == "(" and isinstance(operands[0], Map | Seq):
        return operands[0]
    if operator == "." and isinstance(operands[0], Map):
        return None if isinstance(operands[0], Object) else operands[0].get(str(pieces[-1])[1:])
    if operator == "[" and len(operands) == 2:
        return _item(*operands)
    values = [each.value for each in operands if isinstance(each, Leaf) and not each.is_code]
    if len(values) != len(operands) or not values or (None in values and operator not in ("==", "!=")):
        return None
    result = values[0] if operator == "(" else _calculated(operator, values)
    return None if result is None else _leaf(result)


def _item(base: Node, key: Node) -> Node | None:
    index = key.value if isinstance(key, Leaf) and not key.is_code else None
    if isinstance(base, Map) and not isinstance(base, Object):
        return base.get(str(index)) if isinstance(index, str) else None
    if isinstance(base, Seq) and isinstance(index, int) and 0 <= index < len(base):
        return base.items[index]
    return None


def _chosen(condition: Node, yes: Node, no: Node) -> Node | None:
    """Return the branch of a condition. Branches of two types are converted to one, and stay unknown."""
    decides = condition.value if isinstance(condition, Leaf) and not condition.is_code else None
    types = {type(each.value) for each in (yes, no) if isinstance(each, Leaf) and each.value is not None}
    if not isinstance(decides, bool) or len(types - {int, float}) + bool(types & {int, float}) > 1:
        return None
    return yes if decides else no


def _calculated(operator: str, values: list[Scalar]) -> Scalar:
    """Return the result of an operator; None when it is not exact, or the types do not fit."""
    if operator in ("==", "!="):
        left, right = values
        are_numbers = [_is_number(each) for each in values]
        is_equal = left == right and (all(are_numbers) or type(left) is type(right))
        return is_equal if operator == "==" else not is_equal
    if all(isinstance(each, bool) for each in values):
        return _LOGIC[operator](*values) if operator in _LOGIC else None
    numbers = [Decimal(repr(each)) for each in values if _is_number(each)]
    if len(numbers) != len(values):
        return None
    if operator in _ORDER and len(numbers) == 2:
        return _ORDER[operator](*numbers)
    try:
        result = _ARITHMETIC[operator, len(numbers)](*numbers)
    except (KeyError, DecimalException):
        return None
    return int(result) if result == result.to_integral_value() else float(result)


def _is_number(value: Scalar) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _remainder(left: Decimal, right: Decimal) -> Decimal:
    if left < 0 or right <= 0:
        raise DecimalException
    return _EXACT.remainder(left, right)


_LOGIC: Mapping[str, Callable[..., bool]] = {
    "&&": lambda left, right: left and right,
    "||": lambda left, right: left or right,
    "!": lambda value: not value,
}
_ORDER: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}
_ARITHMETIC: Mapping[tuple[str, int], Callable[..., Decimal]] = {
    ("+", 2): _EXACT.add,
    ("-", 2): _EXACT.subtract,
    ("*", 2): _EXACT.multiply,
    ("/", 2): _EXACT.divide,
    ("%", 2): _remainder,
    ("-", 1): _EXACT.minus,
}


def _set(operands: tuple[Node, ...]) -> Node | None:
    """Return `toset` of known strings: each once, in their order."""
    (items,) = operands if len(operands) == 1 else (None,)
    texts = [_text(item) for item in items] if isinstance(items, Seq) else [None]
    if not isinstance(items, Seq) or None in texts:
        return None
    unique = {str(text): item for text, item in zip(texts, items, strict=True)}
    return Seq(tuple(unique[text] for text in sorted(unique)))


def _list(operands: tuple[Node, ...]) -> Node | None:
    return operands[0] if len(operands) == 1 and isinstance(operands[0], Seq) else None


def _concat(operands: tuple[Node, ...]) -> Node | None:
    lists = [each for each in operands if isinstance(each, Seq)]
    return Seq(tuple(item for each in lists for item in each)) if len(lists) == len(operands) else None


def _merge(operands: tuple[Node, ...]) -> Node | None:
    maps = [each for each in operands if isinstance(each, Map) and not isinstance(each, Object)]
    entries = {key: value for each in maps for key, value in each.entries.items()}
    return Map(entries) if len(maps) == len(operands) else None


_FUNCTIONS: Mapping[str, Callable[[tuple[Node, ...]], Node | None]] = {
    "toset(": _set,
    "tolist(": _list,
    "concat(": _concat,
    "merge(": _merge,
}

__all__ = ["Lookup", "evaluate"]
