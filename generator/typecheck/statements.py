"""Follows the statements of templates: what they put out, loop over, set, include and import."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from jinja2 import nodes

from generator.engine import Engine, TemplateFailure
from generator.findings import Finding
from generator.typecheck import signatures
from generator.typecheck.expressions import Expressions
from generator.typecheck.kinds import (
    ANY,
    BOOLEAN,
    LIST,
    MACRO,
    MAP,
    MODULE,
    NULL,
    NUMBER,
    STRING,
    TEXT,
    Known,
    Rules,
    either,
    of_kind,
)
from generator.typecheck.reporter import Reporter
from generator.typecheck.scope import Fact, Scope, way_to

_DEPTH = 20  # of includes and macros inside each other; deeper ones are recursion


@dataclass(frozen=True, slots=True)
class _Macro:
    """A macro and what it sees besides its parameters."""

    template: str
    node: nodes.Macro
    scope: Scope


class Statements:
    """Follows templates from their first line; every name and branch on the way is looked at."""

    def __init__(self, engine: Engine, rules: Rules) -> None:
        self.reporter = Reporter(engine)
        self._engine = engine
        self._rules = rules
        self._expressions = Expressions(rules, self.reporter, self._call_macro)
        self._depth = 0
        self.used: set[str] = set()
        self.failures: list[Finding] = []

    def template(self, name: str, names: dict[str, Known]) -> None:
        """Follow the template `name`, which sees `names`."""
        tree = self._tree(name)
        if tree:
            self.reporter.template = name
            self._body(tree.body, Scope(dict(names)))

    def _tree(self, name: str) -> nodes.Template | None:
        self.used.add(name)
        try:
            return self._engine.tree(name)
        except TemplateFailure as failure:
            self.failures.append(failure.finding)
            return None

    def _body(self, body: Iterable[nodes.Node], scope: Scope) -> None:
        for node in body:
            handler: Callable[[Any, Scope], None] | None = getattr(
                self, f"_{type(node).__name__.lower()}", None
            )
            if handler:
                handler(node, scope)
            else:
                self._expressions.give(node, scope)

    def _output(self, node: nodes.Output, scope: Scope) -> None:
        for each in node.nodes:
            if isinstance(each, nodes.TemplateData):
                continue
            value = self._expressions.use(each, scope)
            if value.is_only(MAP, LIST):
                hint = "add | yaml, | flow, | json or | hcl"
                self.reporter.report(
                    "needs-filter", f"found {value.describe()}, expected one value", each, hint=hint
                )
            elif value.is_only(NULL, MACRO, MODULE):
                self.reporter.report("wrong-type", f"found {value.describe()}, expected one value", each)

    def _if(self, node: nodes.If, scope: Scope) -> None:
        self._expressions.use(node.test, scope)
        holds, fails = self._expressions.facts(node.test, scope)
        branches = [self._branch(node.body, scope, holds)]
        if node.elif_:
            first, *more = node.elif_
            rest = nodes.If(first.test, first.body, more, node.else_, lineno=first.lineno)
            branches.append(self._branch([rest], scope, fails))
        else:
            branches.append(self._branch(node.else_, scope, fails))
        _join(scope, branches)

    def _branch(self, body: list[nodes.Node], scope: Scope, facts: Iterable[Fact]) -> Scope:
        inner = scope.child(facts)
        self._body(body, inner)
        return inner

    def _for(self, node: nodes.For, scope: Scope) -> None:
        iterable = self._expressions.use(node.iter, scope)
        if iterable.is_only(STRING, NUMBER, BOOLEAN, NULL, TEXT):
            self.reporter.report(
                "not-iterable", f"found {iterable.describe()}, expected a list or a map", node.iter
            )
        self.reporter.read(iterable)
        for key in self._rules.flags(iterable):
            self.reporter.read(key)
        item = of_kind(STRING) if iterable.is_only(MAP) else ANY
        if iterable.is_only(LIST):
            item = self._rules.each(iterable)
        inner = scope.child()
        self._unpack(node.target, item, inner)
        inner.set("loop", _loop(item))
        if node.test:
            self._expressions.use(node.test, inner)
            inner = inner.child(self._expressions.facts(node.test, inner)[0])
        self._body(node.body, inner)
        self._body(node.else_, scope.child())

    def _unpack(self, target: nodes.Node, value: Known, scope: Scope) -> None:
        if isinstance(target, nodes.Name):
            scope.set(target.name, value)
        elif isinstance(target, nodes.Tuple):
            parts = value.target if isinstance(value.target, tuple) else ()
            if parts and len(parts) != len(target.items):
                message = f"found {len(target.items)} names, expected {len(parts)}"
                self.reporter.report("not-iterable", message, target)
            elif value.is_only(STRING, NUMBER, BOOLEAN, NULL, MAP):
                message = f"found {value.describe()}, expected a pair; a map gives pairs with .items()"
                self.reporter.report("not-iterable", message, target)
            for index, each in enumerate(target.items):
                self._unpack(each, parts[index] if index < len(parts) else ANY, scope)

    def _assign(self, node: nodes.Assign, scope: Scope) -> None:
        value = self._expressions.use(node.node, scope)
        self._unpack(node.target, value, scope)
        way = way_to(node.node)
        if way and isinstance(node.target, nodes.Name):
            scope.facts |= scope.facts_below(way, node.target.name)

    def _assignblock(self, node: nodes.AssignBlock, scope: Scope) -> None:
        self._body(node.body, scope.child())
        self._unpack(node.target, of_kind(TEXT), scope)

    def _with(self, node: nodes.With, scope: Scope) -> None:
        inner = scope.child()
        for target, value in zip(node.targets, node.values, strict=True):
            self._unpack(target, self._expressions.use(value, scope), inner)
        self._body(node.body, inner)

    def _scope(self, node: nodes.Scope, scope: Scope) -> None:
        self._body(node.body, scope.child())

    def _block(self, node: nodes.Block, scope: Scope) -> None:
        self._body(node.body, scope.child())

    def _filterblock(self, node: nodes.FilterBlock, scope: Scope) -> None:
        self._body(node.body, scope.child())
        if node.filter.name not in signatures.ON_TEXT:
            hint = "a filter block may only indent or trim"
            self.reporter.report(
                "captured-text",
                f"{node.filter.name} would look into text that a template made",
                node,
                hint=hint,
            )

    def _extends(self, node: nodes.Extends, scope: Scope) -> None:
        for name in self._templates(node.template, scope):
            self._follow(name, node, scope)

    def _include(self, node: nodes.Include, scope: Scope) -> None:
        for name in self._templates(node.template, scope, optional=node.ignore_missing):
            self._follow(name, node, scope if node.with_context else Scope({}))

    def _follow(self, name: str, node: nodes.Node, scope: Scope) -> None:
        tree = self._tree(name)
        if tree and self._depth < _DEPTH:
            self._depth += 1
            with self.reporter.inside(name, node.lineno):
                self._body(tree.body, scope.child())
            self._depth -= 1

    def _templates(self, node: nodes.Expr, scope: Scope, optional: bool = False) -> list[str]:
        """Return the templates that an expression can name; one that is not there is a mistake."""
        value = self._expressions.use(node, scope)
        names = sorted(value.choices or ())
        if value.choices is None and value.is_only(STRING):
            hint = "name one template, or choose by a value whose schema has an enum"
            self.reporter.report("any-template", "the name of the template can be any text", node, hint=hint)
        known = self._engine.names()
        for name in names:
            if name not in known and not optional:
                self.reporter.unknown("template", name, known, node)
        return [name for name in names if name in known]

    def _import(self, node: nodes.Import, scope: Scope) -> None:
        names = self._templates(node.template, scope)
        modules = {
            name: self._exports(name, node, scope if node.with_context else Scope({})) for name in names
        }
        scope.set(node.target, Known(frozenset({MODULE}), target=modules) if modules else ANY)

    def _fromimport(self, node: nodes.FromImport, scope: Scope) -> None:
        for template in self._templates(node.template, scope):
            exports = self._exports(template, node, scope if node.with_context else Scope({}))
            for pair in node.names:
                name, alias = pair if isinstance(pair, tuple) else (pair, pair)
                if name not in exports:
                    self.reporter.unknown("attribute", name, list(exports), node, f"templates/{template}")
                scope.set(alias, exports.get(name, ANY))
        for pair in node.names:
            alias = pair[1] if isinstance(pair, tuple) else pair
            scope.names.setdefault(alias, ANY)

    def _exports(self, name: str, node: nodes.Node, scope: Scope) -> dict[str, Known]:
        """Return what a template sets at its top level."""
        tree = self._tree(name)
        if tree is None or self._depth >= _DEPTH:
            return {}
        self._depth += 1
        inner = scope.child()
        with self.reporter.inside(name, node.lineno):
            self._body(tree.body, inner)
        self._depth -= 1
        return {key: value for key, value in inner.names.items() if key not in scope.names}

    def _macro(self, node: nodes.Macro, scope: Scope) -> None:
        known = Known(frozenset({MACRO}), target=_Macro(self.reporter.template, node, scope))
        scope.set(node.name, known)

    def _callblock(self, node: nodes.CallBlock, scope: Scope) -> None:
        self._expressions.use(node.call, scope)
        inner = scope.child()
        for argument in node.args:
            inner.set(argument.name, ANY)
        self._body(node.body, inner)

    def _call_macro(self, function: Known, call: nodes.Call, scope: Scope) -> Known:
        """Follow a macro's body with what is known of the arguments of this call."""
        macro: _Macro = function.target
        arguments = self._arguments(macro, call, scope)
        if self._depth >= _DEPTH:
            return of_kind(TEXT)
        inner = macro.scope.child()
        facts: set[Fact] = set()
        for name, (value, node) in arguments.items():
            inner.set(name, value)
            way = way_to(node) if node else None
            facts |= scope.facts_below(way, name) if way else set()
        for name in ("caller", "varargs", "kwargs"):
            inner.names.setdefault(name, ANY)
        inner.facts |= facts
        self._depth += 1
        with self.reporter.inside(macro.template, call.lineno):
            self._body(macro.node.body, inner)
        self._depth -= 1
        return of_kind(TEXT)

    def _arguments(
        self, macro: _Macro, call: nodes.Call, scope: Scope
    ) -> dict[str, tuple[Known, nodes.Node | None]]:
        names = [argument.name for argument in macro.node.args]
        given: dict[str, tuple[Known, nodes.Node | None]] = {}
        values = [(self._expressions.use(each, scope), each) for each in call.args]
        uses = {name.name for body in macro.node.body for name in body.find_all(nodes.Name)}
        if len(values) > len(names) and "varargs" not in uses:
            self._wrong_call(macro, call, f"found {len(values)} arguments, expected {len(names)}")
        given |= dict(zip(names, values, strict=False))
        for keyword in call.kwargs:
            if keyword.key not in names and "kwargs" not in uses:
                self._wrong_call(macro, call, f'there is no argument "{keyword.key}"')
            given[keyword.key] = (self._expressions.use(keyword.value, scope), keyword.value)
        defaults = dict(zip(reversed(names), reversed(macro.node.defaults), strict=False))
        for name in names:
            if name not in given and name in defaults:
                given[name] = (self._expressions.give(defaults[name], macro.scope), None)
            elif name not in given:
                given[name] = (
                    replace(ANY, missing=f"the call gives {macro.node.name} no argument {name}"),
                    None,
                )
        return given

    def _wrong_call(self, macro: _Macro, call: nodes.Call, message: str) -> None:
        names = ", ".join(argument.name for argument in macro.node.args)
        self.reporter.report(
            "arguments", message, call, macro.node.name, hint=f"it is {macro.node.name}({names})"
        )


def _loop(item: Known) -> Known:
    fields = {name: of_kind(kind) for name, kind in signatures.LOOP.items()}
    fields |= {
        name: replace(ANY, missing="" if name in ("cycle", "changed") else "the loop is at its end")
        for name in signatures.LOOP_OTHER
    }
    return Known(frozenset({MAP}), fields=fields, rule={"additionalProperties": False})


def _join(scope: Scope, branches: list[Scope]) -> None:
    """Bring together what branches have set: a name that one of them lacks may be missing behind them."""
    for name in sorted({name for branch in branches for name in branch.names}):
        values = [branch.names.get(name) for branch in branches]
        known = [value for value in values if value is not None]
        joined = known[0]
        for value in known[1:]:
            joined = either(joined, value)
        if len(known) < len(values):
            joined = replace(joined, missing="only one branch of a condition sets it")
        if scope.names.get(name) != joined:
            scope.set(name, joined)
