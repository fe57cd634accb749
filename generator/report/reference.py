"""Format the schema of a project as a reference of its values in Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from generator.values.schema import Schema

_EACH = "NAME"  # stands for a key that the author of the values chooses
_DEEPEST = 12  # a schema can refer to itself


def reference(schema: Schema) -> str:
    """Return a table for each top-level value with the type, limits and description of every value in it."""
    top: Any = schema.resolved({"$ref": "#"})
    parts = ["# Values\n", f"{top.get('description', '')}\n"]
    required = top.get("required", [])
    for key, rule in top.get("properties", {}).items():
        rows = list(_rows(schema, key, rule, key in required, 0))
        parts.append(f"## {key}\n")
        parts.append("| Value | Type | Description |\n| --- | --- | --- |\n" + "".join(rows))
    return "\n".join(parts)


def _rows(schema: Schema, path: str, rule: Any, required: bool, depth: int) -> Iterator[str]:
    rule = schema.resolved(rule)
    if not isinstance(rule, dict) or depth > _DEEPEST:
        return
    kind = type_text(schema, rule) + ("" if required else ", optional")
    yield f"| `{path}` | {_cell(kind)} | {_cell(_description(rule))} |\n"
    needed = rule.get("required", [])
    for key, inner in rule.get("properties", {}).items():
        yield from _rows(schema, f"{path}.{key}", inner, key in needed, depth + 1)
    others = rule.get("additionalProperties")
    if isinstance(others, dict):
        yield from _rows(schema, f"{path}.{_EACH}", others, True, depth + 1)
    items = rule.get("items")
    if isinstance(items, dict) and "properties" in schema.resolved(items):
        yield from _rows(schema, f"{path}[]", items, True, depth + 1)
    for name in ("oneOf", "anyOf"):
        for branch in rule.get(name, []):
            for key, inner in (schema.resolved(branch) or {}).get("properties", {}).items():
                yield from _rows(schema, f"{path}.{key}", inner, False, depth + 1)


def type_text(schema: Schema, rule: dict[str, Any]) -> str:
    """Return the type and the limits of a value in words."""
    if "const" in rule:
        return f"`{json.dumps(rule['const'], ensure_ascii=False)}`"
    if "enum" in rule:
        return "one of " + ", ".join(f"`{json.dumps(each, ensure_ascii=False)}`" for each in rule["enum"])
    kinds = rule.get("type", [])
    words = {"object": "map", "array": "list", "string": "text", "integer": "whole number"}
    kind = " or ".join(words.get(each, each) for each in ([kinds] if isinstance(kinds, str) else kinds))
    if rule.get("type") == "array" and isinstance(rule.get("items"), dict):
        inner = schema.resolved(rule["items"])
        kind += f" of {type_text(schema, inner)}"
    forms = [branch for name in ("oneOf", "anyOf") for branch in rule.get(name, [])]
    kind = kind or " or ".join(dict.fromkeys(type_text(schema, schema.resolved(form)) for form in forms))
    return (kind or "any value") + _limits(rule)


def _limits(rule: dict[str, Any]) -> str:
    low, high = rule.get("minimum"), rule.get("maximum")
    if low is not None and high is not None:
        return f" from {low} to {high}"
    limits = (
        ("minimum", "at least"),
        ("maximum", "at most"),
        ("maxLength", "at most"),
        ("minItems", "at least"),
    )
    units = {"maxLength": " characters", "minItems": " items"}
    return "".join(f", {words} {rule[key]}{units.get(key, '')}" for key, words in limits if key in rule)


def _description(rule: dict[str, Any]) -> str:
    examples = rule.get("examples", [])
    example = f" For example `{json.dumps(examples[0], ensure_ascii=False)}`." if examples else ""
    form = f" Form: `{rule['pattern']}`." if "pattern" in rule and not examples else ""
    return (str(rule.get("description", "")) + form + example).strip()


def _cell(text: str) -> str:
    """Return `text` escaped for a table cell."""
    return text.replace("|", "\\|").replace("\n", " ")
