"""What the check of one environment made is forgotten before the next ones, so that memory does not grow."""

from __future__ import annotations

import datetime
import gc
import weakref
from pathlib import Path

import pytest

from generator.checks import outcome, runner
from generator.checks.options import CheckOptions
from generator.checks.outcome import Outcome, Subject
from generator.checks.remembered import Remembered
from generator.cli import speed
from generator.pipeline import Pipeline
from generator.project.folder import Project
from generator.project.limits import Limits
from generator.render.tree import Tree
from generator.system import System
from tests.conftest import Sandbox


def test_environments_that_are_checked_are_forgotten(
    small: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    systems: list[weakref.ref[System]] = []
    alive: list[int] = []
    trees: list[int] = []
    outcome_of = outcome.outcome_of

    def counted(subject: Subject, options: CheckOptions, limits: Limits, remembered: Remembered) -> Outcome:
        systems.append(weakref.ref(subject.context.system))
        alive.append(sum(each() is not None for each in systems))
        gc.collect()
        trees.append(sum(isinstance(each, Tree) for each in gc.get_objects()))
        return outcome_of(subject, options, limits, remembered)

    for number in range(4):
        small.write(f"environments/e{number}.yaml", small.read("environments/prod.yaml"))
    names = [f"e{number}" for number in range(4)]
    monkeypatch.setattr(runner, "_TOGETHER", 1)
    monkeypatch.setattr(runner, "outcome_of", counted)
    monkeypatch.setattr(speed, "FEW", 1)
    gc.disable()
    try:
        with speed.store() as store:
            options = CheckOptions(datetime.date(2026, 11, 24), tools=False)
            Pipeline(Project(small.root)).check(names, options, print, store=store)
    finally:
        gc.enable()
    assert alive == [1, 1, 1, 1]
    assert trees[-1] - trees[0] <= 1  # the one that is checked, beside the one that stays in memory
