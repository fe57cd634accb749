"""What the schema declares for a path of the values: for references, editors and scaffolds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from generator.values.schema.references import pointer
from generator.values.schema.rules import Schema
from generator.values.source import KeyPath

Rule = Mapping[str, Any]
Declared = tuple[Rule, KeyPath]
"""A subschema with the keys of what it refers to, and where it is in the schema."""


def declared(schema: Schema, path: KeyPath) -> list[Declared]:
    """Return the subschemas for the value at `path`; several where there are alternatives, none where unknown."""
    found = list(_variants(schema, schema.data, ()))
    for part in path:
        found = [inner for rule, place in found for inner in _inside(schema, rule, place, part)]
    return found


def keys(schema: Schema, path: KeyPath) -> dict[str, Declared]:
    """Return the keys that the map at `path` may have by name, without those that follow a pattern."""
    found: dict[str, Declared] = {}
    for rule, place in declared(schema, path):
        for name in rule.get("properties", {}):
            for inner in _inside(schema, rule, place, name):
                found.setdefault(name, inner)
    return found


def choices(rule: Rule) -> list[Any]:
    """Return the only values that a rule allows, or none."""
    if "enum" in rule:
        return list(rule["enum"])
    if "const" in rule:
        return [rule["const"]]
    return [True, False] if rule.get("type") == "boolean" else []


def _variants(schema: Schema, rule: Any, place: KeyPath, depth: int = 0) -> Iterator[Declared]:
    """Yield a rule and its alternatives, resolved."""
    if isinstance(rule, Mapping) and "$ref" in rule and depth < 30:
        target, _ = pointer(schema.data, rule["$ref"])
        own = {key: value for key, value in rule.items() if key != "$ref"}
        for resolved, inside in _variants(schema, pointer(schema.data, rule["$ref"])[1], target, depth + 1):
            yield ({**resolved, **own} if own else resolved), inside
        return
    if not isinstance(rule, Mapping) or depth >= 30:
        return
    yield rule, place
    for keyword in ("allOf", "anyOf", "oneOf"):
        for index, part in enumerate(rule.get(keyword, ())):
            yield from _variants(schema, part, (*place, keyword, index), depth + 1)
    for keyword in ("then", "else"):
        if keyword in rule:
            yield from _variants(schema, rule[keyword], (*place, keyword), depth + 1)


def _inside(schema: Schema, rule: Rule, place: KeyPath, part: str | int) -> Iterator[Declared]:
    """Yield what a rule declares for one key of a map, or one item of a list."""
    if isinstance(part, int):
        yield from _variants(schema, rule.get("items"), (*place, "items"))
        return
    if part in rule.get("properties", {}):
        yield from _variants(schema, rule["properties"][part], (*place, "properties", part))
        return
    patterns = [
        (inner, (*place, "patternProperties", pattern))
        for pattern, inner in rule.get("patternProperties", {}).items()
        if re.search(pattern, part)
    ]
    others = patterns or [(rule.get("additionalProperties"), (*place, "additionalProperties"))]
    for inner, inside in others:
        yield from _variants(schema, inner, inside)
