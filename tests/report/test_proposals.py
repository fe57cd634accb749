"""What an edit of values files changes fits one screen: each added entry whole, each effect once."""

from __future__ import annotations

import pytest

from generator.report.proposals import changed_blocks, values_text
from tests.conftest import Sandbox

ENTRIES = "services:\n  web:\n    port: 1\n    env:\n      A: b\nlast: 1\n"
LONG = "".join(f"    key{number}: {number}\n" for number in range(20))
COPIED = f"  … 20 lines as from line 2: {', '.join(f'key{number}' for number in range(12))} and 8 more"


@pytest.mark.parametrize(
    ("old", "new", "blocks"),
    [
        (
            ENTRIES,  # the new entry is the block, not the end of the entry before and the beginning of itself
            ENTRIES.replace("last", "  api:\n    port: 2\n    env:\n      A: b\nlast"),
            [(6, ["  api:", "    port: 2", "    env:", "      A: b"], [])],
        ),
        ("a: 1\nb: 2\n", "a: 1\nb: 3\n", [(2, ["b: 3"], ["b: 2"])]),
        ("a: 1\nb: 2\n", "a: 1\n", [(2, [], ["b: 2"])]),
        ("a: 1\n", "a: 1\n", []),
        (None, "a: 1\n\nb: 2\n", [(1, ["a: 1", "", "b: 2"], [])]),
    ],
)
def test_the_lines_that_change_are_blocks(
    old: str | None, new: str, blocks: list[tuple[int, list[str], list[str]]]
) -> None:
    found = changed_blocks(None if old is None else old.split("\n"), new.split("\n"))
    assert [(each.line, list(each.lines), list(each.removed)) for each in found] == blocks


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("a: 1\n", "a: 1\nb: 2\n", ["x.yaml:2  + b: 2"]),
        ("a: 1\n", "a: 1\nb: 2\nc: 3\n", ["x.yaml:2  2 lines added", "  + b: 2", "  + c: 3"]),
        ("a: 1\n", "a: 2\n", ["x.yaml:1", "  - a: 1", "  + a: 2"]),
        (None, "a: 1\nb: 1\n", ["x.yaml:1  a new file, 2 lines", "  + a: 1", "  + b: 1"]),
        (
            f"  one:\n{LONG}",
            f"  one:\n{LONG}  two:\n    port: 2\n{LONG}",
            ["x.yaml:22  22 lines added", "  +   two:", "  +     port: 2", COPIED],
        ),
    ],
)
def test_a_long_block_counts_the_lines_that_are_copied(old: str | None, new: str, lines: list[str]) -> None:
    assert list(values_text("x.yaml", old, new, {"x.yaml": old} if old else {})) == lines


def test_a_new_service_of_this_project_fits_one_screen(project: Sandbox) -> None:
    result = project.oetgen("new", "service", "reports", "--like", "backend", "--dry-run")
    assert result.status == 0, result.err
    lines = result.out.splitlines()
    assert len(lines) <= 40
    assert sum(line.startswith("REPLACED in dev, prod, spec, staging") for line in lines) == 1
    assert result.out.count("hazards/rights") == 1
    assert [line for line in lines if line.startswith("creates Deployment, Service, ServiceAccount")]
    assert any(line.startswith("  +   reports:") for line in lines)
