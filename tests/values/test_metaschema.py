"""The metaschema in one accepts exactly what the official one does."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

from generator.values.schema.metaschema import merged
from tests.conftest import rows

VALUES: list[Any] = [
    *(None, True, 1, -1, 1.5, "", "string", "#/$defs/a", "(", "a b"),
    *([], [1], [{}], ["a"], ["a", "a"], ["string"], [{"type": "none"}]),
    *({}, {"a": 1}, {"a": True}, {"a": ["a"]}, {"(": {}}, {"a": {"minimum": "1"}}),
]


@rows("keyword", sorted(merged()["properties"]))
def test_both_have_the_same_verdict(keyword: str) -> None:
    checker = Draft202012Validator.FORMAT_CHECKER
    one = Draft202012Validator(merged(), format_checker=checker)
    official = Draft202012Validator(Draft202012Validator.META_SCHEMA, format_checker=checker)
    for value in VALUES:
        for schema in ({keyword: value}, {"allOf": [{"properties": {"a": {keyword: value}}}]}):
            assert one.is_valid(schema) == official.is_valid(schema), schema


@rows("schema", [None, 1, "a", [], True])
def test_only_a_map_or_a_truth_value_is_a_schema(schema: Any) -> None:
    assert Draft202012Validator(merged()).is_valid(schema) == (schema is True)
