"""What is known of an expression's value before any render: its kind, and the schema that describes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from jinja2 import nodes

from generator.values.source import KeyPath

Path = tuple[str, ...]
Rule = Mapping[str, Any]
# Values, by their paths, that must be these texts; none: it is always so.
Conditions = frozenset[tuple[Path, str]]

EACH = "*"  # in a path: any key of a map, or any item of a list
BELOW = "**"  # at the end of a path: it and everything in it

STRING, NUMBER, BOOLEAN, NULL = "string", "number", "boolean", "null"
MAP, LIST, TEXT, WRITTEN = "map", "list", "text", "written"
MACRO, MODULE, OTHER = "macro", "module", "other"
SCALARS = (STRING, NUMBER, BOOLEAN, NULL)
ALWAYS: Conditions = frozenset()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a value. No `kinds`: nothing is known, and nothing is reported.

    `rule` is its schema, `declared` where that stands in the schema, `path` where the value stands among the values.
    `missing` says why it may not be there at all, `source` is the expression that may lack it. `choices` are the only
    texts that it can be, each with what it depends on. Of a map, `fields` come before what the rule says, `present`
    names optional keys that are known to be there, and `weak` says that it may also be empty. `target` is what can be
    called or unpacked: the macros, the templates of a module, a method, the parts of a pair.
    """

    kinds: frozenset[str] = frozenset()
    rule: Rule = field(default_factory=dict)
    path: Path | None = None
    missing: str = ""
    choices: Mapping[str, Conditions] | None = None
    fields: Mapping[str, Known] = field(default_factory=dict)
    item: Known | None = None
    present: frozenset[str] = frozenset()
    weak: bool = False
    target: Any = None
    declared: KeyPath = field(default=(), compare=False)
    source: nodes.Node | None = field(default=None, compare=False)

    def is_only(self, *kinds: str) -> bool:
        """Say whether the value is certainly of one of `kinds`."""
        return bool(self.kinds) and self.kinds <= set(kinds)

    def may_be(self, *kinds: str) -> bool:
        """Say whether the value can be of one of `kinds`, as far as is known."""
        return not self.kinds or bool(self.kinds & set(kinds))

    def certain(self) -> Known:
        """Return the same without the doubt whether it is there."""
        return replace(self, missing="", source=None) if self.missing else self

    def named(self) -> Known:
        """Return the same under a new name: where it may be missing, that name is to blame."""
        return replace(self, source=None) if self.source else self

    def describe(self) -> str:
        """Say in words what it is."""
        names = {
            MAP: "a map",
            LIST: "a list",
            TEXT: "text that a template made",
            NULL: "null",
            MACRO: "a macro",
            MODULE: "an imported template",
            WRITTEN: "a list or map that is written out",
            OTHER: "a method",
        }
        return " or ".join(names.get(kind, f"a {kind}") for kind in sorted(self.kinds)) or "something"


ANY = Known()


def of_kind(*kinds: str) -> Known:
    """Return what is known of a value of one of `kinds`."""
    return Known(frozenset(kinds))


def list_of(item: Known | None) -> Known:
    """Return what is known of a list of such items."""
    return Known(frozenset({LIST}), item=item)


def constant(value: Any) -> Known:
    """Return what is known of a value that stands in a template."""
    if isinstance(value, str):
        return Known(frozenset({STRING}), choices={value: ALWAYS})
    if isinstance(value, bool):
        return of_kind(BOOLEAN)
    if isinstance(value, int | float):
        return of_kind(NUMBER)
    return of_kind(NULL) if value is None else ANY


def either(first: Known, second: Known) -> Known:
    """Return what is known of a value that is one or the other."""
    missing, source = first.missing or second.missing, first.source or second.source
    if first == second:
        return first
    if not first.kinds or not second.kinds:
        return Known(missing=missing, source=source, path=first.path or second.path)
    if first.is_only(MACRO) and second.is_only(MACRO):
        return replace(first, missing=missing, source=source, target=first.target + second.target)
    for one, other in ((first, second), (second, first)):
        if _is_empty(other) and one.kinds == other.kinds:
            return replace(one, missing=missing, source=source, weak=True)
    same = first.rule == second.rule and first.path == second.path and first.fields == second.fields
    kinds = first.kinds | second.kinds
    if kinds & {MACRO, MODULE, OTHER} and not same:
        return Known(missing=missing, source=source)
    item = union(each for each in (first.item, second.item) if each) if first.item or second.item else None
    base = replace(first, item=item) if same else Known()
    return replace(base, kinds=kinds, missing=missing, source=source, choices=_either_choice(first, second))


def _is_empty(value: Known) -> bool:
    """Say whether a value is a map or list literal without anything in it."""
    return value.is_only(MAP, LIST) and not value.rule and not value.fields and value.item is None


def _either_choice(first: Known, second: Known) -> Mapping[str, Conditions] | None:
    if first.choices is None or second.choices is None:
        return None
    merged = dict(first.choices)
    for text, conditions in second.choices.items():
        merged[text] = conditions if merged.get(text, conditions) == conditions else ALWAYS
    return merged


def union(values: Iterable[Known]) -> Known:
    """Return what is known of a value that is one of several."""
    result: Known | None = None
    for value in values:
        result = value if result is None else either(result, value)
    return result or ANY
