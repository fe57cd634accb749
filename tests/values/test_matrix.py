"""Environments by a matrix in the values."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.shell_completion import BashComplete

from generator.cli.group import cli
from tests.conftest import Sandbox

SCHEMA = """{
  "type": "object",
  "additionalProperties": false,
  "required": ["region", "replicas", "greeting", "services"],
  "properties": {
    "region": {"type": "string"},
    "tenant": {"type": "string"},
    "replicas": {"type": "integer"},
    "greeting": {"type": "string"},
    "services": {"type": "object", "additionalProperties": {"$ref": "#/$defs/service"}},
    "regions": {"type": "object", "additionalProperties": {"type": "object"}},
    "tenants": {"type": "array", "items": {"type": "string"}}
  },
  "$defs": {
    "service": {
      "type": "object",
      "additionalProperties": false,
      "required": ["replicas"],
      "properties": {"replicas": {"type": "integer"}}
    }
  }
}
"""
BASE = "region: none\nreplicas: 1\ngreeting: hello\nservices: {api: {replicas: 3}}\n"
PROD = """# prod
regions:
  eu-west-1: {replicas: 3}
  us-east-1: {greeting: howdy, services: {api: {replicas: 7}}}
"""


@pytest.fixture
def regional(tmp_path: Path) -> Sandbox:
    project = Sandbox(tmp_path)
    project.write("oetgen.yaml", "matrix: {region: regions}\n")
    project.write("environments/schema.json", SCHEMA)
    project.write("environments/base.yaml", BASE)
    project.write("environments/prod.yaml", PROD)
    project.write("environments/test.yaml", "greeting: plain\n")
    project.write(
        "templates/{region}.txt.j2",
        "{{ region }} {{ replicas }} {{ greeting }}\n{{ services.api.replicas }}\n",
    )
    return project


def test_an_environment_is_rendered_for_each_entry(regional: Sandbox) -> None:
    result = regional.oetgen("render", "prod")
    assert result.status == 0, result.err
    assert regional.read("out/prod-eu-west-1/eu-west-1.txt") == "eu-west-1 3 hello\n3\n"
    assert regional.read("out/prod-us-east-1/us-east-1.txt") == "us-east-1 1 howdy\n7\n"
    again = regional.oetgen("render", "--all")
    assert [line.partition(":")[0] for line in again.out.splitlines() if line.startswith("out/")] == [
        "out/prod-eu-west-1",
        "out/prod-us-east-1",
        "out/test",
    ]
    one = regional.oetgen("render", "prod-us-east-1")
    assert one.status == 0 and one.out.startswith("out/prod-us-east-1: ") and "unchanged" in one.out


def test_commands_know_the_names(regional: Sandbox) -> None:
    assert regional.oetgen("render", "--all").status == 0
    checked = regional.oetgen("check", "--no-tools")
    assert checked.status == 0, checked.out
    assert "regions" not in checked.out and "committed/" not in checked.out
    blamed = regional.oetgen("blame", "out/prod-us-east-1/us-east-1.txt:1").out
    assert "environments/prod.yaml:" in blamed and "templates/{region}.txt.j2:1" in blamed
    assert "howdy" in regional.oetgen("values", "prod-us-east-1", "greeting").out
    assert regional.oetgen("diff", "prod-us-east-1").status == 0
    assert "howdy" in regional.oetgen("diff", "prod-eu-west-1", "prod-us-east-1").out
    regional.replace("environments/prod.yaml", "{replicas: 3}", "{replicas: 4}")
    assert regional.oetgen("diff", "prod-us-east-1").status == 0
    assert regional.oetgen("diff", "prod-eu-west-1").status == 1
    assert "prod-eu-west-1" in regional.oetgen("plan", "prod-eu-west-1").out
    assert "prod-us-east-1: no differences" in regional.oetgen("plan", "prod").out
    refused = regional.oetgen("graph", "prod")
    assert refused.status == 2 and "prod is 2 environments" in refused.err and "prod-eu-west-1" in refused.err
    unknown = regional.oetgen("values", "prod-us-east-2")
    assert unknown.status == 2 and "prod-us-east-1" in unknown.err


def test_a_mistake_in_an_entry_is_at_its_place(regional: Sandbox) -> None:
    regional.replace("environments/prod.yaml", "greeting: howdy", "greting: howdy")
    result = regional.oetgen("render", "prod")
    assert result.status == 1 and 'did you mean "greeting"' in result.err
    assert "environments/prod.yaml:" in result.err and "in prod-us-east-1" in result.err


@pytest.mark.parametrize("key", ["a b", "x/y", "\u00e9", "a" * 100])
def test_a_name_that_is_no_environment_is_a_finding(regional: Sandbox, key: str) -> None:
    regional.replace("environments/prod.yaml", "eu-west-1:", f'"{key}":')
    result = regional.oetgen("render", "prod")
    assert result.status == 1 and "values/matrix" in result.err and "environments/prod.yaml:" in result.err


def test_two_environments_of_one_name_are_a_finding(regional: Sandbox) -> None:
    regional.write("environments/prod-eu-west-1.yaml", "greeting: x\n")
    result = regional.oetgen("render", "--all")
    assert result.status == 1 and "there is another environment prod-eu-west-1" in result.err


def test_two_words_make_every_combination(regional: Sandbox) -> None:
    regional.write("oetgen.yaml", "matrix: {region: regions, tenant: tenants}\n")
    regional.replace("environments/prod.yaml", "# prod", "tenants: [a, b]")
    regional.write(
        "templates/{region}.txt.j2", "{{ region }} {{ tenant | default('none') }} {{ replicas }}\n"
    )
    result = regional.oetgen("render", "prod")
    assert result.status == 0, result.err
    assert regional.read("out/prod-us-east-1-b/us-east-1.txt") == "us-east-1 b 1\n"
    assert len(list((regional.root / "out").iterdir())) == 4


def test_a_shell_completes_the_environments_of_a_matrix(regional: Sandbox) -> None:
    shell = BashComplete(cli, {}, "oetgen", "_OETGEN_COMPLETE")
    found = shell.get_completions(["-C", str(regional.root), "render"], "prod-")
    assert [each.value for each in found] == ["prod-eu-west-1", "prod-us-east-1"]
