"""The example workflow that shares environments out among jobs: GitHub takes it, and it does what it says."""

from __future__ import annotations

import json
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


def test_check_finds_the_same_with_any_number_of_processes_and_in_shares(small: Sandbox) -> None:
    """More environments than are read together, one of them wrong."""
    for number in range(17):
        small.write(f"environments/tenant-{number:02}.yaml", "extends: prod\n")
    small.write("templates/broken.sh.j2", "#!/bin/sh\nif true\n")
    command = ("check", "--no-tools", "--today", "2026-11-24", "--format", "json")
    alone = small.oetgen("--no-cache", *command, "--jobs", "1")
    assert json.loads(alone.out)["findings"]
    assert small.oetgen("--no-cache", *command, "--jobs", "3") == alone
    shares = [json.loads(small.oetgen(*command, "--shard", f"{share}/3").out) for share in (1, 2, 3)]
    names = [name for share in shares for name in share["summary"]["environments"]]
    assert sorted(names) == sorted(json.loads(alone.out)["summary"]["environments"])
    assert small.oetgen(*command, "--shard", "4/3").status == 2
