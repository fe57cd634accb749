"""The project's own schema: closed, described, and without defaults, which are base.yaml's alone."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.conftest import ROOT

SCHEMA = json.loads((ROOT / "environments" / "schema.json").read_text("utf-8"))


def rules(node: dict[str, Any], place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every schema of a value inside `node`, with its place."""
    yield place or "/", node
    for group in ("properties", "$defs"):
        for name, rule in node.get(group, {}).items():
            yield from rules(rule, f"{place}/{name}")
    for group in ("additionalProperties", "items"):
        if isinstance(node.get(group), dict):
            yield from rules(node[group], f"{place}/*")


def resolved(rule: dict[str, Any]) -> dict[str, Any]:
    """Return `rule` with what it refers to; its own keys win."""
    target = rule.get("$ref")
    own = {key: value for key, value in rule.items() if key != "$ref"}
    return {**resolved(SCHEMA["$defs"][target.rpartition("/")[2]]), **own} if target else rule


ALL = [pytest.param(rule, id=place) for place, rule in rules(SCHEMA)]


@pytest.mark.parametrize("rule", ALL)
def test_every_value_has_a_type_and_a_description(rule: dict[str, Any]) -> None:
    assert resolved(rule).get("type")
    assert resolved(rule).get("description", "").strip()


@pytest.mark.parametrize("rule", ALL)
def test_every_map_is_closed_or_says_what_it_holds(rule: dict[str, Any]) -> None:
    if resolved(rule)["type"] == "object":
        assert resolved(rule).get("additionalProperties") is False or isinstance(
            resolved(rule)["additionalProperties"], dict
        )


@pytest.mark.parametrize("rule", ALL)
def test_every_text_has_a_form_and_every_number_a_range(rule: dict[str, Any]) -> None:
    rule = resolved(rule)
    free = rule.get("description", "").startswith("The text of the variable")
    if rule["type"] == "string" and not free:
        assert "pattern" in rule or "enum" in rule
    if rule["type"] == "integer":
        assert "minimum" in rule
        assert "maximum" in rule


@pytest.mark.parametrize("rule", ALL)
def test_every_pattern_is_anchored_and_every_example_is_valid(rule: dict[str, Any]) -> None:
    pattern = rule.get("pattern", "^$")
    assert pattern.startswith("^")
    assert pattern.endswith("$")
    for example in rule.get("examples", []):
        Draft202012Validator(resolved(rule)).validate(example)


def test_the_schema_has_no_defaults() -> None:
    assert '"default"' not in json.dumps(SCHEMA)


def test_every_value_of_the_schema_has_a_line_in_base() -> None:
    base = yaml.safe_load((ROOT / "environments" / "base.yaml").read_text("utf-8"))
    about_the_file = {"extends", "checks"}
    nobody_can_guess = {"account"}
    assert set(SCHEMA["properties"]) - about_the_file - nobody_can_guess == set(base) - about_the_file
