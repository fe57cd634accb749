"""Jinja, set up: a sandbox that fails at once where a name is missing, and looks at sizes before it computes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from jinja2 import BaseLoader, StrictUndefined, UndefinedError, nodes
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from generator.render import filters
from generator.render import limits as bounds
from generator.render.tokens import Places


class MissingName(UndefinedError):
    """A name that nothing defines; `near` are the names that were there instead."""

    def __init__(self, name: str, near: list[str], message: str) -> None:
        super().__init__(message)
        self.name = name
        self.near = near


class _Strict(StrictUndefined):
    """Fails on every use, and knows which names there were."""

    def __init__(
        self, hint: str | None = None, obj: Any = None, name: str | None = None, exc: Any = UndefinedError
    ) -> None:
        if name is not None and exc is UndefinedError:
            name = str(name)  # of a list, it is the number of an item
            near = [str(key) for key in obj] if isinstance(obj, dict) else []
            exc = functools.partial(MissingName, name, near)
            hint = hint or f'nothing defines "{name}"' + (f" among {', '.join(near[:9])}" if near else "")
        super().__init__(hint, obj, name, exc)


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox; of a map, keys come before methods, so that a key may be called `items`."""

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        bounds.check_operator(operator, left, right)
        return bounds.short(super().call_binop(context, operator, left, right))

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


_S = TypeVar("_S", bound=Sandbox)


def environment(loader: BaseLoader, hidden: Mapping[str, Callable[..., Any]], sandbox: type[_S]) -> _S:
    """Return an environment of the class `sandbox`; `hidden` are filters that no template can call itself."""
    jinja = sandbox(
        loader=loader,
        undefined=_Strict,
        autoescape=True,  # makes captured text Markup, which `emit` puts in as it is
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        optimized=False,  # else what is constant and wrong fails while Jinja compiles, and has no line
        extensions=[Places],
        cache_size=-1,
    )
    builtin = {name: _bounded(name, jinja.filters[name]) for name in sorted(filters.BUILTIN)}
    jinja.filters = builtin | filters.FILTERS | dict(hidden)
    jinja.globals = {"range": jinja.globals["range"]}
    return jinja


def _bounded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return one of Jinja's filters, which looks at the size of its result before it computes it."""
    if name not in ("format", "indent", "join", "replace"):
        return function

    @functools.wraps(function)  # which also keeps what Jinja noted about its first argument
    def bounded(*arguments: Any, **keywords: Any) -> Any:
        values = arguments[1:] if isinstance(arguments[0], nodes.EvalContext) else arguments
        bounds.check_filter(name, *values)
        return bounds.short(function(*arguments, **keywords))

    return bounded
