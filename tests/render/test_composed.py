"""A secret that values make together is found where the template puts it together, and is not shown."""

from __future__ import annotations

import random

import pytest

from generator.project.folder import Project
from generator.render.engine import Engine
from generator.render.outputs import render_tree
from generator.values.layers import Values
from tests.conftest import Sandbox
from tests.values.samples import LETTERS, some

CHANCE = random.Random("two values")
TOKEN = "ghp_" + some(CHANCE, 36, LETTERS)
FORMS = (
    "a: {{ first }}{{ second }}",
    'a: "{{ first ~ second }}"',
    "a: '{{ [first, second] | join }}'",
    "a: |\n  x {{ first }}{{ second }} y",
    "{% set t = first ~ second %}a: {{ t }}",
    "# {{ first }}{{ second }}",
)


@pytest.fixture
def split(small: Sandbox) -> Sandbox:
    small.write(
        "environments/schema.json",
        '{"type": "object", "properties": {"first": {"type": "string"}, "second": {"type": "string"}}}',
    )
    small.write("environments/base.yaml", "{}\n")
    small.write("environments/test.yaml", "first: a\nsecond: b\n")
    small.write("environments/prod.yaml", f"first: {TOKEN[:22]}\nsecond: {TOKEN[22:]}\n")
    for path in sorted((small.root / "templates").rglob("*.j2")):
        path.unlink()
    return small


@pytest.mark.parametrize("form", FORMS)
def test_a_token_of_two_values_is_found(split: Sandbox, form: str) -> None:
    split.write("templates/a.yaml.j2", form + "\n")
    for _ in range(2):  # also with what the first run remembered
        result = split.oetgen("render", "prod")
        assert result.status == 1
        assert "templates/a.yaml.j2:" in result.err
        assert "error[leaks/secret] found ghp_…" in result.err
        assert TOKEN[8:20] not in result.err
    assert split.oetgen("render", "test").status == 0


def test_an_address_of_several_values_is_found(split: Sandbox) -> None:
    split.write("environments/prod.yaml", "first: app\nsecond: hunter22\n")
    split.write("templates/a.yaml.j2", "url: postgres://{{ first }}:{{ second }}@db.example.com/app\n")
    result = split.oetgen("render", "prod")
    assert result.status == 1
    assert "templates/a.yaml.j2:1:17: error[leaks/secret]" in result.err
    split.write("templates/a.yaml.j2", "url: postgres://{{ first }}:{{ second }}@localhost/app\n")
    assert split.oetgen("render", "prod").status == 0


def test_what_is_public_is_allowed_as_long_as_it_is_listed(split: Sandbox) -> None:
    split.write("templates/a.yaml.j2", "a: {{ first }}{{ second }}\n")
    split.write("oetgen.yaml", f"secrets: [{{value: {TOKEN}, reason: of a test server}}]\n")
    for _ in range(2):
        assert split.oetgen("render", "--all").status == 0
        assert "settings/unused" not in split.oetgen("check", "--no-tools").out
    split.write("oetgen.yaml", "")
    assert split.oetgen("render", "prod").status == 1


def test_names_put_together_are_no_secret(split: Sandbox) -> None:
    split.write("environments/prod.yaml", "first: shop\nsecond: prod-db-main\n")
    split.write(
        "templates/a.yaml.j2",
        "a: arn:aws:iam::123456789012:role/{{ first }}-{{ second }}-2024\n"
        "password: {{ first }}-{{ second }}\nimage: ghcr.io/{{ first }}/{{ second }}@sha256:"
        + "0f" * 32
        + "\n",
    )
    result = split.oetgen("render", "prod")
    assert result.status == 0, result.err


def test_a_lone_surrogate_is_searched_like_any_text(split: Sandbox) -> None:
    values = Values("e", {"first": "a\ud800", "second": TOKEN}, ())
    split.write("templates/a.conf.j2", "x {{ first }}{{ second }}\n")
    tree, findings = render_tree(Engine(Project(split.root)), values)
    assert tree.artifacts
    assert [each.code for each in findings] == ["render/cannot-encode"]
