"""What is known of an expression's value before any render: its kind, and the schema that describes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Path = tuple[str, ...]
Rule = Mapping[str, Any]

EACH = "*"  # in a path: any key of a map, or any item of a list
BELOW = "**"  # at the end of a path: it and everything in it

STRING, NUMBER, BOOLEAN, NULL = "string", "number", "boolean", "null"
MAP, LIST, TEXT, MACRO, MODULE, OTHER = "map", "list", "text", "macro", "module", "other"
SCALARS = frozenset({STRING, NUMBER, BOOLEAN, NULL})

_KINDS = {"object": MAP, "array": LIST, "integer": NUMBER}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a value. No `kinds`: nothing is known, and nothing is reported.

    `rule` is its schema and `path` where it stands among the values; `missing` says why it may not be there
    at all. `choices` are the only texts that it can be. Of a map, `fields` come before what the rule says,
    `present` names optional keys that are known to be there, and `weak` says that it may also be empty.
    """

    kinds: frozenset[str] = frozenset()
    rule: Rule = field(default_factory=dict)
    path: Path | None = None
    missing: str = ""
    choices: frozenset[str] | None = None
    fields: Mapping[str, Known] = field(default_factory=dict)
    item: Known | None = None
    present: frozenset[str] = frozenset()
    weak: bool = False
    target: Any = None

    def is_only(self, *kinds: str) -> bool:
        """Say whether the value is certainly of one of `kinds`."""
        return bool(self.kinds) and self.kinds <= set(kinds)

    def may_be(self, *kinds: str) -> bool:
        """Say whether the value can be of one of `kinds`, as far as is known."""
        return not self.kinds or bool(self.kinds & set(kinds))

    def certain(self) -> Known:
        """Return the same without the doubt whether it is there."""
        return replace(self, missing="")

    def describe(self) -> str:
        """Say in words what it is."""
        names = {
            MAP: "a map",
            LIST: "a list",
            TEXT: "text that a template made",
            NULL: "null",
            MACRO: "a macro",
        }
        return " or ".join(names.get(kind, f"a {kind}") for kind in sorted(self.kinds)) or "something"


ANY = Known()


def of_kind(*kinds: str) -> Known:
    """Return what is known of a value of one of `kinds`."""
    return Known(frozenset(kinds))


def constant(value: Any) -> Known:
    """Return what is known of a value that stands in a template."""
    if isinstance(value, str):
        return Known(frozenset({STRING}), choices=frozenset({value}))
    if isinstance(value, bool):
        return of_kind(BOOLEAN)
    if isinstance(value, int | float):
        return of_kind(NUMBER)
    return of_kind(NULL) if value is None else ANY


class Rules:
    """The schema, and which optional values are always there because base.yaml sets them."""

    def __init__(self, schema: Rule, is_set: Callable[[Path], bool]) -> None:
        self.schema = schema
        self._is_set = is_set

    def known(self, rule: Rule, path: Path) -> Known:
        """Return what a schema says of the value at `path`."""
        rule = self.resolved(rule)
        types = rule.get("type", [])
        kinds = {_KINDS.get(name, name) for name in ([types] if isinstance(types, str) else types)}
        choices = rule.get("enum", [rule["const"]] if "const" in rule else None)
        if "anyOf" in rule or "oneOf" in rule:
            return replace(ANY, path=path)
        texts = frozenset(choices) if choices and all(isinstance(each, str) for each in choices) else None
        return Known(frozenset(kinds), rule, path, choices=texts)

    def resolved(self, rule: Rule) -> Rule:
        """Return `rule` with what it refers to; its own keys win."""
        while "$ref" in rule:
            target: Any = self.schema
            for part in str(rule["$ref"]).removeprefix("#/").split("/"):
                target = target[part]
            rule = {**target, **{key: value for key, value in rule.items() if key != "$ref"}}
        return rule

    def key(self, container: Known, name: str) -> Known | None:
        """Return what is known of the key `name` of a map, or None when there can be none."""
        if name in container.fields:
            return container.fields[name]
        path = (*(container.path or ()), name)
        rule = container.rule.get("properties", {}).get(name)
        if rule is not None:
            required = name in container.rule.get("required", ()) and not container.weak
            there = required or name in container.present or (not container.weak and self._is_set(path))
            return replace(
                self.known(rule, path), missing="" if there else "not every valid set of values has it"
            )
        extra = container.rule.get("additionalProperties", {})
        if extra is False:
            return None
        if not container.rule or container.path is None or not isinstance(extra, Mapping) or not extra:
            return replace(ANY, path=path if container.path is not None else None)
        there = name in container.present or (not container.weak and self._is_set(path))
        return replace(
            self.known(extra, path), missing="" if there else "not every valid set of values has it"
        )

    def keys(self, container: Known) -> list[str]:
        """Return the names of the keys that a map can have, as far as they are known."""
        return [*container.fields, *container.rule.get("properties", {})]

    def each(self, container: Known) -> Known:
        """Return what is known of every value of a map, or every item of a list."""
        if container.item is not None:
            return container.item
        if container.path is None or not container.rule:
            return ANY
        path = (*container.path, EACH)
        if container.is_only(LIST):
            rule = container.rule.get("items")
            return self.known(rule, path) if isinstance(rule, Mapping) else replace(ANY, path=path)
        extra = container.rule.get("additionalProperties")
        if container.rule.get("properties") or not isinstance(extra, Mapping):
            return replace(ANY, path=path)
        return self.known(extra, path)

    def flags(self, container: Known) -> Iterator[Known]:
        """Yield the keys of a map whose value says nothing more than that the key is there."""
        if container.path is None or not container.is_only(MAP):
            return
        rules = {EACH: container.rule.get("additionalProperties"), **container.rule.get("properties", {})}
        for name, rule in rules.items():
            if isinstance(rule, Mapping) and "const" in self.resolved(rule):
                yield self.known(rule, (*container.path, name))

    def implied(self, container: Known, name: str) -> Iterator[str]:
        """Yield the keys that are there whenever the key `name` is."""
        yield name
        for other in container.rule.get("dependentRequired", {}).get(name, ()):
            yield from self.implied(container, other)


def either(first: Known, second: Known) -> Known:
    """Return what is known of a value that is one or the other."""
    missing = first.missing or second.missing
    if not first.kinds or not second.kinds:
        return replace(ANY, missing=missing, path=first.path or second.path)
    if second.is_only(MAP) and first.is_only(MAP) and not second.rule and not second.fields:
        return replace(first, missing=missing, weak=True)
    if first.is_only(LIST) and second.is_only(LIST) and second.item is None and not second.rule:
        return replace(first, missing=missing)
    if first == second:
        return first
    same = first.rule == second.rule and first.path == second.path and first.fields == second.fields
    choices = (
        first.choices | second.choices if first.choices is not None and second.choices is not None else None
    )
    kinds = first.kinds | second.kinds
    if kinds & {MAP, LIST, MACRO, MODULE} and not same:
        return Known(missing=missing)
    base = replace(first, item=first.item or second.item) if same else Known()
    return replace(base, kinds=kinds, missing=missing, choices=choices)


def union(values: Iterable[Known]) -> Known:
    """Return what is known of a value that is one of several."""
    result: Known | None = None
    for value in values:
        result = value if result is None else either(result, value)
    return result or ANY
