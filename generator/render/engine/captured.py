"""Text that a template rendered itself: with a macro, `caller()`, a block, or `{% set %}` to `{% endset %}`.

It has values as marks, and literal text of the template, which is not encoded. Mixed with it, a plain value would
escape its encoding. So it is not a string: only `{{ }}` can write it, and it refuses everything else by itself, in
each filter and operator, also as an item of a list or map.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, ValuesView
from typing import Any, NoReturn

from jinja2.environment import TemplateModule

from generator.render.filters import CapturedTextError, Structure


class Captured:
    """Captured text. It can be written, tested with `if`, named, put into a list or map, and passed to a macro."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __bool__(self) -> bool:
        return bool(self._text)


def _refuse(*operands: object) -> NoReturn:
    raise CapturedTextError("an operation")


_REFUSED = (
    "str repr format hash eq ne lt le gt ge len iter contains getitem add radd sub rsub mul rmul mod rmod pow rpow"
    " truediv rtruediv floordiv rfloordiv neg pos abs round int float index call"
).split()
for _name in _REFUSED:
    setattr(Captured, f"__{_name}__", _refuse)


def text_of(captured: Captured) -> str:
    """Return the text with its marks."""
    return captured._text


def holds_captured(value: Any) -> bool:
    """Return whether `value` is captured text or what a filter writes, or a list or map with it at any depth."""
    if isinstance(value, str | int | float) or value is None:
        return False
    if isinstance(value, Captured | Structure | TemplateModule):
        return True
    if isinstance(value, dict):
        return any(map(holds_captured, value.values()))
    if isinstance(value, list | tuple | ValuesView | ItemsView):
        return any(map(holds_captured, value))
    return False


def refuse(what: str, values: Iterable[Any]) -> None:
    """Raise CapturedTextError when one of `values` has captured text: `what` would compute with it."""
    if any(map(holds_captured, values)):
        raise CapturedTextError(what)
