"""Values that the schema declares to be code of a language, by `format`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from generator.languages.site import HCL_FORMAT
from generator.values.schema.rules import Schema
from generator.values.source import KeyPath

_BRANCHES = ("allOf", "anyOf", "oneOf")
_MAX_DEPTH = 50


def code_paths(schema: Schema, data: Any) -> frozenset[KeyPath]:
    """Return the paths of the texts in `data` that are expressions of HCL by their format."""
    if HCL_FORMAT not in schema.text:
        return frozenset()
    return frozenset(_paths(schema, schema.data, data, ()))


def _paths(schema: Schema, rule: Any, value: Any, path: KeyPath) -> Iterator[KeyPath]:
    rule = schema.resolved(rule)
    if not isinstance(rule, Mapping) or len(path) > _MAX_DEPTH:
        return
    if isinstance(value, str) and rule.get("format") == HCL_FORMAT:
        yield path
    for each in [part for key in _BRANCHES for part in rule.get(key, ())]:
        yield from _paths(schema, each, value, path)
    for each in (rule[key] for key in ("then", "else") if key in rule):
        yield from _paths(schema, each, value, path)
    if isinstance(value, dict):
        for key, inner in value.items():
            for below in _rules_of(rule, key):
                yield from _paths(schema, below, inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _paths(schema, rule.get("items"), inner, (*path, index))


def _rules_of(rule: Mapping[str, Any], key: Any) -> Iterator[Any]:
    """Yield the rules of a map for one of its keys."""
    own = rule.get("properties", {})
    patterns = rule.get("patternProperties", {})
    matching = [inner for pattern, inner in patterns.items() if re.search(pattern, str(key))]
    if key in own:
        yield own[key]
    yield from matching
    if key not in own and not matching:
        yield rule.get("additionalProperties")
