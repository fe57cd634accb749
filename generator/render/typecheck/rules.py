"""What the schema says of a value by its path, and which optional values are there all the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from generator.findings import Note
from generator.render.typecheck.kinds import ANY, EACH, LIST, MAP, STRING, Known, Path, Rule
from generator.values.schema import SCHEMA, Schema, pointer
from generator.values.source import KeyPath

_KINDS = {"object": MAP, "array": LIST, "integer": "number"}
_TYPES: dict[type, str] = {str: STRING, bool: "boolean", int: "number", float: "number", type(None): "null"}
OPTIONAL = "not every valid set of values has it"


class Rules:
    """The schema; `always` says of a path whether every environment has it, though the schema does not ask for it."""

    def __init__(self, schema: Schema, always: Callable[[Path], bool]) -> None:
        self.top = Known(frozenset({MAP}), *self._resolved(schema, schema.data, ())[:1], ())
        self._schema = schema
        self._always = always

    def known(self, rule: Rule, path: Path, declared: KeyPath = ()) -> Known:
        """Return what a schema says of the value at `path`; `declared` is where it stands in the schema."""
        rule, declared = self._resolved(self._schema, rule, declared)
        kinds = frozenset(_kinds(self._schema, rule))
        texts = rule.get("enum", [rule["const"]] if "const" in rule else [])
        is_text = bool(texts) and all(isinstance(each, str) for each in texts)
        choices = {text: frozenset({(path, text)}) for text in texts} if is_text else None
        if "anyOf" in rule or "oneOf" in rule:
            return Known(kinds, path=path, declared=declared)
        return Known(kinds, rule, path, choices=choices, declared=declared)

    def key(self, container: Known, name: str) -> Known | None:
        """Return what is known of the key `name` of a map, or None when there can be none."""
        if name in container.fields:
            return container.fields[name]
        rule = container.rule
        path = (*container.path, name) if container.path is not None else None
        found = self._declared(rule, name)
        if found is None and rule.get("additionalProperties") is False:
            return None
        if found is None or path is None:
            return Known(path=path)
        inner, place = found
        missing = "" if self._is_there(container, name, path) else OPTIONAL
        return replace(self.known(inner, path, (*container.declared, *place)), missing=missing)

    def keys(self, container: Known) -> list[str]:
        """Return the names of the keys that a map can have, as far as they are known."""
        return [*container.fields, *container.rule.get("properties", {})]

    def each(self, container: Known) -> Known:
        """Return what is known of every value of a map, or every item of a list."""
        if container.item is not None:
            return container.item
        if container.path is None or not container.rule:
            return ANY
        keyword = "items" if container.is_only(LIST) else "additionalProperties"
        others = ("prefixItems",) if container.is_only(LIST) else ("properties", "patternProperties")
        rule = container.rule.get(keyword)
        path = (*container.path, EACH)
        if not isinstance(rule, Mapping) or any(container.rule.get(other) for other in others):
            return Known(path=path)
        return self.known(rule, path, (*container.declared, keyword))

    def flags(self, container: Known) -> Iterator[Known]:
        """Yield the keys of a map whose value says nothing more than that the key is there."""
        if container.path is None or not container.is_only(MAP):
            return
        rules = {EACH: container.rule.get("additionalProperties"), **container.rule.get("properties", {})}
        for name, rule in rules.items():
            if isinstance(rule, Mapping) and "const" in self._resolved(self._schema, rule, ())[0]:
                yield self.known(rule, (*container.path, name))

    def implied(self, container: Known, name: str) -> Iterator[str]:
        """Yield the keys that are there whenever the key `name` is."""
        seen: list[str] = [name]
        for key in seen:
            yield key
            needs = container.rule.get("dependentRequired", {}).get(key, ())
            seen += [other for other in needs if other not in seen]

    def note(self, value: Known, what: str) -> tuple[Note, ...]:
        """Return the note with the line of the schema that declares a value."""
        place = (*value.declared, "properties") if value.is_only(MAP) else value.declared
        at = self._schema.located.at(place) if value.declared else None
        return (Note(f"{SCHEMA}:{at.line} {what}"),) if at else ()

    def _declared(self, rule: Rule, name: str) -> tuple[Rule, KeyPath] | None:
        """Return the schema of a key of a map, and where it stands in the map's."""
        candidates: list[tuple[Any, KeyPath]] = [
            (rule.get("properties", {}).get(name), ("properties", name)),
            *(
                (inner, ("patternProperties", pattern))
                for pattern, inner in rule.get("patternProperties", {}).items()
                if re.search(pattern, name)
            ),
            (rule.get("additionalProperties"), ("additionalProperties",)),
        ]
        return next(((inner, place) for inner, place in candidates if isinstance(inner, Mapping)), None)

    def _is_there(self, container: Known, name: str, path: Path) -> bool:
        if name in container.present:
            return True
        asked = name in container.rule.get("required", ()) or _may_be_asked_for(container.rule, name)
        return not container.weak and (asked or self._always(path))

    def _resolved(self, schema: Schema, rule: Rule, declared: KeyPath) -> tuple[Rule, KeyPath]:
        """Return `rule` with what it refers to and what it is made of, and where the keys of a map are declared."""
        while "$ref" in rule:
            place, target = pointer(schema.data, rule["$ref"])
            declared = place if isinstance(target, Mapping) and "properties" in target else declared or place
            own = {key: value for key, value in rule.items() if key != "$ref"}
            rule = {**target, **own} if isinstance(target, Mapping) else own
        for part in rule.get("allOf", ()):
            inner = self._resolved(schema, part, declared)[0] if isinstance(part, Mapping) else {}
            rule = _joined(rule, inner)
        return rule, declared


def _joined(rule: Rule, part: Rule) -> Rule:
    """Return a rule that says what `rule` and one of its `allOf` say together, as far as it matters here."""
    maps = {
        key: {**part.get(key, {}), **rule.get(key, {})}
        for key in ("properties", "patternProperties", "dependentRequired")
        if key in part
    }
    required = [*rule.get("required", ()), *part.get("required", ())]
    return {**part, **rule, **maps, "required": required}


def _kinds(schema: Schema, rule: Rule) -> set[str]:
    """Return the kinds that a rule allows; none when it does not say."""
    types = rule.get("type")
    if types is not None:
        return {_KINDS.get(name, name) for name in ([types] if isinstance(types, str) else types)}
    values = rule.get("enum", [rule["const"]] if "const" in rule else [])
    if values and all(type(value) in _TYPES for value in values):
        return {_TYPES[type(value)] for value in values}
    branches = [schema.resolved(each) for each in rule.get("oneOf", rule.get("anyOf", ()))]
    found = [_kinds(schema, each) if isinstance(each, Mapping) else set() for each in branches]
    return set.union(*found) if found and all(found) else set()


def _may_be_asked_for(rule: Rule, name: str) -> bool:
    """Say whether a rule asks for a key under a condition: then it may be there whenever a template reads it."""
    parts = [rule[key] for key in ("then", "else") if key in rule]
    parts += [part for key in ("oneOf", "anyOf", "allOf") for part in rule.get(key, ())]
    parts += rule.get("dependentSchemas", {}).values()
    return any(
        isinstance(part, Mapping) and (name in part.get("required", ()) or _may_be_asked_for(part, name))
        for part in parts
    )
