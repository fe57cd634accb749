"""Jinja's sandbox for a traced render: operations on tainted values return tainted values.

It computes nothing itself: each method calls the sandbox of a plain render, then derives the tag of the result from
the tags of the operands.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jinja2 import Undefined
from jinja2.environment import TemplateModule
from jinja2.runtime import Context, Macro

from generator.provenance.trace import marks, tainted
from generator.provenance.trace.recorder import Recorder
from generator.provenance.trace.tainted import TaintedList, TaintedMap
from generator.render.engine import Captured, Sandbox, text_of
from generator.render.filters import NAMES

# Filters whose result depends only on the number of items.
_COUNTS = ("count", "length")
# Filters whose result depends on comparing the items with each other or with an argument.
_COMPARE = ("dictsort", "groupby", "max", "min", "reject", "select", "sort", "unique")
# Filters that move rendered text: the marks in it are removed before and restored after.
_MOVES = {"indent": marks.after_indent, "trim": marks.after_trim}


class TracedSandbox(Sandbox):
    """The sandbox of a plain render, which also records what is read."""

    recorder: Recorder
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})
    intercepted_unops = frozenset({"+", "-"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, TaintedMap):
            there = dict.__contains__(obj, attribute)
            value = obj[attribute] if there else super(Sandbox, self).getattr(obj, attribute)
            return self._read(obj, attribute, value) if there or isinstance(value, Undefined) else value
        value = super().getattr(obj, attribute)
        if isinstance(obj, TemplateModule):
            self.recorder.inherit(obj, value)
        return value

    def getitem(self, obj: Any, argument: Any) -> Any:
        value = super().getitem(obj, argument)
        return self._read(obj, argument, value) if isinstance(obj, TaintedMap | TaintedList) else value

    def _read(self, container: Any, key: Any, value: Any) -> Any:
        self.recorder.note(
            tainted.tag_of(value) if tainted.is_tainted(value) else tainted.child_tag(container, key)
        )
        return value

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        if isinstance(obj, Macro):
            before = self.recorder.enter_macro(obj)
            text = super().call(context, obj, *args, **kwargs)
            self.recorder.leave_macro(before)
            return text
        result = super().call(context, obj, *args, **kwargs)
        return _from((getattr(obj, "__self__", None), *args, *kwargs.values()), result)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        return _from((left, right), super().call_binop(context, operator, left, right))

    def call_unop(self, context: Context, operator: str, arg: Any) -> Any:
        return _from((arg,), super().call_unop(context, operator, arg))

    def follow(self, recorder: Recorder) -> None:
        """Let `recorder` follow everything that is computed, including filters and tests."""
        self.recorder = recorder
        self.filters = {
            name: self._filter(name, function) if name in NAMES else function
            for name, function in self.filters.items()
        }
        tests: Mapping[str, Any] = self.tests
        self.tests = {name: self._test(function) for name, function in tests.items()}

    def _filter(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)  # also copies Jinja's mark for the type of its first argument
        def traced(*arguments: Any, **keywords: Any) -> Any:
            if name in _MOVES and (moved := _move(name, function, arguments, keywords)) is not None:
                return moved
            result = function(*arguments, **keywords)
            if isinstance(result, Iterator):
                result = list(result)
            given = (*arguments, *keywords.values())
            if name in _COMPARE:
                looks_at = tainted.all_in if name == "dictsort" and len(given) > 1 else tainted.deep
                self.recorder.note(tainted.join(looks_at(given)))
            return result if name in _COUNTS else _from(given, result)

        return traced

    def _test(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def traced(*arguments: Any) -> Any:
            if len(arguments) > 1:  # what the value is compared with
                self.recorder.note(tainted.join(tainted.all_in(arguments)))
            return function(*(tainted.plain(each) for each in arguments))

        return traced


def _from(values: tuple[Any, ...], result: Any) -> Any:
    """Return `result`, computed from `values`, with their tags where it has none."""
    if isinstance(result, bool) or not isinstance(result, str | int | float | list | tuple):
        return result
    return tainted.with_missing_tags(result, tainted.join(tainted.deep(values)))


def _move(
    name: str, function: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Captured | None:
    """Return rendered text after a filter that moves it, with its marks; None when it has none."""

    captured, *others = arguments
    if not isinstance(captured, Captured):
        return None

    def change(bare: str) -> str:
        return text_of(function(Captured(bare), *others, **keywords))

    return Captured(marks.moved(text_of(captured), change, _MOVES[name]))
