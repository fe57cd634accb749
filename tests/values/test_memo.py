"""What jsonschema has accepted in parts is what it accepts as a whole, whatever the schema says."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from generator.values.schema.memo import Form, Part
from tests.conftest import examples

NAMES = st.sampled_from("ab")
SCALARS = st.sampled_from([None, True, 1, 2, 1.5, "x", "longer"])
VALUES = st.recursive(SCALARS, lambda inner: st.dictionaries(NAMES, inner) | st.lists(inner, max_size=2))
DATA = st.fixed_dictionaries({"a": VALUES}, optional={"b": VALUES})

SIMPLE: list[Any] = [
    True,
    False,
    {},
    {"type": "string"},
    {"type": "integer"},
    {"type": ["object", "null"]},
    {"enum": [1, "x"]},
    {"maxLength": 3},
]


def maps(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return schemas of maps with any of the words that say something about one."""
    names = st.lists(NAMES, unique=True)
    words = {
        "type": st.just("object"),
        "properties": st.dictionaries(NAMES, inner),
        "additionalProperties": inner,
        "required": names,
        "minProperties": st.integers(0, 2),
        "maxProperties": st.integers(0, 3),
        "propertyNames": st.sampled_from([True, {"enum": ["a", "b"]}, {"$ref": "#/$defs/name"}]),
        "dependentRequired": st.dictionaries(NAMES, names),
        "dependentSchemas": st.dictionaries(NAMES, inner),
        "patternProperties": st.fixed_dictionaries({"a": inner}),
        "if": inner,
        "then": inner,
        "else": inner,
        "allOf": st.lists(inner, min_size=1, max_size=2),
        "anyOf": st.lists(inner, min_size=1, max_size=2),
        "oneOf": st.lists(inner, min_size=1, max_size=2),
        "not": inner,
        "unevaluatedProperties": inner,
        "description": st.just("…"),
    }
    return st.lists(st.sampled_from(list(words)), min_size=1, max_size=4, unique=True).flatmap(
        lambda chosen: st.fixed_dictionaries({word: words[word] for word in chosen})
    )


def rules(*names: str) -> st.SearchStrategy[Any]:
    """Return schemas that may refer to these definitions."""
    references: list[Any] = [{"$ref": f"#/$defs/{name}"} for name in names]
    described = [{**each, "description": "…"} for each in references]
    narrower = [{**each, "properties": {"a": {"type": "integer"}}} for each in references]
    return st.recursive(st.sampled_from([*SIMPLE, *references, *described, *narrower]), maps, max_leaves=12)


@st.composite
def schemas(draw: st.DrawFn) -> dict[str, Any]:
    defs = {
        "word": {"type": "string"},
        "name": {"maxLength": 1, "pattern": "[ab]"},
        "map": draw(maps(rules("word"))),
    }
    return {**draw(maps(rules("word", "map"))), "$defs": defs}


SERIES = [{"a": 1}, {"a": "x"}, {"a": 2}]
# Names that look like what tells one rule from another.
STARRED = {"properties": {"a": {"additionalProperties": {"type": "string"}}, "a*": True}, "$defs": {}}
NARROWER = {"$ref": "#/$defs/map", "properties": {"a": {"type": "integer"}}}


@settings(max_examples=examples(50), suppress_health_check=[HealthCheck.too_slow])  # how busy the machine is
@example({"properties": {"a": True}, "unevaluatedProperties": False, "$defs": {}}, SERIES)
@example(STARRED, [{"a": {"k": "x"}, "a*": 1}, {"a": {"k": 1}, "a*": 1}, {"a": {}}])
@example(
    {"additionalProperties": NARROWER, "$defs": {"map": {"type": "object"}}}, [{"b": each} for each in SERIES]
)
@given(schemas(), st.lists(DATA, min_size=3, max_size=8))
def test_what_was_accepted_before_changes_no_verdict(
    schema: dict[str, Any], series: list[dict[str, Any]]
) -> None:
    form = Form("whole", schema)
    accepted: set[bytes] = set()
    for data in series:
        left = form.left(data, accepted)
        if left is None:
            return
        rules, asked = form.question(left)
        verdict = not left or Draft202012Validator(rules).is_valid(asked)
        assert verdict == Draft202012Validator(schema).is_valid(data)
        if verdict:
            accepted.update(key for part in left for key in form.keys(part))


def test_of_a_map_that_was_accepted_only_what_differs_is_asked_again() -> None:
    schema = {
        "properties": {"services": {"additionalProperties": {"$ref": "#/$defs/service"}, "minProperties": 1}},
        "$defs": {"service": {"properties": {"host": {"type": "string"}}, "required": ["host"]}},
    }
    form = Form("whole", schema)
    first = {"services": {"api": {"host": "a", "port": 1}, "web": {"host": "b"}}}
    accepted = set(form.keys(Part("whole", schema, first)))
    second = {"services": {"api": {"host": "c", "port": 1}, "web": {"host": "b"}}}
    assert [(part.rule, part.value) for part in form.left(second, accepted) or ()] == [
        ({"type": "string"}, "c")
    ]
    assert form.left({"services": {"api": {"port": 1}}}, accepted) != []


def test_what_was_accepted_in_parts_is_accepted_as_a_whole() -> None:
    rules = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}}
    form, accepted = Form("whole", rules), set[bytes]()
    for data in ({"a": 1, "b": "x"}, {"a": 2, "b": "y"}):
        accepted.update(key for part in form.left(data, accepted) or () for key in form.keys(part))
    together = {"a": 1, "b": "y"}
    whole = Part("whole", rules, together).key
    assert whole not in accepted
    assert form.left(together, accepted) == []
    assert whole in accepted


def test_a_schema_whose_parts_mean_something_else_elsewhere_is_asked_as_a_whole() -> None:
    for schema in (
        {"properties": {"a": {"$ref": "#/properties/b"}}},
        {"properties": {"a": {"$anchor": "here"}}},
    ):
        assert Form("whole", schema).left({"a": 1}, set()) is None
