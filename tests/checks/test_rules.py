"""Every rule finds what it is for when one agreement of the real project is broken, and nothing before."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from generator.checks.outcome import context_of
from generator.checks.registry import rules
from generator.checks.rule import Context, NotApplicableError
from tests.checks.helpers import TODAY
from tests.checks.mutations import Laboratory, Mutation, copy

CASES: list[dict[str, str]] = yaml.load(
    (Path(__file__).parent / "cases.yaml").read_text("utf-8"), yaml.CSafeLoader
)
FOREIGN = yaml.load((Path(__file__).parent / "foreign.yaml").read_text("utf-8"), yaml.CSafeLoader)


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    return copy(tmp_path_factory.mktemp("laboratory"))


@pytest.fixture(scope="module")
def whole(laboratory: Laboratory) -> dict[str, Context]:
    """The context of each environment as it is; what a rule has read of it is kept for the next one."""
    return {env: context_of(*pair, TODAY) for env, pair in laboratory.whole.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["rule"])
def test_a_rule_finds_what_it_is_for(
    laboratory: Laboratory, whole: dict[str, Context], case: dict[str, str]
) -> None:
    text = (laboratory.root / case["file"]).read_text("utf-8")
    assert text.count(case["old"]) == 1, "the project has changed: write the case anew"
    mutation = Mutation(
        "case", case["file"], 0, case["old"], case["new"], text.replace(case["old"], case["new"])
    )
    with laboratory.changed(mutation):
        tree, values, failed = laboratory.render(mutation, case["environment"])
    assert tree, failed
    assert case["says"] not in _said(case["rule"], whole[case["environment"]])
    assert case["says"] in _said(case["rule"], context_of(tree, values, TODAY))


def test_every_rule_has_a_case() -> None:
    """The real project has no file of some languages: foreign.yaml has the cases of their rules."""
    others = {"gitlab-jobs", "monitors", "rights", "routes", "schedules", "service-addresses"}
    assert {case["rule"] for case in FOREIGN if case.get("finds")} >= others
    assert sorted({case["rule"] for case in CASES} | others) == list(rules())


def _said(rule: str, context: Context) -> list[str]:
    try:
        return [each.message for each in rules()[rule].check(context)]
    except NotApplicableError:
        return []
