"""The rules have nothing to say of what is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.checks.outcome import apply_rules
from generator.checks.rule import Context, Repository
from generator.system import System
from tests.checks import variants
from tests.checks.helpers import TODAY
from tests.conftest import Sandbox


@pytest.mark.parametrize("name", variants.IN_THE_SUITE)
def test_a_project_that_is_built_differently_is_clean(name: str, tmp_path: Path) -> None:
    assert variants.findings(name, tmp_path, tools=False) == []


def test_all_environments_are_clean_when_strict(project: Sandbox) -> None:
    assert project.oetgen("render", "--all").status == 0
    result = project.oetgen("check", "--no-tools", "--strict", "--today", TODAY.isoformat())
    assert result.status == 0, result.out


BROKEN = "apiVersion: v1\nkind: Service\nmetadata:\n\tname: web-service\n"
INGRESS = """apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: a}
spec:
  rules:
  - http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: web-service, port: {number: 80}}}}
      - {path: /b, pathType: Prefix, backend: {service: {name: api-service, port: {number: 80}}}}
"""


def test_what_stands_in_a_file_that_cannot_be_read_is_not_missed() -> None:
    system = System.of_files({"k8s/a.yaml": INGRESS, "k8s/b.yaml": BROKEN})
    found = apply_rules(Context(system, Repository(), TODAY)).findings
    messages = [each.message for each in found]
    assert [each for each in messages if "which does not exist" in each] == [
        "Ingress/a routes to the Service api-service, which does not exist"
    ]
    assert any(message.startswith("not YAML") for message in messages)
