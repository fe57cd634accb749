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


def test_it_says_where_the_file_on_disk_has_another_line(small: Sandbox) -> None:
    path = "out/prod/k8s/api.yaml"
    small.oetgen("render", "prod")
    lines = small.read(path).splitlines()
    number = next(number for number, line in enumerate(lines, 1) if "name:" in line)
    assert "on disk" not in small.oetgen("blame", path).out
    (small.root / path).write_text(
        "\n".join([*lines[: number - 1], "  edited: yes", *lines[number:], ""]), "utf-8"
    )
    assert (
        f"line {number} of the file on disk is not as rendered"
        in small.oetgen("blame", f"{path}:{number}").out
    )
    assert "it is now: edited: yes" in small.oetgen("blame", f"{path}:{number}").out
    assert "on disk" not in small.oetgen("blame", f"{path}:{number + 1}").out
    assert f"{path} on disk is not as rendered" in small.oetgen("blame", path).out
