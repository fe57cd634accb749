"""`oetgen blame FILE:LINE` as a person reads it."""

from __future__ import annotations

import pytest

from tests.conftest import ROOT, Sandbox, some

_FILES = ("k8s/backend-deployment.yaml", ".github/workflows/backend.yml", "terraform/main.tf")


@pytest.mark.breadth
@pytest.mark.parametrize("path", _FILES)
def test_no_condition_loop_or_call_of_a_line_is_printed_twice(path: str) -> None:
    lines = (ROOT / "out" / "prod" / path).read_text("utf-8").splitlines()
    for number in some(range(1, len(lines), 9), 6):
        out = Sandbox(ROOT).oetgen("blame", f"out/prod/{path}:{number}").out
        conditions = [line.strip() for line in out.splitlines() if "{% if" in line or "{% for" in line]
        assert len(conditions) == len(set(conditions)), out
