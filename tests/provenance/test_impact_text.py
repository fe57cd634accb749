"""`oetgen impact` answers first, and lists lines only if they are few or wanted."""

from __future__ import annotations

import re

from tests.conftest import Sandbox


def test_many_lines_are_counted_by_file_the_most_first(project: Sandbox) -> None:
    short, whole = (
        project.oetgen("impact", "services.backend.port", *more).out for more in ([], ["--verbose"])
    )
    first, *lines = short.splitlines()
    assert re.fullmatch(
        r"services\.backend\.port affects \d+ lines in \d+ files of dev, prod, spec, staging\.", first
    )
    assert whole.splitlines()[0] == first
    rows = [re.fullmatch(r" +(\d+) +(\d+)  (\S+) +(\S.*)", line) for line in lines]
    counts = [(int(row[1]) + int(row[2]), len(row[4].split(", "))) for row in rows if row]
    assert sum(count * environments for count, environments in counts) == int(first.split()[2])
    held = sum(int(row[1]) * len(row[4].split(", ")) for row in rows if row)
    assert lines[0] == f"{held} contain it, {int(first.split()[2]) - held} depend on it."
    assert [count for count, _ in counts] == sorted((count for count, _ in counts), reverse=True)
    assert len(short.splitlines()) < 20 < len(whole.splitlines())
    assert "in      EXPOSE 8000" in whole
    assert "EXPOSE" not in short


def test_a_few_lines_are_listed(small: Sandbox) -> None:
    out = small.oetgen("impact", "services.worker.replicas").out
    assert out.startswith("services.worker.replicas affects ")
    assert re.search(r"^    \d+  in ", out, re.M)
