"""TOML: lists keep the types of their items, and a map needs its own syntax."""

from __future__ import annotations

import tomllib

from tests.conftest import Sandbox


def test_a_list_is_an_array(small: Sandbox) -> None:
    small.write(
        "templates/a.toml.j2", "a = {{ ['x\"', 1, true, 1.5] | json }}\n[t]\nb = {{ [['y'], []] | json }}\n"
    )
    assert small.oetgen("render", "prod").status == 0
    assert tomllib.loads(small.read("out/prod/a.toml")) == {
        "a": ['x"', 1, True, 1.5],
        "t": {"b": [["y"], []]},
    }


def test_a_map_in_json_is_no_toml(small: Sandbox) -> None:
    small.write("templates/a.toml.j2", "a = {{ {'x': 1} | json }}\n")
    result = small.oetgen("render", "prod")
    assert result.status == 1
    assert "an inline table has = between a key and its value" in result.err


def test_a_value_without_a_type_of_toml_is_refused(small: Sandbox) -> None:
    small.write("templates/a.toml.j2", "a = {{ none }}\n")
    result = small.oetgen("render", "prod")
    assert result.status == 1
    assert "TOML has no null" in result.err
