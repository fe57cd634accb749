"""YAML of the output keeps its places, and asking a file of the wrong shape is no error."""

from __future__ import annotations

import pytest

from generator.languages import language_of
from generator.languages.node import Map, Seq, plain
from generator.languages.source import Source
from generator.languages.yaml import read as yaml
from tests.checks.helpers import source
from tests.conftest import rows

TEXT = """\
on: push
a:
  b: "two"
  c: [1, x: {y: 012}]
d: |
  one
    two
e: >-
  folded
  text
f:
"""


def load(text: str) -> Map:
    return _documents(text).maps()[0]


def _documents(text: str) -> Seq:
    whole = yaml.read(source(text, "k8s/a.yaml")).node
    assert isinstance(whole, Seq)
    return whole


def test_keys_are_texts_and_scalars_have_both_their_value_and_what_is_written() -> None:
    data = load(TEXT)
    assert data.value("on") == "push"
    inner = data.maps("a", "c")[0].map("x")
    assert (inner.value("y"), inner.text("y")) == (10, "012")
    assert "f" in data and data.value("f") is None


def test_places_are_those_of_the_file() -> None:
    data = load(TEXT)
    at = data.at_key("a", "b")
    assert (at.path, at.line, at.column, at.length, at.text) == ("out/test/k8s/a.yaml", 3, 6, 5, '  b: "two"')
    assert (data.key_place("a").line, data.key_place("a").column, data.key_place("a").length) == (2, 1, 1)
    assert data.at_key("d").line == 5
    assert data.at_key("missing").line == data.key_place("missing").line == 1
    block, quoted = data.leaf("d"), data.leaf("a", "b")
    assert block and quoted
    at = block.place(block.offset(2, 3), 3)
    assert (at.line, at.text[at.column - 1 :][: at.length]) == (7, "two")
    assert quoted.place(quoted.offset(1, 2), 1).column == 8
    assert data.seq("a", "c").items[0].at.column == 7


@rows("text", ["a", "[1, 2]", "a: 1", "a: [b]", "a: {b: null}", "a: null", "a: 2026-01-01"])
def test_asking_for_what_is_not_there_is_no_error(text: str) -> None:
    for data in _documents(text):
        node = data if isinstance(data, Map) else Map({})
        assert not node.map("a", "b", "c") and not node.maps("x") and not node.seq("x").texts()
        node.at_key("x"), node.key_place("x"), node.at, node.text("a")


def test_a_tree_becomes_plain_data() -> None:
    assert plain(load(TEXT)) == {
        "on": "push",
        "a": {"b": "two", "c": [1, {"x": {"y": 10}}]},
        "d": "one\n  two\n",
        "e": "folded text",
        "f": None,
    }


def test_problems_have_both_places() -> None:
    result = yaml.read(source("a: 1\nb: 2\na: 3\n", "k8s/a.yaml"))
    (problem,) = result.problems
    assert (problem.at.line, problem.first.line if problem.first else 0) == (3, 1)
    (problem,) = yaml.read(source("a: [1\nb: 2\n", "k8s/a.yaml")).problems
    assert problem.at.line == 2


MERGED = """\
base: &base {image: a, env: {A: 1}}
more: &more {image: b, user: x}
one: {<<: *base, image: c}
two:
  <<: [*base, *more]
  env: {B: 2}
"""


@pytest.mark.parametrize("path", ["compose.yaml", "k8s/a.yaml"])
def test_merge_keys_are_applied_where_the_consumer_applies_them(path: str) -> None:
    whole = yaml.read(Source(path, MERGED, language_of(path) or "", path)).node
    assert isinstance(whole, Seq)
    data = whole.maps()[0]
    assert plain(data.map("one")) == {"image": "c", "env": {"A": 1}}
    assert plain(data.map("two")) == {"image": "a", "user": "x", "env": {"B": 2}}
    assert data.at_key("two", "user").line == 2, "the place is where the value is written"


def test_a_merge_key_is_a_key_like_any_other_for_github() -> None:
    whole = yaml.read(Source("a.yml", MERGED, "github", "a.yml")).node
    assert isinstance(whole, Seq)
    assert list(whole.maps()[0].map("one")) == ["<<", "image"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: &x 1\nb: &x 2\nc: *x\n", {"a": 1, "b": 2, "c": 2}),
        ("a: &x {k: 1}\nb: *x\nc: &x [2]\nd: *x\n", {"a": {"k": 1}, "b": {"k": 1}, "c": [2], "d": [2]}),
        ("a: &x {k: &x 1, l: *x}\nb: *x\n", {"a": {"k": 1, "l": 1}, "b": 1}),
        ("a: &x [1]\nb: &x\nc: *x\n", {"a": [1], "b": None, "c": None}),
    ],
)
def test_an_anchor_that_occurs_twice_names_what_comes_last_as_kubectl_reads_it(
    text: str, expected: object
) -> None:
    read = yaml.read(source(text, "k8s/a.yaml"))
    assert not read.problems
    assert plain(load(text)) == expected


def test_an_alias_without_an_anchor_is_refused_also_beside_a_repeated_one() -> None:
    read = yaml.read(source("a: &x 1\nb: &x 2\nc: *y\n", "k8s/a.yaml"))
    assert ["undefined alias" in each.message for each in read.problems] == [True]
