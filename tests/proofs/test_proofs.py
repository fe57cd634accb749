"""A small part of the proofs; `python -m tests.proofs` runs them at full size."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.conftest import SMALL
from tests.proofs import fuzz
from tests.proofs.mutations import Judge, mutations, report
from tests.proofs.valid import prove


def test_schema_valid_values_render_without_a_false_alarm() -> None:
    outcome = prove(2)
    assert (outcome.blamed, outcome.failed) == (0, ())
    assert outcome.changed


def test_mistakes_are_told_at_their_line_and_nothing_is_written(tmp_path: Path) -> None:
    judge = Judge(tmp_path / "project")
    verdicts = [judge.verdict(each) for each in mutations(14)]
    assert all(each.right for each in verdicts), report(verdicts)
    assert all(each.told for each in verdicts), report(verdicts)


def test_random_text_raises_nothing_but_our_own(tmp_path: Path) -> None:
    shutil.copytree(SMALL, tmp_path / "small")
    assert fuzz.values(60)
    assert fuzz.templates(30, tmp_path / "small")
