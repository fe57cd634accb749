"""What an expression of a template gives, and what is wrong with it whatever the values are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from jinja2 import nodes

from generator.render.typecheck import filtering, operators, signatures
from generator.render.typecheck.facts import facts
from generator.render.typecheck.kinds import (
    ANY,
    BOOLEAN,
    LIST,
    MACRO,
    MAP,
    MODULE,
    NULL,
    NUMBER,
    OTHER,
    SCALARS,
    STRING,
    TEXT,
    Known,
    constant,
    either,
    list_of,
    of_kind,
    union,
)
from generator.render.typecheck.reporter import Reporter
from generator.render.typecheck.rules import OPTIONAL, Rules
from generator.render.typecheck.scope import Scope, way_to

_EXPORT = "mend the name, or add it to that template"

CallMacro = Callable[[Known, nodes.Call, Scope], Known]
Handler = Callable[["Expressions", Any, Scope], Known]


class Expressions:
    """Follows expressions. `call_macro` follows the body of a macro that one of them calls."""

    def __init__(self, rules: Rules, report: Reporter, call_macro: CallMacro) -> None:
        self.rules = rules
        self.report = report
        self._call_macro = call_macro

    def use(self, node: nodes.Node, scope: Scope) -> Known:
        """Return what `node` gives where the value itself is needed: one that may be missing is a mistake."""
        value = self.give(node, scope)
        if value.missing:
            self.blame_missing(value, node)
        if value.is_only(*SCALARS):
            self.report.read(value)
        elif not value.kinds:
            self.report.read(value, below=True)
        return value.certain()

    def blame_missing(self, value: Known, node: nodes.Node) -> None:
        """Report that `value`, which `node` gives, may be missing."""
        source = value.source or node
        way = way_to(source)
        name = ".".join(way).replace(".[", "[") if way else "the value"
        hint = f"guard it with {{% if {name} is defined %}}, or give it a | default(…)"
        if isinstance(source, nodes.Filter) and source.name == "map":
            name, hint = "an item", 'take only what is there: | select("defined")'
        elif not way:
            hint = "give it a | default(…)"
        elif name == "super":
            hint = "take it out, or extend a template that has the block"
        notes = self.rules.note(value, f"does not require {name}") if value.missing == OPTIONAL else ()
        word = way[-1].strip("[]") if way else ""
        self.report.report(
            "maybe-missing", f"{name} may be missing: {value.missing}", source, word, hint=hint, notes=notes
        )

    def consume(self, node: nodes.Node, scope: Scope) -> Known:
        """Return what `node` gives where all that is in it is needed."""
        value = self.use(node, scope)
        self.report.read(value, below=True)
        return value

    def give(self, node: nodes.Node, scope: Scope) -> Known:
        """Return what `node` gives, or would give if it were there."""
        value = _HANDLERS.get(type(node), _other)(self, node, scope)
        return replace(value, source=node) if value.missing and value.source is None else value

    def attribute(self, base: Known, name: str, node: nodes.Node, scope: Scope) -> Known:
        """Return what `base.name` gives; a name that cannot be there is a mistake."""
        if base.is_only(MODULE):
            return self._exported(base, name, node)
        if base.is_only(MAP):
            value = self.rules.key(base, name)
            is_declared = name in base.fields or name in base.rule.get("properties", {})
            if name in signatures.MAP_METHODS and (value is None or value.missing or not is_declared):
                return Known(frozenset({OTHER}), target=(base, name))
            if value is None:
                self._unknown_key(base, name, node)
                return ANY
            return value.certain() if way_to(node) in scope.facts else value
        methods = {STRING: signatures.STRING_METHODS, LIST: signatures.LIST_METHODS}
        known = base.is_only(STRING, LIST, NUMBER, BOOLEAN, NULL, TEXT, MACRO)
        if known and all(name not in methods.get(kind, ()) for kind in base.kinds):
            self.report.report(
                "unknown-attribute",
                f'{base.describe()} has no "{name}"',
                node,
                name,
                hint="take it out: only maps have keys",
                notes=self.rules.note(base, "says what it is"),
            )
        return ANY

    def _unknown_key(self, base: Known, name: str, node: nodes.Node) -> None:
        where = ".".join(base.path or ()) or "the map"
        notes = self.rules.note(base, f"declares the keys of {where}")
        self.report.unknown("attribute", name, self.rules.keys(base), node, where=where, notes=notes)

    def _exported(self, module: Known, name: str, node: nodes.Node) -> Known:
        for template, names in module.target.items():
            if name not in names:
                what = "block" if template == "self" else "attribute"
                where = "" if template == "self" else f"templates/{template}"
                self.report.unknown(what, name, list(names), node, where=where, hint=_EXPORT)
        return union(names[name] for names in module.target.values() if name in names)

    def call(self, node: nodes.Call, scope: Scope) -> Known:
        """Return what a call gives."""
        function = self.use(node.node, scope)
        if function.is_only(MACRO):
            return self._call_macro(function, node, scope)
        arguments = [self.use(each, scope) for each in node.args]
        for keyword in node.kwargs:
            self.use(keyword.value, scope)
        if isinstance(node.node, nodes.Name) and node.node.name == "range" and not function.kinds:
            return self._range(node, arguments)
        if function.is_only(OTHER):
            return self._method(function, node, scope)
        if function.target == "loop" and function.may_be(OTHER):
            return of_kind(TEXT)
        if function.target == "loop":
            hint = "write {% for … recursive %}"
            self.report.report("not-callable", "the loop is not recursive", node.node, hint=hint)
        elif function.is_only(*SCALARS, MAP, LIST, TEXT):
            found = f"found {function.describe()}, expected a macro to call"
            self.report.report("not-callable", found, node.node, hint="take the parentheses out")
        return ANY

    def _range(self, node: nodes.Call, arguments: list[Known]) -> Known:
        for argument, value in zip(node.args, arguments, strict=True):
            if not value.may_be(NUMBER, BOOLEAN):
                message = f"found {value.describe()}, expected a number"
                self.report.report("wrong-type", message, argument, hint="range counts up to a number")
        return list_of(of_kind(NUMBER))

    def _method(self, function: Known, node: nodes.Call, scope: Scope) -> Known:
        if not isinstance(function.target, tuple):
            return ANY
        base, name = function.target
        if name == "get" and node.args:
            return self._get(base, node, scope)
        return self.entries(base, name)

    def entries(self, base: Known, what: str) -> Known:
        """Return what is known of the items, keys or values of a map."""
        each = self.rules.each(base)
        key = of_kind(STRING)
        if what == "items":
            return list_of(Known(frozenset({LIST}), target=(key, each)))
        if what == "keys":
            return list_of(key)
        return list_of(each) if what == "values" else ANY

    def _get(self, base: Known, node: nodes.Call, scope: Scope) -> Known:
        """Return what `map.get(key, default)` gives."""
        key = node.args[0]
        found = self.rules.key(base, str(key.value)) if isinstance(key, nodes.Const) else ANY
        if found is None or not isinstance(key, nodes.Const):
            self.report.read(base, below=True)
            return ANY
        self.report.read(found)
        other = self.use(node.args[1], scope) if len(node.args) > 1 else of_kind(NULL)
        return either(found.certain(), other) if found.missing else found


def _const(check: Expressions, node: nodes.Const, scope: Scope) -> Known:
    return constant(node.value)


def _template_data(check: Expressions, node: nodes.TemplateData, scope: Scope) -> Known:
    return of_kind(STRING)


def _name(check: Expressions, node: nodes.Name, scope: Scope) -> Known:
    value = scope.names.get(node.name)
    if value is None and check.rules.top.rule.get("additionalProperties", True) is not False:
        value = Known(path=(node.name,))
    if value is None:
        check.report.unknown("value", node.name, list(scope.names), node)
        return ANY
    return value.certain() if (node.name,) in scope.facts else value


def _getattr(check: Expressions, node: nodes.Getattr, scope: Scope) -> Known:
    return check.attribute(check.use(node.node, scope), node.attr, node, scope)


def _getitem(check: Expressions, node: nodes.Getitem, scope: Scope) -> Known:
    base = check.use(node.node, scope)
    if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
        return check.attribute(base, node.arg.value, node, scope)
    if isinstance(node.arg, nodes.Slice):
        for part in (node.arg.start, node.arg.stop, node.arg.step):
            if part is not None and not check.use(part, scope).may_be(NUMBER, NULL, BOOLEAN):
                message = "found no number, expected where the part begins or ends"
                check.report.report("wrong-type", message, part, hint="write a number")
        return base if base.may_be(STRING, LIST) else ANY
    place = check.use(node.arg, scope)
    if base.is_only(MAP) and isinstance(node.arg, nodes.Const):  # keys are texts
        return check.attribute(base, str(node.arg.value), node, scope)
    if base.is_only(LIST, STRING) and not place.may_be(NUMBER, BOOLEAN):
        message = f"found {place.describe()}, expected the number of an item"
        check.report.report("wrong-type", message, node.arg, hint="write a number, or loop over the list")
    if base.is_only(TEXT):
        operators.captured(check, "[…]", node)
    if base.is_only(NUMBER, BOOLEAN, NULL):
        message = f"found {base.describe()}, expected a map or a list to take from"
        notes = check.rules.note(base, "says what it is")
        check.report.report("wrong-type", message, node.node, hint="take the brackets out", notes=notes)
    each = check.rules.each(base) if base.is_only(MAP) or base.is_only(LIST) else ANY
    return each.certain() if way_to(node) in scope.facts else each


def _call(check: Expressions, node: nodes.Call, scope: Scope) -> Known:
    return check.call(node, scope)


def _condexpr(check: Expressions, node: nodes.CondExpr, scope: Scope) -> Known:
    check.use(node.test, scope)
    holds, fails = facts(check, node.test, scope)
    first = check.give(node.expr1, scope.child(holds))
    if node.expr2 is None:
        return replace(first, missing="the condition may not hold, and there is no else", source=node)
    return either(first, check.give(node.expr2, scope.child(fails)))


def _and(check: Expressions, node: nodes.And, scope: Scope) -> Known:
    left = check.use(node.left, scope)
    return either(left, check.give(node.right, scope.child(facts(check, node.left, scope)[0])))


def _or(check: Expressions, node: nodes.Or, scope: Scope) -> Known:
    left = check.use(node.left, scope)
    return either(left, check.give(node.right, scope.child(facts(check, node.left, scope)[1])))


def _list(check: Expressions, node: nodes.List | nodes.Tuple, scope: Scope) -> Known:
    """A literal may hold what is missing: only its use fails."""
    items = [check.give(each, scope) for each in node.items]
    for item in items:
        check.report.read(item, below=True)
    return list_of(union(items) if items else None)


def _dict(check: Expressions, node: nodes.Dict, scope: Scope) -> Known:
    fields = {}
    for pair in node.items:
        check.use(pair.key, scope)
        value = check.give(pair.value, scope)
        check.report.read(value, below=True)
        if isinstance(pair.key, nodes.Const):
            fields[str(pair.key.value)] = value.named()
    rule = {"additionalProperties": False} if len(fields) == len(node.items) > 0 else {}
    return Known(frozenset({MAP}), rule, fields=fields)


def _other(check: Expressions, node: nodes.Node, scope: Scope) -> Known:
    for each in node.iter_child_nodes():
        if isinstance(each, nodes.Expr):
            check.consume(each, scope)
    return ANY


_HANDLERS: dict[type[nodes.Node], Handler] = {
    nodes.Const: _const,
    nodes.TemplateData: _template_data,
    nodes.Name: _name,
    nodes.Getattr: _getattr,
    nodes.Getitem: _getitem,
    nodes.Call: _call,
    nodes.CondExpr: _condexpr,
    nodes.And: _and,
    nodes.Or: _or,
    nodes.List: _list,
    nodes.Tuple: _list,
    nodes.Dict: _dict,
    **operators.HANDLERS,
    **filtering.HANDLERS,
}
