"""`quotes: needed` in oetgen.yaml: text of YAML gets quotes only where a reader takes it for something else."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.conftest import Sandbox


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
        assert small.read(f"out/{name}/a.yaml") == f"a: {wanted}\nb: [{wanted}]\n"
        assert yaml.safe_load(wanted) == text
