"""Jinja's environment: a sandbox that fails on missing names, and checks sizes before it computes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from jinja2 import (
    BaseLoader,
    Environment,
    StrictUndefined,
    Template,
    UndefinedError,
    nodes,
    pass_context,
)
from jinja2.environment import TemplateModule
from jinja2.exceptions import FilterArgumentError
from jinja2.runtime import BlockReference, Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

from generator.findings.record import record
from generator.findings.suggest import listed
from generator.render import filters, limits
from generator.render.engine.captured import Captured, refuse, text_of
from generator.render.filters import CapturedTextError
from generator.render.tokens import PositionExtension


class MissingNameError(UndefinedError):
    """A name is not defined; `near` are the keys of the map that lacks it."""

    def __init__(self, name: str, near: list[str], message: str) -> None:
        super().__init__(message)
        self.name = name
        self.near = near


class _Strict(StrictUndefined):
    """Fails on every use, with the names that are defined."""

    def __init__(
        self, hint: str | None = None, obj: Any = None, name: str | None = None, exc: Any = UndefinedError
    ) -> None:
        if name is not None and exc is UndefinedError:
            name = str(name)  # for a list, it is an index
            near = [str(key) for key in obj] if isinstance(obj, dict) else []
            one_of = "one of " if len(near) > 1 else ""
            exc = functools.partial(MissingNameError, name, near)
            hint = hint or f'"{name}" is not defined' + (f", expected {one_of}{listed(near)}" if near else "")
        super().__init__(hint, obj, name, exc)


class _Module(TemplateModule):
    """The names that an imported template sets; its text cannot be reached."""

    def __str__(self) -> str:
        raise CapturedTextError("an import")


class OwnTemplate(Template):
    """A template whose module has no text."""

    def make_module(self, *arguments: Any, **keywords: Any) -> TemplateModule:
        return _Module(self, self.new_context(*arguments, **keywords))


@record
class _Inserted:
    """What a call block calls: its text is inserted as it is, not captured."""

    function: Any


_RENDERING = (Macro, BlockReference, LoopContext)  # what renders text when it is called
# Filters that take captured text as they take any value, and those that move it.
CARRYING = frozenset({"default", "d", "required"})
MOVING = frozenset({"indent", "trim"})
FOR_CAPTURED = frozenset({"defined", "undefined", "none"})  # tests


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox; the keys of a map take precedence over its methods, so that a key may be named `items`."""

    template_class = OwnTemplate
    intercepted_binops = frozenset({"*", "**", "%", "+"})
    budget = limits.Budget()

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        limits.check_operator(operator, left, right)
        return limits.check_size(super().call_binop(context, operator, left, right))

    def call_filter(self, name: str, *arguments: Any, **keywords: Any) -> Any:
        """Apply a filter that another one names, such as `map`: never a hidden one."""
        if name not in filters.NAMES:
            raise FilterArgumentError(f'there is no filter "{name}"')
        return super().call_filter(name, *arguments, **keywords)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        if isinstance(obj, _RENDERING):
            self.budget.step()
            if isinstance(obj, LoopContext):
                refuse("loop()", args)
            text = self._call(context, obj, *args, **kwargs)
            self.budget.write(len(text))
            return Captured(text)
        if isinstance(obj, _Inserted):
            called = self.call(context, obj.function, *args, **kwargs)
            return text_of(called) if isinstance(called, Captured) else called
        if callable(obj):
            refuse("a call", (*args, *kwargs.values()))
        return limits.check_size(self._call(context, obj, *args, **kwargs))

    _call = ImmutableSandboxedEnvironment.call

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        if isinstance(obj, Captured | list | tuple):
            refuse(f".{attribute}", (obj,))
        return super().getattr(obj, attribute)

    # What the loader adds to templates

    @pass_context  # prevents Jinja from calling it at compile time for constant expressions
    def _count(self, context: Context, value: Any, literal: str = "") -> Any:
        """Count an iteration or an include, with its literal text; return `value`."""
        self.budget.step()
        self.budget.write(len(literal))
        return value

    @pass_context
    def _capture(self, context: Context, text: str) -> Captured:
        """Return the text of a block as captured text."""
        self.budget.write(len(text))
        return Captured(text)

    @pass_context
    def _operand(self, context: Context, value: Any) -> Any:
        """Return an operand of a comparison. Raises CapturedTextError."""
        refuse("a comparison", (value,))
        return value

    @property
    def hidden(self) -> dict[str, Callable[..., Any]]:
        """The filters that only the loader may use."""
        return {
            "capture": self._capture,
            "insert": _insert,
            "inserted": _Inserted,
            "operand": self._operand,
            "count": self._count,
            "check_size": limits.check_size,
        }


def _insert(captured: Any) -> Any:
    """Return the text of a filter block, which is inserted as it is."""
    return text_of(captured) if isinstance(captured, Captured) else captured


def hidden_name(name: str) -> str:
    """Return the name of a hidden filter, which no template can write."""
    return f"<{name}>"


_S = TypeVar("_S", bound=Sandbox)


def environment(loader: BaseLoader, hidden: Mapping[str, Callable[..., Any]], sandbox: type[_S]) -> _S:
    """Return an environment of the class `sandbox`; `hidden` are filters that templates cannot call themselves."""
    jinja = sandbox(
        loader=loader,
        undefined=_Strict,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        optimized=False,  # else a wrong constant expression fails at compile time, without a line number
        extensions=[PositionExtension],
        cache_size=-1,
    )
    offered = {name: jinja.filters[name] for name in sorted(filters.BUILTIN)} | filters.FILTERS
    jinja.filters = {name: _guarded(name, each) for name, each in offered.items()}
    jinja.filters |= {hidden_name(name): each for name, each in {**jinja.hidden, **hidden}.items()}
    tests: Mapping[str, Any] = jinja.tests
    jinja.tests = {name: _guarded_test(name, each) for name, each in tests.items()}
    jinja.globals = {"range": jinja.globals["range"]}
    return jinja


@functools.cache  # an editor makes an environment for each keystroke in a template
def _guarded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter that refuses captured text and results that are too large."""
    if name in CARRYING:
        return function

    @functools.wraps(function)  # also copies Jinja's mark for the type of its first argument
    def guarded(*arguments: Any, **keywords: Any) -> Any:
        at = 1 if isinstance(arguments[0], Context | Environment | nodes.EvalContext) else 0
        if name in MOVING and isinstance(arguments[at], Captured):
            return _moved(name, function, *arguments, **keywords)
        refuse(f"| {name}", (*arguments[at:], *keywords.values()))
        result = function(*arguments, **keywords)
        return limits.check_size(list(result) if isinstance(result, Iterator) else result)

    return guarded


def _moved(
    name: str, function: Callable[..., Any], captured: Captured, *arguments: Any, **keywords: Any
) -> Captured:
    """Return captured text after a filter that moves it. Its arguments must not put text into it or cut some off."""
    if any(isinstance(each, str | Captured) for each in (*arguments, *keywords.values())):
        raise CapturedTextError(f"| {name} with a string")
    return Captured(limits.check_size(str(function(text_of(captured), *arguments, **keywords))))


@functools.cache
def _guarded_test(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a test that refuses captured text."""
    if name in FOR_CAPTURED:
        return function

    @functools.wraps(function)
    def guarded(*arguments: Any) -> Any:
        at = 1 if isinstance(arguments[0], Environment) else 0
        refuse(f"is {name}", arguments[at:])
        return function(*arguments)

    return guarded
