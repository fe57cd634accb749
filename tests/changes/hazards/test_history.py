"""The real history of this project's output, replayed: nothing in it is an error for `plan`."""

from __future__ import annotations

import subprocess
from itertools import pairwise

import pytest

from generator.changes import committed_files
from generator.changes.hazards import System, find
from generator.changes.objects import object_changes
from generator.project.git import Revision, revision
from tests.conftest import ROOT, oetgen, some

ENVIRONMENTS = ("dev", "prod", "spec", "staging")


def revisions() -> list[Revision]:
    """Return every commit that changed out/, the oldest first."""
    log = subprocess.run(
        ["git", "-C", str(ROOT), "log", "--reverse", "--full-history", "--format=%H", "--", "out"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [revision(ROOT, commit) for commit in log.stdout.split()]


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_each_step_of_the_history(env: str, capsys: pytest.CaptureFixture[str]) -> None:
    sides = [System.of_files(committed_files(each, env)) for each in revisions()]
    assert len(sides) > 10, "the history is cut off: fetch all of it (git fetch --unshallow)"
    steps = found = 0
    for old, new in pairwise(sides):
        hazards = find(old, new)
        done = object_changes(old, new, hazards)
        assert not new.unread, new.unread
        assert bool(done) or old.texts == new.texts or not hazards
        steps, found = steps + bool(done), found + len(hazards)
    with capsys.disabled():
        print(f"\n{env}: {len(sides)} revisions, {steps} of them change what it does, {found} hazards")


@pytest.mark.breadth
def test_plan_against_each_revision_of_the_history() -> None:
    """The command itself, with the values of each revision as causes, for one environment."""
    for each in some(revisions()[::4], 8):
        result = oetgen("-C", str(ROOT), "plan", "prod", "--against", each.commit)
        assert result.status in (0, 1), result.err
        assert "prod: " in result.out
