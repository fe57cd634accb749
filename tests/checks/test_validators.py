"""Outside tools: each finds what only it finds, and it is said at the template's line."""

from __future__ import annotations

import shutil

import pytest

from generator.checks.validators import VALIDATORS
from tests.conftest import Sandbox

WORKFLOW, DOCKERFILE = ".github/workflows/{service}{suffix}.yml", "{service}/Dockerfile"
# The tool, the template, what is changed in it, and the code of what is said.
BROKEN = {
    "check-jsonschema": (WORKFLOW, "    runs-on:", "    run-on:", "check-jsonschema/github-workflows"),
    "zizmor": (WORKFLOW, "github.sha", "github.event.issue.title", "zizmor/template-injection"),
    "hadolint": (DOCKERFILE, "CMD [", "MAINTAINER me\nCMD [", "hadolint/DL4000"),
    "dockerfile": (DOCKERFILE, "CMD [", "ENV NOTHING\nCMD [", "dockerfile/"),
    "pygohcl": ("terraform/main.tf", 'variable "name" {', 'variable "name" [', "pygohcl/"),
    "shellcheck": ("scripts/greet.sh", '"$greeting" ', "", "shellcheck/SC2034"),
    "kubernetes-validate": ("k8s/{service}.yaml", "  replicas:", "  replica:", "kubernetes-validate/schema"),
}


@pytest.mark.parametrize("tool", BROKEN)
def test_a_tool_is_run_and_its_finding_is_at_the_template(
    small: Sandbox, monkeypatch: pytest.MonkeyPatch, tool: str
) -> None:
    for name in set(VALIDATORS) - {tool}:
        monkeypatch.setattr(VALIDATORS[name], "version", lambda _: None)
    file, old, new, said = BROKEN[tool]
    small.replace(f"templates/{file}.j2", old, new)
    out = small.oetgen("check", "test").out
    found = [line for line in out.splitlines() if f"[{said}" in line]
    assert found, out
    assert found[0].startswith(f"templates/{file}.j2:")
    assert f"; {tool} " in out


@pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is not on PATH")
def test_terraform_fmt_is_used_where_it_is(small: Sandbox) -> None:
    small.replace("templates/terraform/main.tf.j2", "  labels =", "  labels    =")
    assert "[terraform-fmt/" in small.oetgen("check", "test").out
