"""Split rendered files into fixed text and values, and make templates for other tools from them.

Another tool gets the same parameters, and an expression for each text in our files that equals one of their values.
Its templates have no loops, conditions, macros, schema or encoding, which is an advantage for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Scalar = str | int | float | bool
Parameters = dict[str, Scalar]


@dataclass(frozen=True, slots=True)
class Use:
    """The use of a parameter in a text."""

    name: str


Pieces = list[str | Use]
Split = Callable[[str], Pieces]


@dataclass(frozen=True, slots=True)
class Example:
    """An environment for other tools: its parameters, and the files that oetgen renders."""

    env: str
    parameters: Parameters
    files: Mapping[str, str]


def parameters(data: Any) -> Parameters:
    """Return every value by a name that all tools accept, such as `services_backend_port`."""
    found: Parameters = {}
    for path, value in _leaves(data, ()):
        name = re.sub(r"\W", "_", "_".join(path))
        while name in found:
            name += "_"
        found[name] = value
    return found


def splitter(values: Parameters) -> Split:
    """Return a function that finds the values of parameters in a text, the longest first.

    Values of one or two characters are omitted: such a text is rarely a use of the value.
    """
    names: dict[str, str] = {}
    for name, value in values.items():
        if not isinstance(value, bool) and len(str(value)) > 2 and "\n" not in str(value):
            names.setdefault(str(value), name)
    ordered = sorted(names, key=lambda text: (-len(text), text))
    pattern = re.compile("|".join(map(_whole_word, ordered)) or r"(?!)")

    def split(text: str) -> Pieces:
        pieces: Pieces = []
        end = 0
        for found in pattern.finditer(text):
            pieces += [text[end : found.start()], Use(names[found[0]])]
            end = found.end()
        return [piece for piece in [*pieces, text[end:]] if piece]

    return split


def templates(example: Example, before: str) -> tuple[dict[str, str], int]:
    """Return a Jinja template for each file, and the number of values in all of them."""
    split = splitter(example.parameters)
    taken = {path: split(text) for path, text in example.files.items()}
    count = sum(isinstance(piece, Use) for pieces in taken.values() for piece in pieces)
    return {path: jinja(pieces, before) for path, pieces in taken.items()}, count


def jinja(pieces: Pieces, before: str) -> str:
    """Return pieces as a Jinja or Go template; `before` is the prefix of a parameter's name."""
    written = []
    for piece, following in zip(pieces, [*pieces[1:], ""], strict=True):
        if isinstance(piece, Use):
            written.append(f"{{{{ {before}{piece.name} }}}}")
        else:
            opening = r"\{(?=[{%#])|\{$" if following else r"\{(?=[{%#])"  # the start of an expression
            written.append(re.sub(opening, '{{ "{" }}', piece))
    return "".join(written)


def _whole_word(text: str) -> str:
    before = r"(?<![A-Za-z0-9])" if text[0].isalnum() else ""
    after = r"(?![A-Za-z0-9])" if text[-1].isalnum() else ""
    return before + re.escape(text) + after


def _leaves(data: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Scalar]]:
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _leaves(value, (*path, str(key)))
    elif data is not None:
        yield path, data
