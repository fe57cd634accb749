"""The types of filters and tests, and the values and arguments that they do not accept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from jinja2 import nodes
from jinja2.tests import TESTS

from generator.findings.suggest import nearest
from generator.render.engine.sandbox import FOR_CAPTURED, MOVING
from generator.render.filters import BYPASSING, NAMES
from generator.render.typecheck import signatures
from generator.render.typecheck.checker import Checker, other_arguments
from generator.render.typecheck.scope import Scope
from generator.render.typecheck.value_type import (
    ANY,
    BOOLEAN,
    LIST,
    MAP,
    NUMBER,
    SCALARS,
    STRING,
    TEXT,
    WRITTEN,
    Type,
    constant,
    either,
    list_of,
    of_kind,
)

_EXISTENCE = (["defined"], ["undefined"])  # tests of an attribute that may be missing


def _filter(checker: Checker, node: nodes.Filter, scope: Scope) -> Type:
    name = node.name
    if node.node is None:  # a filter block
        return of_kind(TEXT)
    if name not in NAMES:
        _unknown_filter(checker, name, node)
        checker.type_of(node.node, scope)
        return ANY
    if name in ("default", "d"):
        return _default(checker, node, scope)
    if name == "required":
        for each in node.args:
            checker.use(each, scope)
        return checker.type_of(node.node, scope).certain()
    value = checker.use(node.node, scope)
    arguments = [checker.use(each, scope) for each in _arguments(node)]
    _count_arguments(checker, node, signatures.filter_arguments(name))
    if name in MOVING and TEXT in value.kinds and not value.has_text_inside and WRITTEN not in value.kinds:
        check_moving(checker, node, arguments)
        return value
    if checker.computes(f"| {name}", node, value, *arguments):
        return ANY
    if value.kinds and value.kinds <= signatures.FAIL_ON.get(name, set()):
        notes = checker.types.note(value, "declares its type")
        hint = "remove the filter, or apply it to another value"
        message = f"the filter {name} does not accept {value.describe()}"
        checker.reporter.error("typecheck/wrong-type", message, node, name, hint=hint, notes=notes)
        return ANY
    return _filtered(checker, name, value, node)


def check_moving(checker: Checker, node: nodes.Filter, arguments: list[Type]) -> None:
    """Report a string as an argument of a filter that moves captured text: it would get into the text unencoded.

    An argument of an unknown type is a string for trim; for indent it may be a number, which only the render knows.
    """
    is_text = node.name == "trim"
    strings = (each.may_be_text or (each.may_be(STRING) and (each.kinds or is_text)) for each in arguments)
    if any(strings) or node.dyn_args:
        checker.reporter.rendered_text(f"| {node.name} with a string", node)


def _arguments(node: nodes.Filter | nodes.Test) -> list[nodes.Expr]:
    return [*node.args, *other_arguments(node)]


def _count_arguments(checker: Checker, node: nodes.Filter | nodes.Test, takes: signatures.Arguments) -> None:
    """Report arguments that a filter or test does not accept, or that are missing."""
    given = [*node.args, *node.kwargs]
    unknown = [str(keyword.key) for keyword in node.kwargs if not takes.names_any(str(keyword.key))]
    message = f'{node.name} has no argument "{unknown[0]}"' if unknown else ""
    if node.dyn_args is None and node.dyn_kwargs is None and not unknown and not takes.fits(len(given)):
        message = f"found {len(given)} arguments for {node.name}, expected {takes.describe()}"
    if message:
        hint = "see the lists of filters and tests in Jinja's Template Designer Documentation"
        checker.reporter.error("typecheck/arguments", message, node, node.name, hint=hint)


def _unknown_filter(checker: Checker, name: str, node: nodes.Filter) -> None:
    if name in BYPASSING:
        hint = "remove it: oetgen encodes every value; use | yaml, | json or | hcl for lists and maps"
        message = f"{name} would write a value unencoded"
        checker.reporter.error("typecheck/bypasses-encoding", message, node, name, hint=hint)
    else:
        checker.reporter.unknown("filter", name, sorted(NAMES), node)


def _filtered(checker: Checker, name: str, value: Type, node: nodes.Filter) -> Type:
    value = _with_attribute(checker, name, value, node)
    if (name, *_words(node)[:1]) in (("select", "defined"), ("reject", "undefined")):
        value = replace(value, item=value.item and value.item.certain())
    if name in signatures.KEEP_ITEMS:
        return _kept(checker, name, value)
    if name in ("length", "count"):
        return of_kind(NUMBER)
    if value.item and value.item.missing:
        checker.report_missing(value.item, node.node or node)
    if name in signatures.PICK_ITEM:
        return checker.types.each(value) if value.is_only(LIST) else ANY
    if name in ("items", "dictsort") and value.is_only(MAP):
        return checker.types.entries(value, "items")
    if name == "map":
        return _mapped(checker, value, node)
    checker.reporter.read(value, below=True)
    return of_kind(signatures.RETURNS[name]) if name in signatures.RETURNS else ANY


def _with_attribute(checker: Checker, name: str, value: Type, node: nodes.Filter) -> Type:
    """Check the key of each item that a filter names, and return the type of the list after that."""
    words = _words(node)
    keywords = {str(keyword.key): keyword.value for keyword in node.kwargs}
    named = keywords.get("attribute")
    attribute = words[0] if name in signatures.BY_ATTRIBUTE and words else None
    if name in signatures.BY_KEYWORD and isinstance(named, nodes.Const):
        attribute = named.value
    if not isinstance(attribute, str) or not value.is_only(LIST):
        return value
    item = checker.types.each(value)
    key = _key_of_item(checker, item, attribute, node)
    if (name, *words[1:2]) in (("selectattr", "defined"), ("rejectattr", "undefined")):
        present = item.present | set(checker.types.implied(item, attribute))
        return replace(value, item=replace(item, present=present))
    if key.missing and name != "map" and "default" not in keywords and words[1:2] not in _EXISTENCE:
        hint = f'keep only items that have it: | selectattr("{attribute}", "defined")'
        message = f"{attribute} may be missing in an item: {key.missing}"
        notes = checker.types.note(key, f"does not require {attribute}")
        checker.reporter.error("typecheck/maybe-missing", message, node, attribute, hint=hint, notes=notes)
    return value


def _key_of_item(checker: Checker, item: Type, attribute: str, node: nodes.Filter) -> Type:
    """Return the type of a key, or a dotted path of keys, of each item."""
    value = item
    for part in attribute.split("."):
        if not value.is_only(MAP):
            checker.reporter.read(value, below=True)
            return ANY
        inner = checker.types.key(value, part)
        if inner is None:
            where = ".".join(value.path or ()) or "an item"
            notes = checker.types.note(value, f"declares the keys of {where}")
            keys = checker.types.keys(value)
            checker.reporter.unknown("attribute", part, keys, node, where=where, notes=notes)
            return ANY
        value = replace(inner, missing=value.missing or inner.missing)
    checker.reporter.read(value)
    return value


def _mapped(checker: Checker, value: Type, node: nodes.Filter) -> Type:
    """Return the type of `| map(attribute=…)` or `| map("filter")`."""
    keywords = {str(keyword.key): keyword.value for keyword in node.kwargs}
    attribute = keywords.get("attribute")
    if isinstance(attribute, nodes.Const):
        item = checker.types.each(value) if value.is_only(LIST) and "default" not in keywords else ANY
        for part in str(attribute.value).split("."):
            inner = checker.types.key(item, part) if item.is_only(MAP) else None
            item = replace(inner, missing=item.missing or inner.missing) if inner else ANY
        return list_of(replace(item, source=node) if item.missing else item)
    words = _words(node)
    checker.reporter.read(value, below=True)
    if words and isinstance(words[0], str) and words[0] not in NAMES:
        _unknown_filter(checker, words[0], node)
    kind = signatures.RETURNS.get(str(words[0])) if words else None
    return list_of(of_kind(kind) if kind else ANY)


def _words(node: nodes.Filter) -> list[Any]:
    return [each.value if isinstance(each, nodes.Const) else None for each in node.args]


def _kept(checker: Checker, name: str, value: Type) -> Type:
    if value.is_only(MAP):
        return list_of(of_kind(STRING))
    if name in ("sort", "unique", "select", "reject"):
        checker.reporter.read(checker.types.each(value) if value.is_only(LIST) else value, below=True)
    return replace(value, kinds=frozenset({LIST}), target=None) if value.is_only(LIST) else ANY


def _default(checker: Checker, node: nodes.Filter, scope: Scope) -> Type:
    value = checker.type_of(node.node, scope) if node.node else ANY
    if value.is_only(*SCALARS):
        checker.reporter.read(value)
    elif not value.kinds:
        checker.reporter.read(value, below=True)
    other = checker.type_of(node.args[0], scope) if node.args else constant("")
    is_for_false = len(node.args) > 1 or any(keyword.key == "boolean" for keyword in node.kwargs)
    if value.missing or not value.kinds or is_for_false:
        return either(value.certain(), other)
    return value


def _test(checker: Checker, node: nodes.Test, scope: Scope) -> Type:
    value = ANY
    if node.name not in TESTS:
        checker.reporter.unknown("test", node.name, sorted(TESTS), node)
    if node.name not in signatures.TAKE_MISSING:
        value = checker.use(node.node, scope)
    elif not isinstance(node.node, nodes.Name) or node.node.name in scope.names:
        value = checker.type_of(node.node, scope)
        checker.reporter.read(value)
    elif nearest(node.node.name, scope.names):  # else a partial may test whether the name is defined
        checker.type_of(node.node, scope)
    arguments = [checker.use(each, scope) for each in _arguments(node)]
    if node.name not in FOR_CAPTURED:
        checker.computes(f"is {node.name}", node, value, *arguments)
    if node.name in TESTS:
        _count_arguments(checker, node, signatures.test_arguments(node.name))
    return of_kind(BOOLEAN)


HANDLERS: dict[type[nodes.Node], Any] = {nodes.Filter: _filter, nodes.Test: _test}
