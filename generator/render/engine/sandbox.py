"""Jinja's environment: a sandbox that fails on missing names, and checks sizes before it computes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from jinja2 import BaseLoader, StrictUndefined, UndefinedError, nodes
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from generator.findings.suggest import listed
from generator.render import filters, limits
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


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox; the keys of a map take precedence over its methods, so that a key may be named `items`."""

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        limits.check_operator(operator, left, right)
        return limits.check_length(super().call_binop(context, operator, left, right))

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


_S = TypeVar("_S", bound=Sandbox)


def environment(loader: BaseLoader, hidden: Mapping[str, Callable[..., Any]], sandbox: type[_S]) -> _S:
    """Return an environment of the class `sandbox`; `hidden` are filters that templates cannot call themselves."""
    jinja = sandbox(
        loader=loader,
        undefined=_Strict,
        autoescape=True,  # makes rendered text Markup, which `emit` inserts as it is
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        optimized=False,  # else a wrong constant expression fails at compile time, without a line number
        extensions=[PositionExtension],
        cache_size=-1,
    )
    builtin = {name: _limited(name, jinja.filters[name]) for name in sorted(filters.BUILTIN)}
    jinja.filters = builtin | filters.FILTERS | dict(hidden)
    jinja.globals = {"range": jinja.globals["range"]}
    return jinja


def _limited(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return one of Jinja's filters, with a check of the size of its result before it runs."""
    if name not in ("format", "indent", "join", "replace"):
        return function

    @functools.wraps(function)  # also copies Jinja's mark for the type of its first argument
    def limited(*arguments: Any, **keywords: Any) -> Any:
        values = arguments[1:] if isinstance(arguments[0], nodes.EvalContext) else arguments
        limits.check_filter(name, *values)
        return limits.check_length(function(*arguments, **keywords))

    return limited
