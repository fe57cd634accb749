"""The example workflow that shares environments out among jobs: GitHub takes it, and it does what it says."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from tests.conftest import ROOT, Sandbox
from tests.output import linters

WORKFLOW = ROOT / "docs" / "shards.yml"


def test_it_is_a_workflow() -> None:
    assert linters.against_schema("github-workflows", [WORKFLOW]) == ""


def test_the_schema_notices_a_mistake(tmp_path: Path) -> None:
    broken = tmp_path / "shards.yml"
    broken.write_text(WORKFLOW.read_text("utf-8").replace("runs-on:", "run-on:"), "utf-8")
    assert "run-on" in linters.against_schema("github-workflows", [broken])


def test_zizmor_has_nothing_to_say() -> None:
    assert linters.zizmor([WORKFLOW]) == []


def test_its_jobs_together_render_every_environment_once(small: Sandbox) -> None:
    job = yaml.safe_load(WORKFLOW.read_text("utf-8"))["jobs"]["render"]
    commands = [step["run"] for step in job["steps"] if "--shard" in step.get("run", "")]
    command = re.fullmatch(r'oetgen render --all --shard "\$SHARE/(\d+)"', commands[0])
    assert command
    shares = job["strategy"]["matrix"]["share"]
    assert shares == list(range(1, int(command[1]) + 1))
    results = [small.oetgen("render", "--all", "--shard", f"{share}/{command[1]}") for share in shares]
    assert {result.status for result in results} == {0}
    written = re.findall(r"^(out/\S+): \d+ created$", "".join(result.out for result in results), re.M)
    assert sorted(written) == ["out/prod", "out/test"]
