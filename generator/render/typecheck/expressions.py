"""The types of names, attributes, items, calls, conditions and literals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from jinja2 import nodes

from generator.render.typecheck import signatures
from generator.render.typecheck.checker import Checker, other_arguments
from generator.render.typecheck.narrowing import narrow
from generator.render.typecheck.scope import Scope, access_path
from generator.render.typecheck.value_type import (
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
    Type,
    constant,
    either,
    list_of,
    of_kind,
    tuple_of,
    union,
    unknown,
)


def _const(checker: Checker, node: nodes.Const, scope: Scope) -> Type:
    return constant(node.value)


def _template_data(checker: Checker, node: nodes.TemplateData, scope: Scope) -> Type:
    return of_kind(STRING)


def _name(checker: Checker, node: nodes.Name, scope: Scope) -> Type:
    value = scope.names.get(node.name)
    if value is None and checker.types.top.schema.get("additionalProperties", True) is not False:
        value = Type(path=(node.name,))
    if value is None:
        checker.reporter.unknown("value", node.name, list(scope.names), node)
        return ANY
    return value.certain() if (node.name,) in scope.facts else value


def _getattr(checker: Checker, node: nodes.Getattr, scope: Scope) -> Type:
    return _attribute(checker, checker.use(node.node, scope), node.attr, node, scope)


def _attribute(checker: Checker, base: Type, name: str, node: nodes.Node, scope: Scope) -> Type:
    """Return the type of `base.name`, and report a name that cannot exist."""
    if base.is_only(MODULE):
        return _exported(checker, base, name, node)
    if base.is_only(MAP):
        return _entry(checker, base, name, node, scope)
    if base.has_text and (base.may_be(LIST) or not base.is_only(TEXT)):
        checker.reporter.rendered_text(f".{name}", node)
        return ANY
    methods = {STRING: signatures.STRING_METHODS, LIST: signatures.LIST_METHODS}
    is_known = base.is_only(STRING, LIST, NUMBER, BOOLEAN, NULL, TEXT, MACRO)
    if is_known and all(name not in methods.get(kind, ()) for kind in base.kinds):
        message = f'{base.describe()} has no "{name}"'
        notes = checker.types.note(base, "declares its type")
        hint = "remove it: only maps have keys"
        checker.reporter.error("typecheck/unknown-attribute", message, node, name, hint=hint, notes=notes)
    return ANY


def _entry(checker: Checker, base: Type, name: str, node: nodes.Node, scope: Scope) -> Type:
    """Return the type of a key or of a method of a map."""
    value = checker.types.key(base, name)
    is_declared = name in base.fields or name in base.schema.get("properties", {})
    if name in signatures.MAP_METHODS and (value is None or value.missing or not is_declared):
        return Type(frozenset({OTHER}), target=(base, name))
    if value is None:
        where = ".".join(base.path or ()) or "the map"
        notes = checker.types.note(base, f"declares the keys of {where}")
        keys = checker.types.keys(base)
        checker.reporter.unknown("attribute", name, keys, node, where=where, notes=notes)
        return ANY
    return value.certain() if access_path(node) in scope.facts else value


def _exported(checker: Checker, module: Type, name: str, node: nodes.Node) -> Type:
    for template, names in module.target.items():
        if name not in names:
            what = "block" if template == "self" else "attribute"
            where = "" if template == "self" else checker.reporter.path(template)
            hint = "fix the name, or add it to that template"
            checker.reporter.unknown(what, name, list(names), node, where=where, hint=hint)
    return union(names[name] for names in module.target.values() if name in names)


def _getitem(checker: Checker, node: nodes.Getitem, scope: Scope) -> Type:
    base = checker.use(node.node, scope)
    if base.may_be_text:
        checker.reporter.rendered_text("[…]", node)
        return ANY
    if isinstance(node.arg, nodes.Slice):
        return _slice(checker, base, node.arg, scope)
    if isinstance(node.arg, nodes.Const) and (base.is_only(MAP) or isinstance(node.arg.value, str)):
        return _attribute(checker, base, str(node.arg.value), node, scope)  # keys are strings
    index = checker.use(node.arg, scope)
    if checker.computes("[…]", node.arg, index):
        return ANY
    if base.is_only(LIST, STRING) and not index.may_be(NUMBER, BOOLEAN):
        message = f"found {index.describe()}, expected an index"
        hint = "use a number, or loop over the list"
        checker.reporter.error("typecheck/wrong-type", message, node.arg, hint=hint)
    if base.is_only(NUMBER, BOOLEAN, NULL):
        message = f"found {base.describe()}, expected a map or a list"
        notes = checker.types.note(base, "declares its type")
        checker.reporter.error(
            "typecheck/wrong-type", message, node.node, hint="remove the brackets", notes=notes
        )
    each = checker.types.each(base) if base.is_only(MAP) or base.is_only(LIST) else unknown(base)
    if isinstance(node.arg, nodes.Const) and node.arg.value in range(len(base.parts)):
        each = base.parts[node.arg.value]
    return each.certain() if access_path(node) in scope.facts else each


def _slice(checker: Checker, base: Type, node: nodes.Slice, scope: Scope) -> Type:
    for part in (node.start, node.stop, node.step):
        bound = checker.use(part, scope) if part is not None else ANY
        if part is not None and checker.computes("[…]", part, bound):
            continue
        if part is not None and not bound.may_be(NUMBER, NULL, BOOLEAN):
            message = f"found {bound.describe()}, expected a number in the slice"
            checker.reporter.error("typecheck/wrong-type", message, part, hint="use a number")
    return replace(base, target=None) if base.may_be(STRING, LIST) else ANY


def _call(checker: Checker, node: nodes.Call, scope: Scope) -> Type:
    function = checker.use(node.node, scope)
    if function.is_only(MACRO):
        return checker.call_macro(function, node, scope)
    arguments = [checker.use(each, scope) for each in node.args]
    named = [checker.use(each, scope) for each in other_arguments(node)]
    if (function.kinds or not function.holds) and checker.computes("a call", node, *arguments, *named):
        return ANY
    if isinstance(node.node, nodes.Name) and node.node.name == "range" and not function.kinds:
        return _range(checker, node, arguments)
    if function.is_only(OTHER):
        return _method(checker, function, node, scope)
    if function.target == "loop" and function.may_be(OTHER):
        return of_kind(TEXT)
    if function.target == "loop":
        hint = "write {% for … recursive %}"
        checker.reporter.error("typecheck/not-callable", "the loop is not recursive", node.node, hint=hint)
    elif function.is_only(*SCALARS, MAP, LIST, TEXT):
        message = f"found {function.describe()}, expected a macro to call"
        checker.reporter.error("typecheck/not-callable", message, node.node, hint="remove the parentheses")
    return unknown(function)


def _range(checker: Checker, node: nodes.Call, arguments: list[Type]) -> Type:
    for argument, value in zip(node.args, arguments, strict=True):
        if not value.may_be(NUMBER, BOOLEAN):
            message = f"found {value.describe()}, expected a number"
            checker.reporter.error("typecheck/wrong-type", message, argument, hint="pass a number to range")
    return list_of(of_kind(NUMBER))


def _method(checker: Checker, function: Type, node: nodes.Call, scope: Scope) -> Type:
    if not isinstance(function.target, tuple):
        return unknown(function)
    base, name = function.target
    if name != "get" or not node.args:
        return checker.types.entries(base, name)
    key = node.args[0]  # of `map.get(key, default)`
    value = checker.types.key(base, str(key.value)) if isinstance(key, nodes.Const) else None
    if value is None:
        checker.reporter.read(base, below=True)
        return unknown(base)
    checker.reporter.read(value)
    default = checker.use(node.args[1], scope) if len(node.args) > 1 else of_kind(NULL)
    return either(value.certain(), default) if value.missing else value


def _condexpr(checker: Checker, node: nodes.CondExpr, scope: Scope) -> Type:
    checker.use(node.test, scope)
    if_true, if_false = narrow(checker, node.test, scope)
    first = checker.type_of(node.expr1, scope.child(if_true))
    if node.expr2 is None:
        return replace(first, missing="the condition may be false, and there is no else", source=node)
    return either(first, checker.type_of(node.expr2, scope.child(if_false)))


def _and(checker: Checker, node: nodes.And, scope: Scope) -> Type:
    left = checker.use(node.left, scope)
    if_true, _ = narrow(checker, node.left, scope)
    return either(left, checker.type_of(node.right, scope.child(if_true)))


def _or(checker: Checker, node: nodes.Or, scope: Scope) -> Type:
    left = checker.use(node.left, scope)
    _, if_false = narrow(checker, node.left, scope)
    return either(left, checker.type_of(node.right, scope.child(if_false)))


def _list(checker: Checker, node: nodes.List | nodes.Tuple, scope: Scope) -> Type:
    items = [checker.type_of(each, scope) for each in node.items]  # may be missing: only their use fails
    for item in items:
        checker.reporter.read(item, below=True)
    return tuple_of(items)


def _dict(checker: Checker, node: nodes.Dict, scope: Scope) -> Type:
    fields = {}
    holds = False
    for pair in node.items:
        checker.computes("a key", pair.key, checker.use(pair.key, scope))
        value = checker.type_of(pair.value, scope)
        checker.reporter.read(value, below=True)
        if isinstance(pair.key, nodes.Const):
            fields[str(pair.key.value)] = value.named()
        holds = holds or value.has_text
    schema = {"additionalProperties": False} if len(fields) == len(node.items) > 0 else {}
    return Type(frozenset({MAP}), schema, fields=fields, holds=holds)


HANDLERS: dict[type[nodes.Node], Callable[[Checker, Any, Scope], Type]] = {
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
}
