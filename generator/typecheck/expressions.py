"""What an expression of a template gives, and what is wrong with it whatever the values are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from jinja2 import nodes
from jinja2.tests import TESTS

from generator.filters import BYPASSING, NAMES
from generator.typecheck import signatures
from generator.typecheck.kinds import (
    ANY,
    BOOLEAN,
    EACH,
    LIST,
    MACRO,
    MAP,
    MODULE,
    NULL,
    NUMBER,
    OTHER,
    STRING,
    TEXT,
    Known,
    Rules,
    constant,
    either,
    of_kind,
    union,
)
from generator.typecheck.reporter import Reporter
from generator.typecheck.scope import Fact, Scope, way_to

_ARITHMETIC = {"Sub": "-", "Div": "/", "FloorDiv": "//", "Pow": "**"}
_ORDER = {"lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}

CallMacro = Callable[[Known, nodes.Call, Scope], Known]


class Expressions:
    """Follows expressions. `call_macro` follows the body of a macro that one of them calls."""

    def __init__(self, rules: Rules, reporter: Reporter, call_macro: CallMacro) -> None:
        self._rules = rules
        self._report = reporter
        self._call_macro = call_macro

    def use(self, node: nodes.Node, scope: Scope) -> Known:
        """Return what `node` gives where the value itself is needed: one that may be missing is a mistake."""
        value = self.give(node, scope)
        if value.missing:
            way = way_to(node)
            name = ".".join(way) if way else "the value"
            word = way[-1].strip("[]") if way else ""
            hint = f"guard it with {{% if {name} is defined %}}, or give it a | default(…)"
            self._report.report(
                "maybe-missing", f"{name} may be missing: {value.missing}", node, word, hint=hint
            )
        if value.is_only(STRING, NUMBER, BOOLEAN, NULL):
            self._report.read(value)
        return value.certain()

    def consume(self, node: nodes.Node, scope: Scope) -> Known:
        """Return what `node` gives where all that is in it is needed."""
        value = self.use(node, scope)
        self._report.read(value, below=True)
        return value

    def give(self, node: nodes.Node, scope: Scope) -> Known:
        """Return what `node` gives, or would give if it were there."""
        handler: Callable[[Any, Scope], Known] = getattr(self, f"_{type(node).__name__.lower()}", self._other)
        return handler(node, scope)

    def facts(self, test: nodes.Node, scope: Scope) -> tuple[frozenset[Fact], frozenset[Fact]]:
        """Return what is known to be there when `test` holds, and when it does not."""
        none: frozenset[Fact] = frozenset()
        if isinstance(test, nodes.Test) and test.name in ("defined", "undefined"):
            there = frozenset(self._implied(test.node, scope))
            return (there, none) if test.name == "defined" else (none, there)
        if isinstance(test, nodes.Filter) and test.name in ("default", "d") and _is_empty(test.args):
            return frozenset(self._implied(test.node, scope)) if test.node else none, none
        if isinstance(test, nodes.Not):
            holds, fails = self.facts(test.node, scope)
            return fails, holds
        if isinstance(test, nodes.And | nodes.Or):
            left = self.facts(test.left, scope)
            right = self.facts(test.right, scope)
            if isinstance(test, nodes.And):
                return left[0] | right[0], left[1] & right[1]
            return left[0] & right[0], left[1] | right[1]
        return none, none

    def _implied(self, node: nodes.Node, scope: Scope) -> Iterator[Fact]:
        way = way_to(node)
        if way is None:
            return
        yield way
        if isinstance(node, nodes.Getattr):
            container = self.give(node.node, scope)
            yield from ((*way[:-1], name) for name in self._rules.implied(container, way[-1]))

    # One method per kind of node; its name is that of the class, in small letters.

    def _const(self, node: nodes.Const, scope: Scope) -> Known:
        return constant(node.value)

    def _templatedata(self, node: nodes.TemplateData, scope: Scope) -> Known:
        return of_kind(STRING)

    def _name(self, node: nodes.Name, scope: Scope) -> Known:
        value = scope.names.get(node.name)
        if value is None and self._rules.schema.get("additionalProperties", True) is not False:
            value = Known(path=(node.name,))
            self._report.read(value, below=True)
        if value is None:
            self._report.unknown("value", node.name, list(scope.names), node)
            return ANY
        return value.certain() if (node.name,) in scope.facts else value

    def _getattr(self, node: nodes.Getattr, scope: Scope) -> Known:
        base = self.use(node.node, scope)
        return self._attribute(base, node.attr, node, scope)

    def _getitem(self, node: nodes.Getitem, scope: Scope) -> Known:
        base = self.use(node.node, scope)
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            return self._attribute(base, node.arg.value, node, scope)
        if isinstance(node.arg, nodes.Slice):
            return base
        self.use(node.arg, scope)
        if base.is_only(NUMBER, BOOLEAN, NULL):
            self._report.report(
                "wrong-type", f"found {base.describe()}, expected a map or a list to take from", node
            )
        each = self._rules.each(base) if base.is_only(MAP) or base.is_only(LIST) else ANY
        return each.certain() if way_to(node) in scope.facts else each

    def _attribute(self, base: Known, name: str, node: nodes.Node, scope: Scope) -> Known:
        if base.is_only(MODULE):
            return self._exported(base, name, node)
        if base.is_only(MAP):
            value = self._rules.key(base, name)
            if value is None and name in signatures.MAP_METHODS:
                return Known(frozenset({OTHER}), target=(base, name))
            if value is None:
                where = ".".join(base.path or ()) or "the map"
                self._report.unknown("attribute", name, self._rules.keys(base), node, where)
                return ANY
            if name in signatures.MAP_METHODS and (value.missing or not value.kinds):
                return Known(frozenset({OTHER}), target=(base, name))
            return value.certain() if way_to(node) in scope.facts else value
        methods = {STRING: signatures.STRING_METHODS, LIST: signatures.LIST_METHODS}
        if (
            base.kinds
            and all(name not in methods.get(kind, ()) for kind in base.kinds)
            and base.is_only(STRING, LIST, NUMBER, BOOLEAN, NULL, TEXT, MACRO)
        ):
            self._report.report("unknown-attribute", f'{base.describe()} has no "{name}"', node, name)
        return ANY

    def _exported(self, module: Known, name: str, node: nodes.Node) -> Known:
        missing = [each for each, names in module.target.items() if name not in names]
        for template in missing:
            self._report.unknown(
                "attribute", name, list(module.target[template]), node, f"templates/{template}"
            )
        return union(names[name] for names in module.target.values() if name in names)

    def _call(self, node: nodes.Call, scope: Scope) -> Known:
        function = self.use(node.node, scope)
        if function.is_only(MACRO):
            return self._call_macro(function, node, scope)
        arguments = [self.use(each, scope) for each in node.args]
        for keyword in node.kwargs:
            self.use(keyword.value, scope)
        if isinstance(node.node, nodes.Name) and node.node.name == "range":
            for argument, value in zip(node.args, arguments, strict=True):
                if not value.may_be(NUMBER):
                    self._report.report(
                        "wrong-type", f"found {value.describe()}, expected a number", argument
                    )
            return Known(frozenset({LIST}), item=of_kind(NUMBER))
        if function.is_only(OTHER) and isinstance(function.target, tuple):
            return self._method(*function.target)
        if function.is_only(STRING, NUMBER, BOOLEAN, NULL, MAP, LIST, TEXT):
            self._report.report(
                "not-callable", f"found {function.describe()}, expected a macro to call", node
            )
        return ANY

    def _method(self, base: Known, name: str) -> Known:
        each = self._rules.each(base)
        key = Known(frozenset({STRING}))
        if name == "items":
            return Known(frozenset({LIST}), item=Known(frozenset({LIST}), target=(key, each)))
        if name == "keys":
            return Known(frozenset({LIST}), item=key)
        return Known(frozenset({LIST}), item=each) if name == "values" else ANY

    def _filter(self, node: nodes.Filter, scope: Scope) -> Known:
        name = node.name
        if node.node is None:
            return of_kind(TEXT)
        if name not in NAMES:
            self._unknown_filter(name, node)
            self.give(node.node, scope)
            return ANY
        if name in ("default", "d"):
            return self._default(node, scope)
        if name == "required":
            return self.give(node.node, scope).certain()
        value = self.use(node.node, scope)
        for each in [*node.args, *(keyword.value for keyword in node.kwargs)]:
            self.use(each, scope)
        if value.is_only(TEXT) and name not in signatures.ON_TEXT:
            self._captured(f"| {name}", node)
        fails = signatures.FAIL_ON.get(name, set())
        if value.kinds and value.kinds <= fails:
            self._report.report("wrong-type", f"{name} cannot take {value.describe()}", node, name)
        return self._filtered(name, value, node)

    def _unknown_filter(self, name: str, node: nodes.Filter) -> None:
        if name in BYPASSING:
            hint = "take it out: every value is encoded for its place; | yaml, | json and | hcl write lists and maps"
            self._report.report(
                "bypasses-encoding", f"{name} would put a value out as it is", node, name, hint=hint
            )
        else:
            self._report.unknown("filter", name, sorted(NAMES), node)

    def _filtered(self, name: str, value: Known, node: nodes.Filter) -> Known:
        if value.is_only(TEXT):
            return value
        if name in signatures.KEEP_ITEMS:
            return self._kept(name, value, node)
        if name in signatures.PICK_ITEM:
            return self._rules.each(value) if value.is_only(LIST) else ANY
        if name == "items" and value.is_only(MAP):
            return self._method(value, "items")
        if name not in ("length", "count"):
            self._report.read(value, below=True)
        if name in ("yaml", "flow", "json", "hcl"):
            return Known(frozenset({OTHER}))
        return of_kind(signatures.GIVES[name]) if name in signatures.GIVES else ANY

    def _kept(self, name: str, value: Known, node: nodes.Filter) -> Known:
        if value.is_only(MAP):
            return Known(frozenset({LIST}), item=of_kind(STRING))
        if not value.is_only(LIST):
            return ANY
        words = [each.value for each in node.args if isinstance(each, nodes.Const)]
        if name == "selectattr" and words[1:] == ["defined"]:
            item = self._rules.each(value)
            return Known(frozenset({LIST}), item=replace(item, present=item.present | {str(words[0])}))
        return replace(value, kinds=frozenset({LIST}))

    def _default(self, node: nodes.Filter, scope: Scope) -> Known:
        value = self.give(node.node, scope) if node.node else ANY
        if value.is_only(STRING, NUMBER, BOOLEAN, NULL):
            self._report.read(value)
        other = self.use(node.args[0], scope) if node.args else constant("")
        return either(value.certain(), other) if value.missing or value is ANY else value

    def _test(self, node: nodes.Test, scope: Scope) -> Known:
        if node.name not in TESTS:
            self._report.unknown("test", node.name, sorted(TESTS), node)
        if node.name in ("defined", "undefined"):
            if not (isinstance(node.node, nodes.Name) and node.node.name not in scope.names):
                self._report.read(self.give(node.node, scope))
            return of_kind(BOOLEAN)
        self.use(node.node, scope)
        for each in node.args:
            self.use(each, scope)
        return of_kind(BOOLEAN)

    def _condexpr(self, node: nodes.CondExpr, scope: Scope) -> Known:
        self.use(node.test, scope)
        holds, fails = self.facts(node.test, scope)
        first = self.use(node.expr1, scope.child(holds))
        if node.expr2 is None:
            return replace(first, missing="the condition may not hold, and there is no else")
        return either(first, self.use(node.expr2, scope.child(fails)))

    def _and(self, node: nodes.And, scope: Scope) -> Known:
        left = self.use(node.left, scope)
        right = self.use(node.right, scope.child(self.facts(node.left, scope)[0]))
        return either(left, right)

    def _or(self, node: nodes.Or, scope: Scope) -> Known:
        left = self.use(node.left, scope)
        right = self.use(node.right, scope.child(self.facts(node.left, scope)[1]))
        return either(left, right)

    def _not(self, node: nodes.Not, scope: Scope) -> Known:
        self.use(node.node, scope)
        return of_kind(BOOLEAN)

    def _compare(self, node: nodes.Compare, scope: Scope) -> Known:
        left = self.use(node.expr, scope)
        for operand in node.ops:
            right = self.use(operand.expr, scope)
            if left.is_only(TEXT) or right.is_only(TEXT):
                self._captured("a comparison", node)
            if operand.op in _ORDER and not _comparable(left, right):
                found = f"{left.describe()} {_ORDER[operand.op]} {right.describe()}"
                self._report.report("wrong-type", f"found {found}, which have no order", node)
            if operand.op in ("in", "notin") and right.is_only(NUMBER, BOOLEAN, NULL):
                self._report.report(
                    "wrong-type", f"found {right.describe()}, expected a list to look into", node
                )
            if operand.op == "in" and isinstance(node.expr, nodes.Const) and right.is_only(MAP):
                key = self._rules.key(right, str(node.expr.value))
                self._report.read(key) if key else None
            left = right
        return of_kind(BOOLEAN)

    def _concat(self, node: nodes.Concat, scope: Scope) -> Known:
        parts = [self.use(each, scope) for each in node.nodes]
        if any(part.is_only(TEXT) for part in parts):
            self._captured("~", node)
        texts: frozenset[str] | None = frozenset({""})
        for part in parts:
            if texts is None or part.choices is None:
                texts = None
            else:
                texts = frozenset(left + right for left in texts for right in part.choices)
        return Known(frozenset({STRING}), choices=texts)

    def _add(self, node: nodes.Add, scope: Scope) -> Known:
        left, right = self.use(node.left, scope), self.use(node.right, scope)
        if left.is_only(TEXT) or right.is_only(TEXT):
            self._captured("+", node)
        for kinds in ({NUMBER, BOOLEAN}, {STRING, TEXT}, {LIST}):
            if left.may_be(*kinds) and right.may_be(*kinds):
                return either(left, right) if left.kinds and right.kinds else ANY
        self._mismatch(left, "+", right, node)
        return ANY

    def _mul(self, node: nodes.Mul, scope: Scope) -> Known:
        left, right = self.use(node.left, scope), self.use(node.right, scope)
        repeats = (left.may_be(STRING, LIST) and right.may_be(NUMBER)) or (
            right.may_be(STRING, LIST) and left.may_be(NUMBER)
        )
        if not repeats and not (left.may_be(NUMBER, BOOLEAN) and right.may_be(NUMBER, BOOLEAN)):
            self._mismatch(left, "*", right, node)
        return of_kind(NUMBER) if left.is_only(NUMBER) and right.is_only(NUMBER) else ANY

    def _mod(self, node: nodes.Mod, scope: Scope) -> Known:
        left, right = self.use(node.left, scope), self.use(node.right, scope)
        if not left.may_be(STRING) and not (left.may_be(NUMBER, BOOLEAN) and right.may_be(NUMBER, BOOLEAN)):
            self._mismatch(left, "%", right, node)
        return of_kind(STRING) if left.is_only(STRING) else of_kind(NUMBER) if left.is_only(NUMBER) else ANY

    def _arithmetic(self, node: nodes.BinExpr, scope: Scope) -> Known:
        left, right = self.use(node.left, scope), self.use(node.right, scope)
        if not left.may_be(NUMBER, BOOLEAN) or not right.may_be(NUMBER, BOOLEAN):
            self._mismatch(left, _ARITHMETIC[type(node).__name__], right, node)
        return of_kind(NUMBER)

    _sub = _div = _floordiv = _pow = _arithmetic

    def _neg(self, node: nodes.UnaryExpr, scope: Scope) -> Known:
        value = self.use(node.node, scope)
        if not value.may_be(NUMBER, BOOLEAN):
            self._report.report("wrong-type", f"found {value.describe()}, expected a number", node)
        return of_kind(NUMBER)

    _pos = _neg

    def _list(self, node: nodes.List, scope: Scope) -> Known:
        items = [self.consume(each, scope) for each in node.items]
        return Known(frozenset({LIST}), item=union(items) if items else None)

    def _tuple(self, node: nodes.Tuple, scope: Scope) -> Known:
        return Known(frozenset({LIST}), item=union(self.consume(each, scope) for each in node.items))

    def _dict(self, node: nodes.Dict, scope: Scope) -> Known:
        fields = {}
        for pair in node.items:
            self.use(pair.key, scope)
            value = self.consume(pair.value, scope)
            if isinstance(pair.key, nodes.Const):
                fields[str(pair.key.value)] = value
        return Known(frozenset({MAP}), fields=fields)

    def _other(self, node: nodes.Node, scope: Scope) -> Known:
        for each in node.iter_child_nodes():
            if isinstance(each, nodes.Expr):
                self.consume(each, scope)
        return ANY

    def _mismatch(self, left: Known, sign: str, right: Known, node: nodes.Node) -> None:
        self._report.report("wrong-type", f"cannot compute {left.describe()} {sign} {right.describe()}", node)

    def _captured(self, what: str, node: nodes.Node) -> None:
        hint = "put it out as it is; compute with values before a macro or a set block makes text of them"
        self._report.report(
            "captured-text", f"text that a template made cannot go through {what}", node, hint=hint
        )


def _is_empty(arguments: list[nodes.Expr]) -> bool:
    """Say whether the argument of `default` is nothing: then what holds is there by itself."""
    (argument, *_) = arguments or [nodes.Const("")]
    if isinstance(argument, nodes.Dict | nodes.List | nodes.Tuple):
        return not argument.items
    return isinstance(argument, nodes.Const) and not argument.value


def _comparable(left: Known, right: Known) -> bool:
    groups = ({NUMBER, BOOLEAN}, {STRING}, {LIST})
    return any(left.may_be(*group) and right.may_be(*group) for group in groups)


__all__ = ["EACH", "Expressions"]
