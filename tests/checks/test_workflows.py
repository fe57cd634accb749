"""The rules about workflows, on small ones: what each finds, and what it accepts."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

from generator.checks.rule import Context, NotApplicableError, Repository
from generator.system import System
from tests.checks.helpers import TODAY
from tests.conftest import rows

DATA = yaml.load((Path(__file__).parent / "workflows.yaml").read_text("utf-8"), yaml.CSafeLoader)


def files(case: dict[str, Any]) -> dict[str, str]:
    """Return the workflows of a case: parts of it replace those of the base."""
    job = DATA["base"]["jobs"]["a"] | case.get("job", {})
    workflow = DATA["base"] | {"jobs": {"a": job}} | case.get("set", {})
    workflow |= {"jobs": case["jobs"]} if "jobs" in case else {}
    written = {"w": workflow} | ({"callee": DATA["base"] | case["callee"]} if "callee" in case else {})
    return {
        f".github/workflows/{name}.yml": yaml.safe_dump(text, sort_keys=False)
        for name, text in written.items()
    }


@rows("case", DATA["cases"])
def test_a_rule_finds_its_mistake_and_nothing_else(case: dict[str, Any]) -> None:
    check = import_module(f"generator.checks.rules.actions.{case['rule']}").check
    try:
        found = [each.message for each in check(Context(System.of_files(files(case)), Repository(), TODAY))]
    except NotApplicableError:
        found = []
    if "finds" in case:
        assert any(case["finds"] in message for message in found), found
    else:
        assert not found
