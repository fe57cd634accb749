"""JSON: a reader gets each value back, with its type where it stands without quotes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.languages import Scalar
from generator.languages.json import comments
from generator.languages.site import ShapeError
from tests.conftest import rows
from tests.languages.helpers import (
    HOLE,
    as_text,
    filled,
    has_one_site_per_mark,
    proves,
    refuses,
    render,
    rendered,
    scalars,
    shapes,
    texts,
)


def test_ordinary_values_stand_as_they_are() -> None:
    assert (
        render("json", '{"a": "oet-•", "b": •, "c": •}', "api", 3, "x")
        == '{"a": "oet-api", "b": 3, "c": "x"}'
    )


STRINGS = (
    ('{"a": "•"}', ["a", "•"]),
    ('{"•": "x•"}', ["•", "x•"]),
    ('["••", "a•b"]', ["••", "a•b"]),
    ('{"\\"": "\\\\•"}', ['"', "\\•"]),
    ('{"a": "[•"}', ["a", "[•"]),
    ('{•: "a"}', ["•", "a"]),
    ("[•, \n•]", ["•", "•"]),
)


def flat(data: Any) -> list[Any]:
    return [part for item in data.items() for part in item] if isinstance(data, dict) else data


@given(st.sampled_from(STRINGS), st.lists(texts(), min_size=3, max_size=3))
@proves
def test_a_string(case: tuple[str, list[str]], values: list[str]) -> None:
    shape, meaning = case
    values = values[: shape.count(HOLE)]
    for text in rendered("json", shape, *values):
        assert flat(json.loads(text)) == filled(meaning, values)


@given(st.sampled_from(["•", "[•]", '{"a": •}', '[1,•,"x"]']), scalars())
@proves
def test_a_place_without_quotes_keeps_value_and_type(shape: str, value: Scalar) -> None:
    for text in rendered("json", shape, value):
        found = json.loads(text)
        pattern = json.loads(shape.replace(HOLE, '"@"'))
        while isinstance(found, list | dict):
            place = 1 if isinstance(found, list) and len(found) == 3 else 0
            assert len(flat(found)) == len(flat(pattern))
            found, pattern = (
                (found["a"], pattern["a"]) if isinstance(found, dict) else (found[place], pattern[place])
            )
        assert type(found) is type(value)
        assert found == value


@given(scalars())
@proves
def test_a_value_in_a_string_is_its_text(value: Scalar) -> None:
    for text in rendered("json", '{"a": "•"}', value):
        assert json.loads(text) == {"a": as_text(value)}


@rows(
    "reason, shape, value",
    [
        ("lone backslash", '["\\•"]', "n"),
        ("lone backslash", '["\\u00•"]', "41"),
        ("a key cannot be", "{•: 1}", 5),
        ("run into", "[••]", 1),
        ("run into", "[1•]", 1),
        ("run into", "[-•]", 1),
        ("not exact", "[•]", 2**53),
        ("not a number", "[•]", float("-inf")),
        ("surrogate", '["•"]', "\ud800"),
    ],
)
def test_what_a_place_cannot_hold_is_refused(reason: str, shape: str, value: Scalar) -> None:
    assert reason in refuses("json", shape, *[value] * shape.count(HOLE))


def test_a_string_that_is_not_closed_is_no_json() -> None:
    with pytest.raises(ShapeError, match="a string is not closed"):
        render("json", '{"a": "•\n}', "x")


@given(shapes('"', "{", "}", "[", "]", ":", ",", "\\", "\\u", "1", "-"))
@proves
def test_every_mark_has_a_site(shape: str) -> None:
    has_one_site_per_mark("json", shape)


COMMENTS = [
    ("tsconfig.json", '// a\n{"a": "// no", /* b\n */ "c": [1, 2,],}\n', {"a": "// no", "c": [1, 2]}),
    (".vscode/settings.json", '{"a": "\\"/*", // x\n}', {"a": '"/*'}),
    ("x/devcontainer.json", '{"a": 1, // b\n/* c */ }', {"a": 1}),
]


@pytest.mark.parametrize(("path", "text", "value"), COMMENTS)
def test_comments_where_the_consumer_accepts_them(path: str, text: str, value: object) -> None:
    assert comments.allowed(path)
    assert json.loads(comments.without(text)) == value
    assert comments.without(text).count("\n") == text.count("\n")


@pytest.mark.parametrize("path", ["package.json", "a.json", "k8s/tsconfig/x.json"])
def test_comments_are_a_mistake_elsewhere(path: str) -> None:
    assert not comments.allowed(path)
