"""The type of an expression: what is known of its value before any render."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from typing import Any

from jinja2 import nodes

from generator.findings.record import record
from generator.values.source import KeyPath

Path = tuple[str, ...]
Subschema = Mapping[str, Any]
# Values, by their paths, that must be equal to these strings; empty: without a condition.
Conditions = frozenset[tuple[Path, str]]

EACH = "*"  # in a path: any key of a map, or any item of a list
BELOW = "**"  # at the end of a path: the value and everything in it

STRING, NUMBER, BOOLEAN, NULL = "string", "number", "boolean", "null"
MAP, LIST, TEXT, WRITTEN = "map", "list", "text", "written"
MACRO, MODULE, OTHER = "macro", "module", "other"
_RENDERED = frozenset({TEXT, WRITTEN})
SCALARS = (STRING, NUMBER, BOOLEAN, NULL)
ALWAYS: Conditions = frozenset()
_NAMES = {
    MAP: "a map",
    LIST: "a list",
    TEXT: "rendered text",
    NULL: "null",
    MACRO: "a macro",
    MODULE: "an imported template",
    WRITTEN: "a list or map written by a filter",
    OTHER: "a method",
}


@record
class Type:
    """What is known of a value. No `kinds`: nothing is known, and nothing is reported.

    `schema` is its subschema, `declared` the path of that in the schema, `path` its own among the values. `missing`
    is why it may be missing, `source` the expression that may lack it. `choices` are the only strings that it can be,
    each with its conditions. For a map, `fields` take precedence over the schema, `present` are optional keys that
    are known to exist, and `weak`: it may be empty. `target` is what can be called or unpacked: macros, the templates
    of a module, a method, the items of a tuple. `holds`: it may have captured text in it, or be
    captured text where there are no `kinds`.
    """

    kinds: frozenset[str] = frozenset()
    schema: Subschema = field(default_factory=dict)
    path: Path | None = None
    missing: str = ""
    choices: Mapping[str, Conditions] | None = None
    fields: Mapping[str, Type] = field(default_factory=dict)
    item: Type | None = None
    present: frozenset[str] = frozenset()
    weak: bool = False
    target: Any = None
    holds: bool = False
    declared: KeyPath = field(default=(), compare=False)
    source: nodes.Node | None = field(default=None, compare=False)

    def is_only(self, *kinds: str) -> bool:
        """Return whether the value is certainly of one of `kinds`."""
        return bool(self.kinds) and self.kinds.issubset(kinds)

    def may_be(self, *kinds: str) -> bool:
        """Return whether the value can be of one of `kinds`, as far as is known."""
        return not self.kinds or not self.kinds.isdisjoint(kinds)

    @property
    def may_be_text(self) -> bool:
        """Whether the value may be captured text."""
        return bool(self.kinds & _RENDERED) or (self.holds and not self.kinds)

    @property
    def has_text(self) -> bool:
        """Whether the value may be captured text, or have some in it at any depth."""
        return self.holds or bool(self.kinds & _RENDERED)

    @property
    def has_text_inside(self) -> bool:
        """Whether the value may be a list or map with captured text at any depth."""
        return self.holds and bool(self.kinds)

    @property
    def parts(self) -> tuple[Type, ...]:
        """The types of the items of a tuple."""
        return self.target if self.is_only(LIST) and isinstance(self.target, tuple) else ()

    def certain(self) -> Type:
        """Return the type of the same value when it is not missing."""
        return replace(self, missing="", source=None) if self.missing else self

    def named(self) -> Type:
        """Return the same type under a new name: errors about a missing value are reported at that name."""
        return replace(self, source=None) if self.source else self

    def describe(self) -> str:
        """Return the type in words."""
        return " or ".join(_NAMES.get(kind, f"a {kind}") for kind in sorted(self.kinds)) or "something"


ANY = Type()


def of_kind(*kinds: str) -> Type:
    """Return the type of a value of one of `kinds`."""
    return Type(frozenset(kinds))


def list_of(item: Type | None) -> Type:
    """Return the type of a list with such items."""
    return Type(frozenset({LIST}), item=item, holds=item is not None and item.has_text)


def tuple_of(items: Iterable[Type]) -> Type:
    """Return the type of a list with an item of each of these types."""
    items = tuple(items)
    return replace(list_of(union(items) if items else None), target=items)


def unknown(*sources: Type) -> Type:
    """Return the type of a value of which is only known that it comes from `sources`."""
    return Type(holds=any(source.has_text for source in sources))


def constant(value: Any) -> Type:
    """Return the type of a literal."""
    if isinstance(value, str):
        return Type(frozenset({STRING}), choices={value: ALWAYS})
    if isinstance(value, bool):
        return of_kind(BOOLEAN)
    if isinstance(value, int | float):
        return of_kind(NUMBER)
    return of_kind(NULL) if value is None else ANY


def either(first: Type, second: Type) -> Type:
    """Return the type of a value that has one or the other type."""
    if first == second:
        return first
    missing, source = first.missing or second.missing, first.source or second.source
    return replace(_either_kind(first, second), missing=missing, source=source)


def _either_kind(first: Type, second: Type) -> Type:
    """Return the type of a value that has one or the other type and is not missing."""
    holds = first.has_text or second.has_text
    if not first.kinds or not second.kinds:
        return Type(path=first.path or second.path, holds=holds)
    holds = first.holds or second.holds
    if first.is_only(MACRO) and second.is_only(MACRO):
        return replace(first, target=first.target + second.target)
    if first.kinds == second.kinds:
        for one, other in ((first, second), (second, first)):
            if _is_empty(other):
                return replace(one, weak=True)
    kinds, choices = first.kinds | second.kinds, _either_choice(first, second)
    if (first.schema, first.path, first.fields) == (second.schema, second.path, second.fields):
        items = [each for each in (first.item, second.item) if each]
        item = union(items) if items else None
        target = _either_target(first, second)
        return replace(first, kinds=kinds, choices=choices, item=item, target=target, holds=holds)
    if kinds & {MACRO, MODULE, OTHER}:
        return Type(holds=holds or TEXT in kinds or MACRO in kinds)
    return Type(kinds, choices=choices, holds=holds)


def _either_target(first: Type, second: Type) -> Any:
    if len(first.parts) == len(second.parts) > 0:
        return tuple(map(either, first.parts, second.parts))
    return first.target if first.target == second.target else None


def _is_empty(value: Type) -> bool:
    """Return whether a value is an empty map or list literal."""
    has_any = value.schema or value.fields or value.item or value.holds
    return value.is_only(MAP, LIST) and not has_any


def _either_choice(first: Type, second: Type) -> Mapping[str, Conditions] | None:
    if first.choices is None or second.choices is None:
        return None
    merged = dict(first.choices)
    for text, conditions in second.choices.items():
        merged[text] = conditions if merged.get(text, conditions) == conditions else ALWAYS
    return merged


def union(values: Iterable[Type]) -> Type:
    """Return the type of a value that has one of several types."""
    result: Type | None = None
    for value in values:
        result = value if result is None else either(result, value)
    return result or ANY
