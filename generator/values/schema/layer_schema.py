"""Variants of the schema for jsonschema: for the merged values, and for one layer by itself."""

from __future__ import annotations

from typing import Any

# Keywords that only the merged values can satisfy, or that contain such keywords.
_DEMANDS = frozenset(
    "required minProperties dependentRequired dependentSchemas oneOf anyOf not if then else unevaluatedProperties"
    " unevaluatedItems".split()
)
_NAMED = frozenset(("properties", "patternProperties", "$defs", "definitions"))  # maps of names to schemas
_DATA = frozenset(("const", "enum", "examples", "default"))  # no schemas
_NESTED = frozenset(("additionalProperties", "items", "prefixItems", "allOf", "contains"))


def without_demands(rule: Any) -> Any:
    """Return a copy of a schema that requires no key and no choice, for the values of one layer."""
    if isinstance(rule, list):
        return [without_demands(each) for each in rule]
    if not isinstance(rule, dict):
        return rule
    kept = {key: value for key, value in rule.items() if key not in _DEMANDS}
    for key, value in kept.items():
        if key in _NAMED and isinstance(value, dict):
            kept[key] = {name: without_demands(each) for name, each in value.items()}
        elif key in _NESTED:
            kept[key] = without_demands(value)
    return kept


def without_false(rule: Any) -> Any:
    """Return a copy of a schema with `{"not": {}}` instead of `false`, whose errors have no place in jsonschema."""
    if isinstance(rule, list):
        return [without_false(each) for each in rule]
    if not isinstance(rule, dict):
        return rule
    return {key: value if key in _DATA else _named_false(key, value) for key, value in rule.items()}


def _named_false(key: str, value: Any) -> Any:
    if key not in _NAMED or not isinstance(value, dict):
        return without_false(value)
    return {name: {"not": {}} if each is False else without_false(each) for name, each in value.items()}
