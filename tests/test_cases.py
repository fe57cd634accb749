"""Every file in tests/cases/ is one case: changes to the small project, a command, and exactly what it prints.

    # Why the case is here.
    $ oetgen render prod
    --- environments/prod.yaml
    (the file's new content; `--- PATH deleted` takes one away, `--- PATH bytes` has other bytes as \\xNN, and
    `--- PATH times N` repeats the content, `--- PATH read-only` lets nobody write to a folder)
    --- exit 1
    --- stdout
    --- stderr
    (what the command prints)

A command that fails has changed nothing in out/. `pytest --update-golden` rewrites what is behind `--- exit`.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.conftest import SMALL, Result, Sandbox

CASES = sorted((Path(__file__).parent / "cases").glob("*.case"))
_SECTION = re.compile(r"^--- (.+)\n", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """A case file in parts: `head` is all of it that `--update-golden` leaves alone."""

    head: str
    command: list[str]
    files: dict[str, str]
    expected: Result


def read(path: Path) -> Case:
    text = path.read_text("utf-8")
    intro, *parts = _SECTION.split(text)
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    status = next((name for name in sections if name.startswith("exit ")), "")
    expected = Result(int(status[5:] or 0), sections.get("stdout", ""), sections.get("stderr", ""))
    files = {name: body for name, body in sections.items() if not re.match("exit |stdout$|stderr$", name)}
    command = next(line for line in intro.splitlines() if line.startswith("$ oetgen "))
    return Case(text.partition("--- exit ")[0], shlex.split(command)[2:], files, expected)


def run(case: Case, folder: Path) -> Result:
    project = Sandbox(folder / "project")
    shutil.copytree(SMALL, project.root)
    for title, body in case.files.items():
        name, _, how = title.partition(" ")
        if how == "deleted":
            target = project.root / name
            shutil.rmtree(target) if target.is_dir() else target.unlink()
        elif how == "read-only":
            (project.root / name).chmod(0o555)
        elif how == "bytes":
            (project.root / name).write_bytes(
                body.encode("latin-1").decode("unicode_escape").encode("latin-1")
            )
        else:
            times = int(how.removeprefix("times ")) if how else 1
            project.write(name, body * times)
    before = project.snapshot()
    with patch("os.access", _access):
        result = project.oetgen(*case.command)
    if result.status:
        assert project.snapshot() == before, "a failed command changed out/"
    return Result(result.status, *(text.replace(str(folder), "…") for text in (result.out, result.err)))


def _access(path: str | Path, mode: int) -> bool:
    """Answer as to a user who is not root: root may write everywhere."""
    return os.stat(path).st_mode & (mode << 6) == mode << 6


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, tmp_path: Path, update_golden: bool) -> None:
    case = read(path)
    result = run(case, tmp_path)
    if update_golden:
        body = f"--- exit {result.status}\n--- stdout\n{result.out}--- stderr\n{result.err}"
        path.write_text(case.head + body, "utf-8")
        case = read(path)
    assert result == case.expected
