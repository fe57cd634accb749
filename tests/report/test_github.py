"""What GitHub shows of a check: changed lines first, paths from the top of the repository, all in the summary."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import SMALL, Sandbox, copy_project


@pytest.fixture
def committed(tmp_path: Path) -> Sandbox:
    """A project in a folder of its repository, whose defaults have a mistake in the last commit."""
    project = copy_project(SMALL, tmp_path / "deploy")
    project.replace("environments/prod.yaml", "services:\n", "services:\n  zebra: {image: x}\n")
    for command in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=a", "-c", "user.email=a", "commit", "-qm", "a"],
    ):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    project.replace("environments/prod.yaml", "replicas: 3", "replicas: 30")
    return project


def test_what_is_on_changed_lines_comes_first(committed: Sandbox) -> None:
    found = _annotations(committed.oetgen("check", "--no-tools", "--format", "github").out)
    assert len(found) > 1 and found[-1] == ("deploy/environments/prod.yaml", 9)
    first = _annotations(
        committed.oetgen("check", "--no-tools", "--format", "github", "--against", "HEAD").out
    )
    assert first[0] == ("deploy/environments/prod.yaml", 9) and sorted(first) == sorted(found)


def test_the_summary_has_all_findings(committed: Sandbox) -> None:
    command = ("check", "--no-tools", "--format", "markdown")
    out = committed.oetgen(*command, "--against", "HEAD").out
    changed, others = out.split("On other lines:")
    assert "On changed lines:" in changed and "prod.yaml:9" in changed and "prod.yaml:9" not in others
    assert "On changed lines" not in committed.oetgen(*command).out


def test_a_revision_without_such_a_format_is_refused(committed: Sandbox) -> None:
    result = committed.oetgen("check", "--against", "HEAD")
    assert result.status == 2 and "--against has no effect with --format text" in result.err


def _annotations(out: str) -> list[tuple[str, int]]:
    return [
        (path, int(line)) for path, line in re.findall(r"^::\w+ file=([^,]+),line=(\d+)", out, re.MULTILINE)
    ]
