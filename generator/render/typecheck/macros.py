"""Calls of macros and of `caller`: the arguments of a call, and the names that a macro sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from jinja2 import nodes

from generator.findings.record import record
from generator.render.typecheck.checker import Checker
from generator.render.typecheck.scope import Scope
from generator.render.typecheck.value_type import ANY, MACRO, MAP, Conditions, Type, list_of, union, unknown


@record(eq=False)
class Macro:
    """A macro or the body of a call block, with its scope and the conditions of its definition."""

    template: str
    node: nodes.Macro | nodes.CallBlock
    scope: Scope
    conditions: Conditions

    @property
    def name(self) -> str:
        """The name of the macro; `caller` for the body of a call block."""
        return self.node.name if isinstance(self.node, nodes.Macro) else "caller"

    @property
    def arguments(self) -> list[str]:
        """The names of the arguments, in order."""
        return [argument.name for argument in self.node.args]

    def uses(self, name: str) -> bool:
        """Return whether the body uses a name."""
        return any(node.name == name for body in self.node.body for node in body.find_all(nodes.Name))

    def type(self) -> Type:
        """Return the type of the macro as a value."""
        return Type(frozenset({MACRO}), target=(self,))


@record
class Argument:
    """The type of an argument, and its expression in the call, if there is one."""

    value: Type
    node: nodes.Node | None = None


def bind(
    checker: Checker, macro: Macro, call: nodes.Call, scope: Scope, caller: Macro | None
) -> tuple[dict[str, Argument], dict[str, Type]]:
    """Return the arguments of a call by the names of the macro, and those that it has no names for.

    Report those that it does not have.
    """
    names = macro.arguments
    positional = [Argument(checker.type_of(each, scope), each) for each in call.args]
    named = [
        (keyword.key, Argument(checker.type_of(keyword.value, scope), keyword.value))
        for keyword in call.kwargs
    ]
    for message in _wrong_arguments(macro, len(positional), [name for name, _ in named], caller):
        hint = f"the macro is defined as {macro.name}({', '.join(names)})"
        word = call.node.attr if isinstance(call.node, nodes.Getattr) else getattr(call.node, "name", "")
        checker.reporter.error("typecheck/arguments", message, call.node, word, hint=hint)
    given = dict(zip(names, positional, strict=False)) | dict(named)
    dynamic = [checker.use(each, scope) for each in (call.dyn_args, call.dyn_kwargs) if each is not None]
    for name in names:
        if name not in given:
            why = f"the call of {macro.name} does not pass {name}"
            given[name] = Argument(unknown(*dynamic) if dynamic else replace(ANY, missing=why))
    arguments = {name: Argument(given[name].value.named(), given[name].node) for name in names}
    more = union([*map(unknown, dynamic), *(each.value for each in positional[len(names) :])])
    more_named = unknown(*dynamic, *(each.value for name, each in named if name not in names))
    others = {"varargs": list_of(more), "kwargs": Type(frozenset({MAP}), holds=more_named.holds)}
    return arguments, others


def _wrong_arguments(macro: Macro, count: int, named: list[str], caller: Macro | None) -> Iterator[str]:
    names = macro.arguments
    if count > len(names) and not macro.uses("varargs"):
        yield f"found {count} arguments, expected {len(names)}"
    for name in named:
        if name not in names and not macro.uses("kwargs"):
            yield f'there is no argument "{name}"'
        elif name in names[:count]:
            yield f'found the argument "{name}" twice'
    if caller and not macro.uses("caller"):
        yield f"{macro.name} does not use caller(), so it cannot be called by a call block"


def own_names(macro: Macro, caller: Macro | None) -> dict[str, Type]:
    """Return the names that a macro sees besides its arguments."""
    if not isinstance(macro.node, nodes.Macro):
        return {}
    why = "only a {% call %} block passes it"
    given = caller.type() if caller else replace(ANY, missing=why)

    return {"caller": given, "varargs": ANY, "kwargs": ANY}
