"""The filters that templates may use: those that write a whole list or map, and a short list of Jinja's own.

A list or map is written as text in which keys and values are still marks, so that each of them is encoded for its
site, as any other value is. `generator.render.structures` determines whether that text is a part of the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import Undefined

from generator.findings.record import record
from generator.languages import LANGUAGES, EncodeError, Scalar, Site
from generator.languages.site import HclCode


class FilterError(Exception):
    """A filter refuses its arguments."""


class CapturedTextError(FilterError):
    """A template computes with text that it rendered itself, or that a filter wrote."""

    hint = "write it unchanged; compute with values before a macro, a set block or a filter renders them"

    def __init__(self, what: str) -> None:
        super().__init__(f"rendered text cannot go through {what}")


Mark = Callable[[Scalar], str]

LINE = "line"

_HCL_NAME = re.compile(r"(?!(?:for|true|false|null)\Z)[A-Za-z_][A-Za-z0-9_-]*")  # without the words of HCL
_HCL_STRING = Site("hcl", "string")

# Jinja's filters that are pure, that typecheck understands and that do not change the encoding.
BUILTIN = frozenset(
    "abs batch capitalize count d default dictsort first float format groupby indent int items join last length"
    " list lower map max min reject rejectattr replace reverse round select selectattr sort string sum trim unique"
    " upper".split()
)


@record
class Structure:
    """Data that the filter `form` writes in its language; of `line`, one text or number."""

    data: Any
    form: str

    @property
    def language(self) -> str:
        """The language that it is written in."""
        return _LANGUAGES[self.form]

    @property
    def is_block(self) -> bool:
        """Whether it needs lines of its own."""
        return self.form == "yaml" and bool(self.data) and isinstance(self.data, dict | list)

    def __str__(self) -> str:
        raise CapturedTextError("an operation")

    def plain(self) -> tuple[str, Any]:
        """Return it as plain data."""
        return self.form, _plain(self.data)

    def write(self, mark: Mark) -> str:
        """Return it as text, with marks for its keys and values."""
        return _WRITERS[self.form](self.data, mark)


def _plain(data: Any) -> Any:
    """Return a list or map, which may be of a type of its own, as one of Python's."""
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    return [_plain(item) for item in data] if isinstance(data, list) else data


def yaml(data: Any) -> Structure:
    """Write a list or map as YAML, one item per line; use it on a line of its own."""
    return Structure(data, "yaml")


def flow(data: Any) -> Structure:
    """Write a list or map as YAML on one line: `[a, b]` or `{a: 1}`."""
    return Structure(data, "flow")


def json(data: Any) -> Structure:
    """Write a list or map as JSON on one line."""
    return Structure(data, "json")


def hcl(data: Any) -> Structure:
    """Write a list or map as HCL, aligned as `terraform fmt` does."""
    return Structure(data, "hcl")


def line(data: Any) -> Structure:
    """Write one line as it is, on the author's own word, in a file whose language has no grammar here."""
    if isinstance(data, Undefined):
        str(data)  # raises the error of a missing value
    return Structure(data, LINE)


def required(value: Any, message: str) -> Any:
    """Return `value`. Raises FilterError with `message` when it is missing."""
    if isinstance(value, Undefined):
        if not isinstance(message, str):  # what a template rendered has no text for an exception
            raise CapturedTextError("the message of required")
        raise FilterError(message)
    return value


FILTERS: dict[str, Callable[..., Any]] = {
    "yaml": yaml,
    "flow": flow,
    "json": json,
    "hcl": hcl,
    "line": line,
    "required": required,
}
NAMES = BUILTIN | frozenset(FILTERS)
# Jinja's filters that would bypass the encoding.
BYPASSING = frozenset("safe e escape forceescape xmlattr tojson urlize striptags".split())


def _yaml_lines(data: Any, mark: Mark) -> list[str]:
    if not data or not isinstance(data, dict | list):
        return [_flow(data, mark)]
    lines = []
    if isinstance(data, list):
        for item in data:
            first, *more = _yaml_lines(item, mark)
            lines += [f"- {first}", *(f"  {line}" for line in more)]
        return lines
    for key, value in data.items():
        nested = _yaml_lines(value, mark)
        if value and isinstance(value, dict | list):
            lines += [f"{mark(key)}:", *(f"  {line}" for line in nested)]
        else:
            lines.append(f"{mark(key)}: {nested[0]}")
    return lines


def _flow(data: Any, mark: Mark) -> str:
    if isinstance(data, dict):
        return "{" + ", ".join(f"{mark(key)}: {_flow(value, mark)}" for key, value in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(_flow(item, mark) for item in data) + "]"
    return mark(data)


def _json(data: Any, mark: Mark) -> str:
    if isinstance(data, dict):
        return (
            "{"
            + ", ".join(f'"{mark(_text(key))}": {_json(value, mark)}' for key, value in data.items())
            + "}"
        )
    if isinstance(data, list):
        return "[" + ", ".join(_json(item, mark) for item in data) + "]"
    return f'"{mark(data)}"' if isinstance(data, str) else mark(data)


def _text(key: Scalar) -> str:
    return key if isinstance(key, str) else str(key)  # `str` would drop the tag of a tainted key


def _hcl_lines(data: Any, mark: Mark) -> list[str]:
    """Return the lines of a value: one for each entry of a map, one for everything else but lists of maps."""
    if isinstance(data, list):
        items = [_hcl_lines(item, mark) for item in data]
        if all(len(item) == 1 for item in items) and not any(isinstance(item, dict) for item in data):
            return ["[" + ", ".join(item[0] for item in items) + "]"]
        return ["[", *(f"  {line}" for item in items for line in _comma(item)), "]"]
    if not isinstance(data, dict):
        is_text = isinstance(data, str) and not isinstance(data, HclCode)
        return [f'"{mark(data)}"' if is_text else mark(data)]
    if not data:
        return ["{}"]
    entries = [(*_hcl_key(key, mark), _hcl_lines(value, mark)) for key, value in data.items()]
    return ["{", *(f"  {line}" for line in _aligned(entries)), "}"]


def _hcl_key(key: Scalar, mark: Mark) -> tuple[str, int]:
    """Return a key and its width in the file."""
    text = _text(key)
    if _HCL_NAME.fullmatch(text):
        return text, len(text)
    try:
        return f'"{mark(text)}"', len(LANGUAGES["hcl"].encode(_HCL_STRING, text)) + 2
    except EncodeError:  # a finding when the mark is filled
        return f'"{mark(text)}"', 0


def _comma(lines: list[str]) -> list[str]:
    return [*lines[:-1], f"{lines[-1]},"]


def _aligned(entries: Iterable[tuple[str, int, list[str]]]) -> list[str]:
    """Align the equals signs of adjacent one-line entries: a key, its width, and the lines of its value."""

    lines: list[str] = []
    group: list[tuple[str, int, str]] = []

    def close() -> None:
        widest = max((width for _, width, _ in group), default=0)
        lines.extend(f"{key}{' ' * (widest - width)} = {value}" for key, width, value in group)
        group.clear()

    for key, width, value in entries:
        if len(value) == 1:
            group.append((key, width, value[0]))
            continue
        close()
        lines.append(f"{key} = {value[0]}")
        lines.extend(value[1:])
    close()
    return lines


_LANGUAGES = {"yaml": "yaml", "flow": "yaml", "json": "json", "hcl": "hcl", LINE: "text"}
_WRITERS: dict[str, Callable[[Any, Mark], str]] = {
    "yaml": lambda data, mark: "\n".join(_yaml_lines(data, mark)),
    "flow": _flow,
    "json": _json,
    "hcl": lambda data, mark: "\n".join(_hcl_lines(data, mark)),
    LINE: lambda data, mark: mark(data),
}
