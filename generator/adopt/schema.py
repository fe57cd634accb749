"""Write the schema of the values: types, patterns and ranges as the consumers have them, and closed objects."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from generator.adopt.conditions import listed, reference
from generator.adopt.entries import Entries
from generator.adopt.values import Value
from generator.languages.site import Scalar

Schema = dict[str, Any]
_PATTERNS = (
    r"\d{12}",  # an account
    r"[a-z]{2}(-gov)?-[a-z]+-\d",  # a region
    r"\d{1,3}(\.\d{1,3}){3}/\d{1,2}",  # a range of addresses
    r"\d{1,3}(\.\d{1,3}){3}",  # an address
    r"\d+(\.\d+)?(m|[KMGTPE]i?)?",  # a quantity
    r"(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+",  # a host
    r"[-_./]?[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?",
    r"([-_./]?[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?)?",
    r"\S+",
    r"\S(.*\S)?",
)


def schema_text(values: Sequence[Value], maps: Sequence[Entries] = ()) -> str:
    """Return the text of `environments/schema.json`; `maps` have entries of one form."""
    root: Schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Values of an environment",
        "description": "The merged values of environments/base.yaml and the file of one environment.",
        **_object(),
    }
    _declare(root, values, 0)
    _require(root)
    for each in maps:
        entry, default = _object(f"An entry of {each.name}."), _object(f"The defaults of each {each.word}.")
        for node in (entry, default):
            _declare(node, each.values, 1)
        _require(entry)
        templates = ", ".join(dict.fromkeys(path for path, _ in each.templates()))
        root["properties"][each.name] = {
            "type": "object",
            "description": f"The entries of {templates}, by name.",
            "propertyNames": _pattern(each.keys),
            "additionalProperties": entry,
        }
        root["properties"][f"{each.name}.*"] = default
        root["required"] = sorted([*root["required"], each.name])
    return json.dumps(root, indent=2, ensure_ascii=False) + "\n"


def _declare(root: Schema, values: Sequence[Value], start: int) -> None:
    """Declare values by their names from the part `start` on."""
    for value in sorted(values, key=lambda each: each.name):
        at = root
        for part in value.name[start:-1]:
            at = at["properties"].setdefault(part, {**_object(f"The values of {part}.")})
        at["properties"][value.name[-1]] = _scalar(value)


def _object(description: str = "") -> Schema:
    described = {"description": description} if description else {}
    return {"type": "object", **described, "additionalProperties": False, "properties": {}}


def _require(node: Schema) -> None:
    properties = node.get("properties")
    if properties is not None:
        node["required"] = sorted(properties)
        node["properties"] = properties = node.pop("properties")
        for each in properties.values():
            _require(each)


def _scalar(value: Value) -> Schema:
    described = {"description": describe(value)}
    lists = [each for each in value.data if isinstance(each, list)]
    if lists:
        return {"type": "array", **described, "items": _items([item for each in lists for item in each])}
    texts = [str(each) for each in value.data]
    if all(type(each) is bool for each in value.data):
        return {"type": "boolean", **described}
    if all(type(each) is int for each in value.data):
        return {"type": "integer", **described, **_range(value)}
    if all(type(each) in (int, float) for each in value.data):
        return {"type": "number", **described}
    return {"type": "string", **described, **_pattern(texts), "examples": [texts[0]]}


def _items(items: Sequence[Scalar]) -> Schema:
    """Return the schema of the items of a list."""
    description = {"description": "An item of the list."}
    if items and all(type(each) is int for each in items):
        return {"type": "integer", **description}
    kinds = {
        "string" if isinstance(each, str) else "boolean" if isinstance(each, bool) else "number"
        for each in items
    }
    limits = _pattern([str(each) for each in items]) if kinds == {"string"} else {}
    return {"type": sorted(kinds) if len(kinds) > 1 else next(iter(kinds), "string"), **description, **limits}


def _pattern(texts: Sequence[str]) -> Schema:
    """Return the narrowest pattern that all texts match."""
    found = next((each for each in _PATTERNS if all(re.fullmatch(each, text) for text in texts)), None)
    return {"pattern": f"^{found}$"} if found else {}


def _range(value: Value) -> Schema:
    last = value.name[-1].lower()
    numbers = [each for each in value.data if isinstance(each, int)]
    if "port" in last.split("_") and all(1 <= each <= 65535 for each in numbers):
        return {"minimum": 1, "maximum": 65535}
    return {"minimum": 0} if all(each >= 0 for each in numbers) else {}


def describe(value: Value) -> str:
    """Return a sentence about where a value is used."""
    files = sorted({place.file for place in value.places})
    if any(isinstance(each, list) for each in value.data) and not files:
        return value.about or f"The file {value.name[-1]}, copied where the environment has it."
    if not files:
        return value.about
    shown = listed(files)
    keys = sorted({place.path[-1].strip("[]") for place in value.places if place.path and not place.is_weak})
    what = "A part of names" if value.is_part else (keys[0] if len(keys) == 1 else reference(value.name))
    return f"{what}, in {shown}." if what else f"Used in {shown}."
