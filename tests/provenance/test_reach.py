"""A small sample of `python -m tests.reach`, which changes every value of every environment."""

from __future__ import annotations

from generator.pipeline import Pipeline
from generator.project.folder import find
from tests.conftest import SMALL
from tests.reach.values import Totals, prove_values


def test_what_a_value_changes_was_named() -> None:
    totals = Totals()
    pipeline = Pipeline(find(SMALL))
    for proof in pipeline.validate_and_render(["prod", "test"]):
        prove_values(pipeline, proof, totals)
    assert totals.wrong == []
    assert totals.count["values"] > 20
    assert totals.count["files that differ"] > 50
