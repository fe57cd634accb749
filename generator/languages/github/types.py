"""The types of GitHub's expressions, and what in an expression cannot work by its types.

Source: docs.github.com, "Evaluate expressions in workflows and actions" (operators, literals and functions).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from generator.findings.suggest import listed, nearest
from generator.languages.github.expressions import (
    Call,
    Literal,
    Name,
    Operation,
    Part,
    Tree,
    key_of,
    reference,
)

ANY = "anything"
TEXT = "a text"
NUMBER = "a number"
TRUTH = "true or false"
NOTHING = "null"
SCALAR = "a text, a number, or true or false"
OBJECT = "an object"


class Several(NamedTuple):
    """A list, with the type of its items."""

    item: Type


class Each(NamedTuple):
    """An object whose keys are not known, with the type of each value, and of the keys that are known."""

    value: Type
    known: Mapping[str, Type] = MappingProxyType({})


Type = str | Mapping[str, "Type"] | Several | Each  # a map has exactly its keys, in lower case
_SCALARS = (TEXT, NUMBER, TRUTH, SCALAR, NOTHING)
_ORDER = frozenset(["<", ">", "<=", ">="])
_RETURNS = {
    "contains": TRUTH,
    "startswith": TRUTH,
    "endswith": TRUTH,
    "format": TEXT,
    "join": TEXT,
    "tojson": TEXT,
}
_TEXTS = frozenset(["startswith", "endswith", "hashfiles"])  # whose arguments are all texts
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\d+)\}")


class Mistake(NamedTuple):
    """What cannot work in an expression: the message, the place in the text, and what to do."""

    message: str
    at: int
    length: int
    hint: str


def mistakes(tree: Tree, contexts: Mapping[str, Type]) -> tuple[Type, list[Mistake]]:
    """Return the type of an expression and what cannot work in it; contexts that are not given may hold anything."""
    checker = _Checker(contexts)
    return checker.type_of(tree), checker.found


def of_value(value: Any) -> Type:
    """Return the type of a value of JSON."""
    if isinstance(value, dict):
        return {str(key).lower(): of_value(each) for key, each in value.items()}
    if isinstance(value, list):
        return Several(merged([of_value(each) for each in value]))
    if value is None:
        return NOTHING
    return TRUTH if isinstance(value, bool) else NUMBER if isinstance(value, int | float) else TEXT


def merged(several: list[Type]) -> Type:
    """Return the type of what is one of several types."""
    kinds = [each for each in several if each != NOTHING] or several
    if not kinds or any(isinstance(each, str) and each not in _SCALARS for each in kinds):
        return OBJECT if kinds and all(title(each) == OBJECT for each in kinds) else ANY
    maps = [each for each in kinds if isinstance(each, Mapping)]
    if len(maps) == len(kinds):
        keys = dict.fromkeys(key for each in maps for key in each)
        return {key: merged([each[key] for each in maps if key in each]) for key in keys}
    lists = [each for each in kinds if isinstance(each, Several)]
    if len(lists) == len(kinds):
        return Several(merged([each.item for each in lists]))
    if all(each == kinds[0] for each in kinds):
        return kinds[0]
    return SCALAR if all(each in _SCALARS for each in kinds) else ANY


def title(kind: Type) -> str:
    """Return how a message names a type."""
    return OBJECT if isinstance(kind, Mapping | Each) else "a list" if isinstance(kind, Several) else kind


def is_scalar(kind: Type) -> bool:
    """Return whether a value of a type is written as itself in a text."""
    return kind in (TEXT, NUMBER, TRUTH, SCALAR, ANY) if isinstance(kind, str) else False


@dataclass
class _Checker:
    contexts: Mapping[str, Type]
    found: list[Mistake] = field(default_factory=list)

    def type_of(self, tree: Tree) -> Type:
        if isinstance(tree, Literal):
            return of_value(tree.value)
        if isinstance(tree, Name):
            return self.contexts.get(tree.name.lower(), ANY)
        if isinstance(tree, Part):
            return self._part(tree)
        return self._call(tree) if isinstance(tree, Call) else self._operation(tree)

    def _part(self, tree: Part) -> Type:
        holder = self.type_of(tree.holder)
        index = self.type_of(tree.key) if not isinstance(tree.key, str) else TEXT
        key = key_of(tree)
        if tree.key == "*":
            return Several(self._every(holder))
        if isinstance(holder, Several):
            return self._item(tree, holder, index)
        if holder in _SCALARS:
            self._report(
                tree, f"{_written(tree.holder)} is {title(holder)} without parts", "remove what follows it"
            )
            return ANY
        if isinstance(holder, Mapping) and index not in (TEXT, SCALAR, ANY):
            self._report(tree, f"the key of a property is {title(index)}, expected a text", "write a text")
        if isinstance(holder, Each):
            return holder.known.get(key.lower(), holder.value)
        if key == "*" or not isinstance(holder, Mapping):
            return ANY
        if key.lower() not in holder:
            hint = nearest(key, holder) or (
                f"write one of {listed(sorted(holder))}" if holder else "define it first"
            )
            self._report(tree, f"{_written(tree.holder)} has no {key}", hint)
            return ANY
        return holder[key.lower()]

    def _every(self, holder: Type) -> Type:
        if isinstance(holder, Several):
            return holder.item
        if isinstance(holder, Each):
            return merged([holder.value, *holder.known.values()])
        return merged(list(holder.values())) if isinstance(holder, Mapping) else ANY

    def _item(self, tree: Part, holder: Several, index: Type) -> Type:
        if isinstance(tree.key, str):  # the property of each item, as after .*
            if (isinstance(tree.holder, Part) and tree.holder.key == "*") or _is_filtered(tree.holder):
                inner = holder.item
                known = inner.get(tree.key.lower(), ANY) if isinstance(inner, Mapping) else ANY
                return Several(known)
            self._report(
                tree, f"{_written(tree.holder)} is a list and has no {tree.key}", "write [0] or .* before it"
            )
            return ANY
        if index not in (NUMBER, SCALAR, ANY):
            self._report(tree, f"the index of a list is {title(index)}, expected a number", "write a number")
        return holder.item

    def _call(self, tree: Call) -> Type:
        name = tree.name.lower()
        kinds = [self.type_of(each) for each in tree.arguments]
        if name in _TEXTS:
            for each, kind in zip(tree.arguments, kinds, strict=True):
                if not is_scalar(kind):
                    self._report(
                        each, f"{tree.name} expects texts, found {title(kind)}", "use toJSON, or a part of it"
                    )
        elif name == "contains" and kinds and title(kinds[0]) == OBJECT:
            message = f"{tree.name} searches a text or a list, found {title(kinds[0])}"
            self._report(tree.arguments[0], message, "use toJSON, or a part of it")
        elif name == "format":
            self._format(tree)
        elif name == "fromjson" and kinds:
            return self._from_json(tree.arguments[0])
        elif name == "case":
            return merged(kinds[1::2] + kinds[-1:]) if kinds else ANY
        return _RETURNS.get(name, TRUTH if name in ("always", "success", "failure", "cancelled") else TEXT)

    def _format(self, tree: Call) -> None:
        first = tree.arguments[0] if tree.arguments else None
        if not isinstance(first, Literal) or not isinstance(first.value, str):
            return
        used = {int(each[1]) for each in _PLACEHOLDER.finditer(first.value) if each[1]}
        count = len(tree.arguments) - 1
        for number in sorted(used):
            if number >= count:
                self._report(tree, f"format has no argument for {{{number}}}", "add the argument")
        for number in range(count):
            if number not in used:
                message = f"the text of format has no {{{number}}}"
                self._report(
                    tree.arguments[number + 1], message, "remove the argument, or use it in the text"
                )

    def _from_json(self, tree: Tree) -> Type:
        if not isinstance(tree, Literal) or not isinstance(tree.value, str):
            return ANY
        try:
            return of_value(json.loads(tree.value))
        except (ValueError, RecursionError):
            self._report(tree, f"{tree.value or 'an empty text'} is not JSON", "write a value of JSON")
            return ANY

    def _operation(self, tree: Operation) -> Type:
        kinds = [self.type_of(each) for each in tree.operands]
        if tree.operator in ("&&", "||"):
            return merged(kinds)
        if tree.operator != "!":
            self._compare(tree, *kinds)
        return TRUTH

    def _compare(self, tree: Operation, left: Type, right: Type) -> None:
        """Report a comparison that never depends on its operands: of objects, lists, or null by size."""
        if tree.operator in _ORDER:
            wrong = [kind for kind in (left, right) if kind not in (TEXT, NUMBER, SCALAR, ANY)]
        else:
            wrong = [
                kind
                for kind, other in ((left, right), (right, left))
                if not (is_scalar(kind) or kind == NOTHING) and other in (TEXT, NUMBER, TRUTH, SCALAR)
            ]
            wrong += (
                [left] if isinstance(left, Several) and isinstance(right, Several) and left != right else []
            )
        if wrong:
            message = f"{tree.operator} compares {title(left)} with {title(right)}"
            self._report(tree, message, "compare parts that are texts or numbers")

    def _report(self, tree: Tree, message: str, hint: str) -> None:
        read = reference(tree)
        at = read.offset if read else tree.at
        self.found.append(Mistake(message, at, len(".".join(read.path)) if read else 1, hint))


def _is_filtered(tree: Tree) -> bool:
    """Return whether a value is a list because of a `.*` before it."""
    while isinstance(tree, Part):
        if tree.key == "*":
            return True
        tree = tree.holder
    return False


def _written(tree: Tree) -> str:
    read = reference(tree)
    return ".".join(read.path) if read else "the value"
