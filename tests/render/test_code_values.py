"""Values that the schema declares to be expressions of HCL, and places that keep their own style."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.languages.hcl.syntax import is_expression
from tests.conftest import Sandbox, rows

GOOD = (
    "module.iam.x", "var.a", "1 + 2", 'merge(local.tags, { a = "b" })', "aws_vpc.main[0].id", "[for x in y : x]",
    'a ? "b" : "c"', '"${var.a}-x"', "null", "true", "data.aws_ami.ubuntu.id", "toset([\"a\"])", "var.x[*].id",
)  # fmt: skip
BAD = (
    "", " ", "a b", "a\nb = 2", "a }", "a) + (b", "a # x", "a // x", "a /* x */", "x = 1", "{", '"', "a {\n}", " a",
    "<<EOT\nx\nEOT", "a,b", "a; b",
)  # fmt: skip


@rows("text", GOOD)
def test_expressions(text: str) -> None:
    assert is_expression(text)


@rows("text", BAD)
def test_what_is_no_expression(text: str) -> None:
    assert not is_expression(text)


@pytest.fixture
def stack(tmp_path: Path) -> Sandbox:
    project = Sandbox(tmp_path)
    code = {"type": "string", "format": "hcl-expression"}
    schema = {
        "type": "object",
        "properties": {
            "role": {"$ref": "#/$defs/code"},
            "name": {"type": "string"},
            "ip": {"type": "string"},
            "roles": {"patternProperties": {"_role$": code}},
            "services": {
                "additionalProperties": {
                    "required": ["subnets"],
                    "properties": {"subnets": {"type": "array", "items": code}},
                }
            },
        },
        "$defs": {"code": code},
    }
    project.write("environments/schema.json", json.dumps(schema))
    project.write(
        "environments/base.yaml",
        "role: module.iam.x\nname: module.iam.x\nip: 34.74.127.4\nroles: {a_role: var.a, b: var.b}\n"
        "services: {api: {subnets: [var.a, var.b]}}\n",
    )
    project.write("environments/prod.yaml", "{}\n")
    project.write("oetgen.yaml", "header: false\n")
    project.write(
        "templates/main.tf.j2",
        """resource "a" "b" {
  role      = {{ role }}
  name      = {{ name }}
  text      = "{{ role }}"
  nested    = "${ {{ role }} }"
  upper     = {{ role | upper }}
  all       = {{ services.api.subnets | hcl }}
  by_name   = {{ roles.a_role }}
  other     = {{ roles.b }}
}
""",
    )
    project.write("templates/{service}.tf.j2", "x = {{ service.subnets[0] }}\n")
    project.write(
        "templates/service.yaml.j2",
        "apiVersion: v1\nkind: Service\nspec:\n  loadBalancerIP: {{ ip }}\n  x: {{ role }}\n",
    )
    return project


def test_code_is_written_as_code_where_the_language_has_expressions(stack: Sandbox) -> None:
    for _ in range(2):  # the second time from what was remembered
        result = stack.oetgen("render", "prod")
        assert result.status == 0, result.err
        assert (
            stack.read("out/prod/main.tf")
            == """resource "a" "b" {
  role      = module.iam.x
  name      = "module.iam.x"
  text      = "module.iam.x"
  nested    = "${ module.iam.x }"
  upper     = "MODULE.IAM.X"
  all       = [var.a, var.b]
  by_name   = var.a
  other     = "var.b"
}
"""
        )
        assert stack.read("out/prod/api.tf") == "x = var.a\n"
        assert "  loadBalancerIP: 34.74.127.4\n  x: module.iam.x\n" in stack.read("out/prod/service.yaml")
        stack.replace("templates/service.yaml.j2", "spec:", "spec: ")
    assert (
        "role is" in stack.oetgen("blame", "out/prod/main.tf:2").out
        or "base.yaml:1" in stack.oetgen("blame", "out/prod/main.tf:2").out
    )


@pytest.mark.parametrize("text", ["a b", "x } y", '"'])
def test_what_is_no_code_is_a_finding(stack: Sandbox, text: str) -> None:
    stack.replace("environments/base.yaml", "role: module.iam.x", f"role: {json.dumps(text)}")
    result = stack.oetgen("render", "prod")
    assert result.status == 1 and "is not an expression of HCL" in result.err
    assert "templates/main.tf.j2:2:15" in result.err
