"""Calls of macros, of `caller`, of blocks and of recursive loops: which arguments they take, and what is called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jinja2 import nodes

from generator.render.typecheck.kinds import ANY, MACRO, Conditions, Known
from generator.render.typecheck.scope import Scope

if TYPE_CHECKING:
    from generator.render.typecheck.expressions import Expressions


@dataclass(frozen=True, slots=True, eq=False)
class Macro:
    """A macro or the body of a call block, what it sees besides its arguments, and what it takes to get there."""

    template: str
    node: nodes.Macro | nodes.CallBlock
    scope: Scope
    conditions: Conditions

    @property
    def name(self) -> str:
        """Its name; that of the body of a call block is `caller`."""
        return self.node.name if isinstance(self.node, nodes.Macro) else "caller"

    @property
    def arguments(self) -> list[str]:
        """The names of its arguments, in order."""
        return [argument.name for argument in self.node.args]

    def uses(self, name: str) -> bool:
        """Say whether its body uses a name."""
        return any(found.name == name for body in self.node.body for found in body.find_all(nodes.Name))

    def known(self) -> Known:
        """Return what is known of the name that stands for it."""
        return Known(frozenset({MACRO}), target=(self,))


@dataclass(frozen=True, slots=True)
class Argument:
    """What is known of an argument, and the expression that gives it, if there is one."""

    value: Known
    node: nodes.Node | None = None


def bind(
    check: Expressions, macro: Macro, call: nodes.Call, scope: Scope, caller: Macro | None
) -> dict[str, Argument]:
    """Return what the arguments of a call give the names of a macro; one that it does not take is a mistake."""
    names = macro.arguments
    positional = [Argument(check.give(each, scope), each) for each in call.args]
    named = [
        (keyword.key, Argument(check.give(keyword.value, scope), keyword.value)) for keyword in call.kwargs
    ]
    for message in _mistakes(macro, len(positional), [name for name, _ in named], caller):
        hint = f"it is {macro.name}({', '.join(names)})"
        word = call.node.attr if isinstance(call.node, nodes.Getattr) else getattr(call.node, "name", "")
        check.report.report("arguments", message, call.node, word, hint=hint)
    given = dict(zip(names, positional, strict=False)) | dict(named)
    is_open = call.dyn_args is not None or call.dyn_kwargs is not None
    for name in names:
        if name not in given:
            why = f"the call gives {macro.name} no argument {name}"
            given[name] = Argument(ANY if is_open else replace(ANY, missing=why))
    return {name: Argument(each.value.named(), each.node) for name, each in given.items()}


def _mistakes(macro: Macro, count: int, named: list[str], caller: Macro | None) -> Iterator[str]:
    names = macro.arguments
    if count > len(names) and not macro.uses("varargs"):
        yield f"found {count} arguments, expected {len(names)}"
    for name in named:
        if name not in names and not macro.uses("kwargs"):
            yield f'there is no argument "{name}"'
        elif name in names[:count]:
            yield f'found the argument "{name}" twice'
    if caller and not macro.uses("caller"):
        yield f"{macro.name} does not use caller(), so it takes no call block"


def own_names(macro: Macro, caller: Macro | None) -> dict[str, Known]:
    """Return what a macro sees besides its arguments."""
    if not isinstance(macro.node, nodes.Macro):
        return {}
    why = "only a {% call %} block gives a macro its caller"
    given = caller.known() if caller else replace(ANY, missing=why)
    return {"caller": given, "varargs": ANY, "kwargs": ANY}
