"""The stack of this repository, taken over for another application by values, leaves nothing of the first one."""

from pathlib import Path

from tests.conftest import Sandbox, oetgen
from tests.starters.takeover import leftovers, take_over


def test_a_takeover_by_values_leaves_nothing_of_the_first_application(tmp_path: Path) -> None:
    assert oetgen("-C", str(tmp_path), "init", "--starter", "aws-eks").status == 0
    take_over(tmp_path, services=1)
    project = Sandbox(tmp_path)
    result = project.oetgen("render", "qa")
    assert (result.status, result.err) == (0, "")
    assert leftovers(tmp_path / "out") == []
    checked = project.oetgen("check", "--no-tools", "--strict", "--today", "2026-08-22")
    assert checked.status == 0, checked.out
