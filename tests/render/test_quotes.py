"""`quotes: needed` in oetgen.yaml: text of YAML gets quotes only where a reader takes it for something else."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.languages.yaml import plain
from tests.conftest import Sandbox

IN_BRACKETS_ALONE = [
    "a,b",
    "x=1,y=2",
    "jdbc:mysql://db:3306/x?a=b&c=d",
    "it's",
    'a "b"',
    "a]b",
    "a{b}",
    "a\\b",
    "$x"[::-1],
]


@pytest.mark.parametrize(
    ("text", "careful", "needed"),
    [
        ("128Mi", '"128Mi"', "128Mi"),
        ("50%", '"50%"', "50%"),
        ("a=b", '"a=b"', "a=b"),
        ("20.04-lts", '"20.04-lts"', "20.04-lts"),
        ("word", "word", "word"),
        ("yes", '"yes"', '"yes"'),
        ("1.50", '"1.50"', '"1.50"'),
        ("1_000", '"1_000"', '"1_000"'),
        ("1e3", '"1e3"', '"1e3"'),
        ("2026-01-01", '"2026-01-01"', '"2026-01-01"'),
        ("12:30:00", '"12:30:00"', '"12:30:00"'),
        ("a: b", '"a: b"', '"a: b"'),
        ("a #b", '"a #b"', '"a #b"'),
        ("*a", '"*a"', '"*a"'),
        ("[a]", '"[a]"', '"[a]"'),
        ("", '""', '""'),
        ("a:", '"a:"', '"a:"'),
        ("a,b: c", '"a,b: c"', '"a,b: c"'),
        ("1,000", '"1,000"', '"1,000"'),
        *((text, json.dumps(text), text) for text in IN_BRACKETS_ALONE),
    ],
)
def test_a_text_gets_the_quotes_that_it_needs(small: Sandbox, text: str, careful: str, needed: str) -> None:
    env = small.root / "environments"
    name = next(path.stem for path in sorted(env.glob("*.yaml")) if path.stem != "base")
    for path in (small.root / "templates").rglob("*.j2"):
        path.unlink()
    (env / "base.yaml").write_text(json.dumps({"text": text}), "utf-8")
    (env / f"{name}.yaml").write_text("{}\n", "utf-8")
    (env / "schema.json").write_text(
        '{"type": "object", "additionalProperties": false, "properties": {"text": {"type": "string"}}}',
        "utf-8",
    )
    small.write("templates/a.yaml.j2", "a: {{ text }}\nb: [{{ text }}]\n")
    for setting, wanted in (("careful", careful), ("needed", needed)):
        small.write("oetgen.yaml", f"header: false\nquotes: {setting}\n")
        result = small.oetgen("render", name)
        assert result.status == 0, result
        within = careful if text in IN_BRACKETS_ALONE else wanted
        assert small.read(f"out/{name}/a.yaml") == f"a: {wanted}\nb: [{within}]\n"
        assert yaml.safe_load(f"a: {wanted}\nb: [{within}]\n") == {"a": text, "b": [text]}


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("ab1,:#{}[]&*!|>'\"%@` -?.=~$\\é\t\n"), max_size=8))
def test_a_text_without_quotes_is_the_text(text: str) -> None:
    if plain.is_safe_on_line(text):
        assert yaml.safe_load(f"a: {text}\nb:\n- {text}\n- x\n") == {"a": text, "b": [text, "x"]}
