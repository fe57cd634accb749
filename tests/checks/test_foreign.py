"""What the rules find in files of other people, and with which severity."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from generator.checks.registry import rules
from generator.checks.rule import Context, NotApplicableError, Repository
from generator.system import System
from tests.checks.helpers import TODAY
from tests.conftest import rows

CASES = yaml.load((Path(__file__).parent / "foreign.yaml").read_text("utf-8"), yaml.CSafeLoader)


@rows("case", CASES)
def test_files_of_other_people(case: dict[str, Any]) -> None:
    context = Context(System.of_files(case["files"]), Repository(), TODAY)
    try:
        found = [f"{each.severity}: {each.message}" for each in rules()[case["rule"]].check(context)]
    except NotApplicableError:
        found = []
    assert found == case.get("finds", [])
