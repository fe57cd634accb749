"""The project's own schema: closed, described, and without defaults, which are base.yaml's alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from tests.conftest import ROOT

SCHEMA = json.loads((ROOT / "environments" / "schema.json").read_text("utf-8"))


def rules(node: dict[str, Any], place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every schema of a value inside `node`, with its place."""
    yield place or "/", node
    for group, inner in (("properties", place), ("$defs", "/$defs")):
        for name, rule in node.get(group, {}).items():
            yield from rules(rule, f"{inner}/{name}")
    for group in ("additionalProperties", "items"):
        if isinstance(node.get(group), dict):
            yield from rules(node[group], f"{place}/*")


def resolved(rule: dict[str, Any]) -> dict[str, Any]:
    """Return `rule` with what it refers to; its own keys win."""
    if "$ref" not in rule:
        return rule
    target = SCHEMA
    for part in rule["$ref"].split("/")[1:]:
        target = target[part]
    return {**resolved(target), **{key: value for key, value in rule.items() if key != "$ref"}}


RULES = dict(rules(SCHEMA))
RESOLVED = {place: resolved(rule) for place, rule in RULES.items()}


def test_the_schema_is_not_empty() -> None:
    assert len(RULES) == len(list(rules(SCHEMA))) > 180
    assert {"/", "/services/*", "/$defs/service/env/*", "/services.*/uses"} <= set(RESOLVED)


def test_every_value_has_a_type_and_a_description() -> None:
    assert [place for place, rule in RESOLVED.items() if not rule.get("type")] == []
    assert [place for place, rule in RESOLVED.items() if not rule.get("description", "").strip()] == []


def test_every_map_is_closed_or_declares_its_entries() -> None:
    maps = {place: rule for place, rule in RESOLVED.items() if rule["type"] == "object"}
    open_maps = [
        place
        for place, rule in maps.items()
        if rule.get("additionalProperties") is not False
        and not isinstance(rule.get("additionalProperties"), dict)
    ]
    assert maps
    assert open_maps == []


def test_every_text_has_a_form_and_every_number_a_range() -> None:
    texts = {place: rule for place, rule in RESOLVED.items() if rule["type"] == "string"}
    numbers = {place: rule for place, rule in RESOLVED.items() if rule["type"] == "integer"}
    formless = [
        place
        for place, rule in texts.items()
        if not {"pattern", "enum"} & set(rule)
        and not rule["description"].startswith("The text of the variable")
    ]
    assert texts
    assert numbers
    assert formless == []
    assert [place for place, rule in numbers.items() if not {"minimum", "maximum"} <= set(rule)] == []


def test_every_pattern_is_anchored() -> None:
    patterns = {place: rule["pattern"] for place, rule in RULES.items() if "pattern" in rule}
    assert patterns
    assert [place for place, text in patterns.items() if not (text[0] == "^" and text[-1] == "$")] == []


def test_every_example_is_valid() -> None:
    examples = [(place, example) for place, rule in RULES.items() for example in rule.get("examples", [])]
    assert examples
    assert [each for each in examples if not Draft202012Validator(RESOLVED[each[0]]).is_valid(each[1])] == []


def test_the_schema_has_no_defaults() -> None:
    assert '"default"' not in json.dumps(SCHEMA)


def test_every_value_of_the_schema_has_a_line_in_base() -> None:
    base = yaml.load((ROOT / "environments" / "base.yaml").read_text("utf-8"), yaml.CSafeLoader)
    about_the_file = {"extends", "checks"}
    nobody_can_guess = {"account", "owner_id", "repository_id"}
    assert set(SCHEMA["properties"]) - about_the_file - nobody_can_guess == set(base) - about_the_file
