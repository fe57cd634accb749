"""The rules have nothing to say of what is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks import variants
from tests.checks.helpers import TODAY
from tests.conftest import Sandbox


@pytest.mark.parametrize("name", variants.IN_THE_SUITE)
def test_a_project_that_is_built_differently_is_clean(name: str, tmp_path: Path) -> None:
    assert variants.findings(name, tmp_path, tools=False) == []


def test_all_environments_are_clean_when_strict(project: Sandbox) -> None:
    assert project.oetgen("render", "--all").status == 0
    result = project.oetgen("check", "--no-tools", "--strict", "--today", TODAY.isoformat())
    assert result.status == 0, result.out
