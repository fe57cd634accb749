"""Variants of the schema for jsonschema: for the merged values, and for one layer by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from generator.values.layers import FILE_KEYS

if TYPE_CHECKING:
    from generator.values.schema.rules import Schema

# Keywords that only the merged values can satisfy, or that contain such keywords.
_DEMANDS = frozenset(
    "required minProperties dependentRequired dependentSchemas oneOf anyOf not if then else unevaluatedProperties"
    " unevaluatedItems".split()
)
# Keywords whose value is a schema or a list of schemas of values; `propertyNames` is about keys.
_SCHEMAS = frozenset(
    "additionalProperties items additionalItems prefixItems contains unevaluatedProperties unevaluatedItems allOf"
    " anyOf oneOf not if then else".split()
)
_NAMED = frozenset(("properties", "patternProperties", "dependentSchemas", "$defs", "definitions"))


def without_demands(rule: Any) -> Any:
    """Return a copy of a schema that requires no key and no choice, for the values of one layer."""
    return _mapped(rule, lambda each: {key: value for key, value in each.items() if key not in _DEMANDS})


def without_false(rule: Any) -> Any:
    """Return a copy of a schema with `{"not": {}}` instead of `false`, whose errors have no place in jsonschema."""
    return _mapped(rule, _named_false)


def _named_false(rule: dict[str, Any]) -> dict[str, Any]:
    return {
        key: {name: {"not": {}} if each is False else each for name, each in value.items()}
        if key in _NAMED and isinstance(value, dict)
        else value
        for key, value in rule.items()
    }


def editor_text(schema: Schema, *, draft_07: bool = False) -> str:
    """Return `editor_schema` as JSON, as `oetgen schema --editor` prints it."""
    return json.dumps(editor_schema(schema, draft_07=draft_07), ensure_ascii=False, indent=2) + "\n"


def editor_schema(schema: Schema, *, draft_07: bool = False) -> dict[str, Any]:
    """Return the schema of one values file by itself, which any layer of valid values fits, for an editor.

    Null, which removes a value of a lower layer, is allowed everywhere. Draft 7 has other words for `$defs` and
    `prefixItems`, and ignores what stands beside a `$ref`.
    """
    form: dict[str, Any] = _mapped(without_demands(schema.data), _or_null)
    form["type"] = "object"
    for key in FILE_KEYS:
        form.setdefault("properties", {}).setdefault(key, {})
    form["title"] = "A values file of oetgen: base.yaml or an environment's own"
    if draft_07:
        form = _mapped(form, _draft_07)
        form["$schema"] = "http://json-schema.org/draft-07/schema#"
    return form


def _mapped(rule: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """Return a copy of a schema in which each schema, the innermost first, is what `change` returns for it."""
    if isinstance(rule, list):
        return [_mapped(each, change) for each in rule]
    if not isinstance(rule, dict):
        return rule
    made = dict(rule)
    for key, value in rule.items():
        if key in _NAMED and isinstance(value, dict):
            made[key] = {name: _mapped(each, change) for name, each in value.items()}
        elif key in _SCHEMAS:
            made[key] = _mapped(value, change)
    return change(made)


def _or_null(rule: dict[str, Any]) -> dict[str, Any]:
    """Allow null where a schema names types or values."""
    made = dict(rule)
    if "type" in rule:
        kinds = [rule["type"]] if isinstance(rule["type"], str) else rule["type"]
        made["type"] = [*kinds, *([] if "null" in kinds else ["null"])]
    allowed = rule.get("enum", [made.pop("const")] if "const" in rule else [])
    return made | {"enum": [*allowed, None]} if allowed and None not in allowed else made


def _draft_07(rule: dict[str, Any]) -> dict[str, Any]:
    made = {"definitions" if key == "$defs" else key: value for key, value in rule.items()}
    if "propertyNames" in made:
        made["propertyNames"] = _mapped(made["propertyNames"], _draft_07)
    if "prefixItems" in made:
        others = {"additionalItems": made["items"]} if "items" in made else {}
        made = {**made, **others, "items": made.pop("prefixItems")}
    if "$ref" in made:
        target = {"$ref": made.pop("$ref").replace("#/$defs/", "#/definitions/")}
        made = {**made, "allOf": [*made.get("allOf", []), target]} if made else target
    return made
