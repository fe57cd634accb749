"""YAML of the output keeps its places, and asking a file of the wrong shape is no error."""

from __future__ import annotations

import pytest

from generator.system.former import nodes
from generator.system.former.nodes import Map
from tests.checks.helpers import source

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
    return nodes.load(source(text, "k8s/a.yaml")).maps()[0]


def test_keys_are_texts_and_scalars_have_both_their_value_and_what_is_written() -> None:
    data = load(TEXT)
    assert data["on"] == "push"
    assert data.sub("a").listed("c")[1].sub("x")["y"] == 10
    assert data.sub("a").listed("c")[1].sub("x").text("y") == "012"
    assert data["f"] is None


def test_places_are_those_of_the_file() -> None:
    data = load(TEXT)
    at = data.sub("a").at("b")
    assert (at.path, at.line, at.column, at.length, at.text) == ("out/test/k8s/a.yaml", 3, 6, 5, '  b: "two"')
    assert data.at("d").line == 5
    assert data.at("missing").line == 1
    line = data.line_of("d", 1, 3, 3)
    assert (line.line, line.text[line.column - 1 :][: line.length]) == (7, "two")
    assert data.sub("a").listed("c").at(0).column == 7


@pytest.mark.parametrize(
    "text", ["a", "[1, 2]", "a: 1", "a: [b]", "a: {b: null}", "a: null", "a: 2026-01-01"]
)
def test_asking_for_what_is_not_there_is_no_error(text: str) -> None:
    for data in nodes.load(source(text, "k8s/a.yaml")).data:
        found = data if isinstance(data, Map) else Map()
        assert found.sub("a", "b", "c") == {}
        assert found.each("x") == []
        assert list(found.listed("x").texts()) == []
        found.at("x"), found.key_at("x"), found.here(), found.text("a")


def test_problems_have_both_places() -> None:
    documents = nodes.load(source("a: 1\nb: 2\na: 3\n", "k8s/a.yaml"))
    (problem,) = documents.problems
    assert (problem.at.line, problem.first.line if problem.first else 0) == (3, 1)
    (problem,) = nodes.load(source("a: [1\nb: 2\n", "k8s/a.yaml")).problems
    assert problem.at.line == 2


def test_aliases_that_multiply_are_built_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert "a11" in load("\n".join(lines))
