"""Expressions of HCL are evaluated as Terraform does, or stay expressions."""

from __future__ import annotations

from generator.languages.hcl.evaluate import evaluate
from generator.languages.hcl.expressions import is_known, written
from generator.languages.hcl.read import read
from generator.languages.node import Map, Node
from tests.checks.helpers import source
from tests.conftest import rows

NAMES = """
one = 1
half = 0.5
text = "x"
yes = true
none = null
list = ["a", "b"]
map = { k = "v", n = { m = 2 } }
open = { k = data.d.e.f }
sum = data.d.e.f + 1
"""


def value(text: str, names: str = NAMES) -> Node:
    """Return the value of an expression; `v.NAME` is one of NAMES."""
    known = read(source(names)).node
    result = read(source(f"a = {text}\n"))
    assert not result.problems
    assert isinstance(known, Map)
    assert isinstance(result.node, Map)

    def look_up(path: tuple[str, ...]) -> Node | None:
        found = known.get(*path[1:2]) if path[0] == "v" else None
        for name in path[2:]:
            found = found.get(name) if isinstance(found, Map) else None
        return evaluate(found, look_up) if found is not None else None

    return evaluate(result.node.entries["a"], look_up)


KNOWN = [
    ("20 * 2", "40"),
    ("20 * v.one + 2", "22"),
    ("(1 + 2) * 3", "9"),
    ("1 + 2 * 3 - 4", "3"),
    ("10 / 4", "2.5"),
    ("0.1 + 0.2", "0.3"),
    ("7 % 4", "3"),
    ("-v.one", "-1"),
    ("10 / 5", "2"),
    ("v.one == 1.0", "true"),
    ('"1" == 1', "false"),
    ("true == 1", "false"),
    ("v.none == null", "true"),
    ('v.text != "x"', "false"),
    ("1 < 2 && !(2 <= 1)", "true"),
    ("v.yes || false", "true"),
    ("v.yes ? v.one : 2", "1"),
    ('v.text == "y" ? null : "z"', '"z"'),
    ('"${v.text}-db"', '"x-db"'),
    ('"${v.one}${v.yes}${v.half}"', '"1true0.5"'),
    ('"a${"b"}"', '"ab"'),
    ('"${v.one}"', "1"),
    ('v.map.n["m"]', "2"),
    ('v.map["k"]', '"v"'),
    ("v.list[1]", '"b"'),
    ("[v.one, v.text]", '[1, "x"]'),
    ("{ (v.text) = 1, y = v.one }", "{ x = 1, y = 1 }"),
    ('toset(["b", "a", "b"])', '["a", "b"]'),
    ("merge(v.map, { k = 1 })", "{ k = 1, n = { m = 2 } }"),
    ("concat(v.list, [v.one])", '["a", "b", 1]'),
]


@rows("text, result", KNOWN)
def test_what_follows_from_known_values_is_known(text: str, result: str) -> None:
    found = value(text)
    assert is_known(found)
    assert written(found) == result


UNKNOWN = [
    ("data.d.e.f", "data.d.e.f"),
    ("v.absent", "v.absent"),
    ("v.one + data.d.e.f", "1 + data.d.e.f"),
    ("10 / 3", "10 / 3"),
    ("1 / 0", "1 / 0"),
    ('"1" + 1', '"1" + 1'),
    ("-5 % 3", "-5 % 3"),
    ('true ? 1 : "x"', 'true ? 1 : "x"'),
    ("data.d.e.f ? v.one : 2", "data.d.e.f ? 1 : 2"),
    ('"${v.text}-${data.d.e.f}-${v.one}"', '"x-${data.d.e.f}-1"'),
    ("upper(v.text)", 'upper("x")'),
    ("v.list[5]", '["a", "b"][5]'),
    ("v.open", "{ k = data.d.e.f }"),
    ("v.open.k", "data.d.e.f"),
    ("v.sum * 2", "(data.d.e.f + 1) * 2"),
    ("f(v.sum)", "f(data.d.e.f + 1)"),
    ("[for v in v.list : v.x]", '[for v in ["a", "b"] : v.x]'),
    ("{ (data.d.e.f) = v.one }", "{ (data.d.e.f) = 1 }"),
    ('"${v.none}x"', '"${null}x"'),
]


@rows("text, code", UNKNOWN)
def test_what_is_not_known_stays_code_with_the_known_values_in_it(text: str, code: str) -> None:
    found = value(text)
    assert not is_known(found)
    assert written(found) == code


def test_a_value_keeps_the_place_of_the_expression() -> None:
    found = value('"${v.text}-db"')
    assert (found.at.line, found.at.column, found.at.length) == (1, 5, 14)
