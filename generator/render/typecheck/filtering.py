"""What filters and tests give, and which values and arguments they cannot take."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jinja2 import nodes
from jinja2.tests import TESTS

from generator.findings.suggest import nearest
from generator.render.filters import BYPASSING, NAMES
from generator.render.typecheck import signatures
from generator.render.typecheck.kinds import (
    ANY,
    BOOLEAN,
    LIST,
    MAP,
    SCALARS,
    STRING,
    TEXT,
    WRITTEN,
    Known,
    constant,
    either,
    list_of,
    of_kind,
)
from generator.render.typecheck.operators import captured
from generator.render.typecheck.scope import Scope

if TYPE_CHECKING:
    from generator.render.typecheck.expressions import Expressions


def _filter(check: Expressions, node: nodes.Filter, scope: Scope) -> Known:
    name = node.name
    if node.node is None:  # of a filter block
        return of_kind(TEXT)
    if name not in NAMES:
        _unknown_filter(check, name, node)
        check.give(node.node, scope)
        return ANY
    if name in ("default", "d"):
        return _default(check, node, scope)
    if name == "required":
        for each in node.args:
            check.use(each, scope)
        return check.give(node.node, scope).certain()
    value = check.use(node.node, scope)
    arguments = [check.use(each, scope) for each in _arguments(node)]
    _count_arguments(check, node, signatures.FILTER_ARGUMENTS[name])
    if name not in signatures.ON_TEXT and any(
        each.is_only(TEXT) or (each.item and each.item.is_only(TEXT)) for each in (value, *arguments)
    ):
        captured(check, f"| {name}", node)
        return of_kind(TEXT)
    if value.kinds and value.kinds <= signatures.FAIL_ON.get(name, set()):
        notes = check.rules.note(value, "says what it is")
        hint = "take the filter out, or give it another value"
        message = f"{name} cannot take {value.describe()}"
        check.report.report("wrong-type", message, node, name, hint=hint, notes=notes)
        return ANY
    return _filtered(check, name, value, node, scope)


def _arguments(node: nodes.Filter | nodes.Test) -> list[nodes.Expr]:
    return [*node.args, *(keyword.value for keyword in node.kwargs)]


def _count_arguments(
    check: Expressions, node: nodes.Filter | nodes.Test, takes: signatures.Arguments
) -> None:
    """Report arguments that a filter or test does not take, or that it needs and is not given."""
    given = [*node.args, *node.kwargs]
    unknown = [str(keyword.key) for keyword in node.kwargs if not takes.names_any(str(keyword.key))]
    message = f'{node.name} has no argument "{unknown[0]}"' if unknown else ""
    if node.dyn_args is None and node.dyn_kwargs is None and not unknown and not takes.fits(len(given)):
        message = f"found {len(given)} arguments of {node.name}, expected {takes.describe()}"
    if message:
        hint = "the manual of Jinja's filters and tests says what each of them takes"
        check.report.report("arguments", message, node, node.name, hint=hint)


def _unknown_filter(check: Expressions, name: str, node: nodes.Filter) -> None:
    if name in BYPASSING:
        hint = (
            "take it out: every value is encoded for its place; | yaml, | json and | hcl write lists and maps"
        )
        message = f"{name} would put a value out as it is"
        check.report.report("bypasses-encoding", message, node, name, hint=hint)
    else:
        check.report.unknown("filter", name, sorted(NAMES), node)


def _filtered(check: Expressions, name: str, value: Known, node: nodes.Filter, scope: Scope) -> Known:
    if value.is_only(TEXT):
        return value
    value = _with_attribute(check, name, value, node)
    if name in ("select", "reject") and _words(node)[:1] == ["defined" if name == "select" else "undefined"]:
        value = replace(value, item=value.item.certain() if value.item else None)
    if name in signatures.KEEP_ITEMS:
        return _kept(check, name, value)
    if value.item and value.item.missing and name not in ("length", "count"):
        check.blame_missing(value.item, node.node or node)
    if name in signatures.PICK_ITEM:
        return check.rules.each(value) if value.is_only(LIST) else ANY
    if name in ("items", "dictsort") and value.is_only(MAP):
        return check.entries(value, "items")
    if name == "map":
        return _mapped(check, value, node)
    if name not in ("length", "count"):
        check.report.read(value, below=True)
    if name in signatures.WRITERS:
        return of_kind(WRITTEN)
    return of_kind(signatures.GIVES[name]) if name in signatures.GIVES else ANY


def _with_attribute(check: Expressions, name: str, value: Known, node: nodes.Filter) -> Known:
    """Look at the key of each item that a filter names, and return what is known of the list then."""
    words = _words(node)
    keywords = {str(keyword.key): keyword.value for keyword in node.kwargs}
    named = keywords.get("attribute")
    attribute = words[0] if name in signatures.BY_ATTRIBUTE and words else None
    if name in signatures.BY_KEYWORD and isinstance(named, nodes.Const):
        attribute = named.value
    if not isinstance(attribute, str) or not value.is_only(LIST):
        return value
    item = check.rules.each(value)
    if (words[1:2] == ["defined"] and name == "selectattr") or (
        words[1:2] == ["undefined"] and name == "rejectattr"
    ):
        _look_at(check, item, attribute, node)
        present = item.present | set(check.rules.implied(item, attribute))
        return replace(value, item=replace(item, present=present))
    if words[1:2] in (["defined"], ["undefined"]):
        _look_at(check, item, attribute, node)
        return value
    found = _look_at(check, item, attribute, node)
    if found.missing and name != "map" and "default" not in keywords:
        hint = f'take only items that have it: | selectattr("{attribute}", "defined")'
        message = f"{attribute} may be missing of an item: {found.missing}"
        notes = check.rules.note(found, f"does not require {attribute}")
        check.report.report("maybe-missing", message, node, attribute, hint=hint, notes=notes)
    return value


def _look_at(check: Expressions, item: Known, attribute: str, node: nodes.Filter) -> Known:
    """Return what is known of a key, or a dotted path of keys, of each item."""
    found = item
    for part in attribute.split("."):
        if not found.is_only(MAP):
            check.report.read(found, below=True)
            return ANY
        inner = check.rules.key(found, part)
        if inner is None:
            where = ".".join(found.path or ()) or "an item"
            notes = check.rules.note(found, f"declares the keys of {where}")
            check.report.unknown("attribute", part, check.rules.keys(found), node, where=where, notes=notes)
            return ANY
        found = replace(inner, missing=found.missing or inner.missing)
    check.report.read(found)
    return found


def _mapped(check: Expressions, value: Known, node: nodes.Filter) -> Known:
    """Return what is known of `| map(attribute=…)` or `| map("filter")`."""
    for keyword in node.kwargs:
        if keyword.key == "attribute" and isinstance(keyword.value, nodes.Const):
            item = check.rules.each(value) if value.is_only(LIST) else ANY
            for part in str(keyword.value.value).split("."):
                inner = check.rules.key(item, part) if item.is_only(MAP) else None
                item = replace(inner, missing=item.missing or inner.missing) if inner else ANY
            if any(other.key == "default" for other in node.kwargs):
                item = ANY
            return list_of(replace(item, source=node) if item.missing else item)
    words = _words(node)
    check.report.read(value, below=True)
    if words and isinstance(words[0], str) and words[0] not in NAMES:
        _unknown_filter(check, words[0], node)
    given = signatures.GIVES.get(str(words[0])) if words else None
    return list_of(of_kind(given) if given else ANY)


def _words(node: nodes.Filter) -> list[Any]:
    return [each.value if isinstance(each, nodes.Const) else None for each in node.args]


def _kept(check: Expressions, name: str, value: Known) -> Known:
    if value.is_only(MAP):
        return list_of(of_kind(STRING))
    if name in ("sort", "unique", "select", "reject"):
        check.report.read(check.rules.each(value) if value.is_only(LIST) else value, below=True)
    return replace(value, kinds=frozenset({LIST})) if value.is_only(LIST) else ANY


def _default(check: Expressions, node: nodes.Filter, scope: Scope) -> Known:
    value = check.give(node.node, scope) if node.node else ANY
    if value.is_only(*SCALARS):
        check.report.read(value)
    elif not value.kinds:
        check.report.read(value, below=True)
    other = check.give(node.args[0], scope) if node.args else constant("")
    is_for_false = len(node.args) > 1 or any(keyword.key == "boolean" for keyword in node.kwargs)
    if value.missing or not value.kinds or is_for_false:
        return either(value.certain(), other)
    return value


def _test(check: Expressions, node: nodes.Test, scope: Scope) -> Known:
    if node.name not in TESTS:
        check.report.unknown("test", node.name, sorted(TESTS), node)
    if node.name not in signatures.TAKE_MISSING:
        check.use(node.node, scope)
    elif not isinstance(node.node, nodes.Name) or node.node.name in scope.names:
        check.report.read(check.give(node.node, scope))
    elif nearest(node.node.name, scope.names):  # else a partial may ask whether it is used with that name
        check.give(node.node, scope)
    for each in _arguments(node):
        check.use(each, scope)
    if node.name in TESTS:
        _count_arguments(check, node, signatures.TEST_ARGUMENTS[node.name])
    return of_kind(BOOLEAN)


HANDLERS: dict[type[nodes.Node], Any] = {nodes.Filter: _filter, nodes.Test: _test}
