"""Checks expressions: finds their types, and reports what is wrong whatever the values are.

The handlers of the kinds of expressions are in `expressions`, `operators` and `filter_calls`; `statements` passes
them to the checker.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from jinja2 import nodes

from generator.render.typecheck.reporter import Reporter
from generator.render.typecheck.schema_types import OPTIONAL, SchemaTypes
from generator.render.typecheck.scope import Scope, access_path
from generator.render.typecheck.value_type import SCALARS, Type, unknown

CallMacro = Callable[[Type, nodes.Call, Scope], Type]
Observe = Callable[[str, nodes.Node, Type, Scope], None]
"""Takes the type of an expression, with its template and the names that it sees."""


def other_arguments(node: nodes.Call | nodes.Filter | nodes.Test) -> list[nodes.Expr]:
    """Return the arguments that are not positional: by name, and after `*` and `**`."""
    dynamic = [each for each in (node.dyn_args, node.dyn_kwargs) if each is not None]
    return [*(keyword.value for keyword in node.kwargs), *dynamic]


class Checker:
    """Finds the types of expressions. `call_macro` checks the body of a macro for one call of it."""

    def __init__(
        self,
        types: SchemaTypes,
        reporter: Reporter,
        handlers: Mapping[type[nodes.Node], Callable[[Checker, Any, Scope], Type]],
        call_macro: CallMacro,
        observe: Observe | None = None,
    ) -> None:
        self.types = types
        self.reporter = reporter
        self.call_macro = call_macro
        self._handlers = handlers
        self._observe = observe

    def type_of(self, node: nodes.Node, scope: Scope) -> Type:
        """Return the type of `node`, whose value may be missing."""
        handler = self._handlers.get(type(node))
        value = handler(self, node, scope) if handler else self._unhandled(node, scope)
        if self._observe:
            self._observe(self.reporter.template, node, value, scope)
        return replace(value, source=node) if value.missing and value.source is None else value

    def use(self, node: nodes.Node, scope: Scope) -> Type:
        """Return the type of `node` where its value is needed, and report that it may be missing."""
        value = self.type_of(node, scope)
        if value.missing:
            self.report_missing(value, node)
        if value.is_only(*SCALARS):
            self.reporter.read(value)
        elif not value.kinds:
            self.reporter.read(value, below=True)
        return value.certain()

    def use_all(self, node: nodes.Node, scope: Scope) -> Type:
        """Return the type of `node` where its value and everything in it is needed."""
        value = self.use(node, scope)
        self.reporter.read(value, below=True)
        return value

    def computes(self, what: str, node: nodes.Node, *operands: Type) -> bool:
        """Report an operation that refuses captured text, also inside of its operands; return whether it does."""
        refuses = any(operand.has_text for operand in operands)
        if refuses:
            self.reporter.rendered_text(what, node)
        return refuses

    def report_missing(self, value: Type, node: nodes.Node) -> None:
        """Report that `value`, the type of `node`, may be missing."""
        source = value.source or node
        path = access_path(source)
        name = ".".join(path).replace(".[", "[") if path else "the value"
        hint = f"guard it with {{% if {name} is defined %}}, or add | default(…)"
        if isinstance(source, nodes.Filter) and source.name == "map":
            name, hint = "an item", 'keep only defined items: | select("defined")'
        elif not path:
            hint = "add | default(…)"
        elif name == "super":
            hint = "remove it, or extend a template that has the block"
        notes = self.types.note(value, f"does not require {name}") if value.missing == OPTIONAL else ()
        word = path[-1].strip("[]") if path else ""
        message = f"{name} may be missing: {value.missing}"
        self.reporter.error("typecheck/maybe-missing", message, source, word, hint=hint, notes=notes)

    def _unhandled(self, node: nodes.Node, scope: Scope) -> Type:
        every = [
            self.use_all(each, scope) for each in node.iter_child_nodes() if isinstance(each, nodes.Expr)
        ]
        return unknown(*every)
