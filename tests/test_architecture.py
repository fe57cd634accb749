"""docs/architecture.md is true: the rooms that it lists exist, and its walks are the real order of the calls."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

from tests.conftest import ROOT, Sandbox

PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
PACKAGE = ROOT / "generator"
ROW = re.compile(r"^\| \d+ \| `(?P<file>[^`]+)` `(?P<name>[^`]+)` \|", re.MULTILINE)
Step = tuple[str, str]


def walk(heading: str) -> list[Step]:
    """Return the functions that the walk under `heading` lists, in order."""
    section = PAGE.split(f"### {heading}\n")[1].split("\n#")[0]
    return [(row["file"], row["name"]) for row in ROW.finditer(section)]


def first_calls(project: Sandbox, *arguments: str) -> list[Step]:
    """Return the functions of the package that a command calls, in the order of their first calls."""
    calls: dict[Step, None] = {}
    prefix = f"{PACKAGE}/"

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(prefix):
            calls.setdefault((frame.f_code.co_filename.removeprefix(prefix), frame.f_code.co_name))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        project.oetgen("--no-cache", *arguments)
    finally:
        sys.setprofile(before)
    return list(calls)


COMMANDS = {
    "From a value to a byte": ("render", "prod"),
    "From a rule to the screen": ("check", "--no-tools", "prod"),
    "From a line back to its template": ("blame", "out/prod/k8s/config.yaml:6"),
}


@pytest.mark.parametrize("heading", list(COMMANDS))
def test_a_walk_is_the_order_of_the_calls(
    heading: str, small: Sandbox, equal_templates_are_compiled_once: Callable[[], None]
) -> None:
    base = small.read("environments/base.yaml")
    small.write(
        "environments/base.yaml", base[: base.index("checks:")]
    )  # the small project turns its rules off
    if heading != "From a value to a byte":
        small.oetgen("render", "prod")
    steps = walk(heading)
    assert 3 < len(steps) <= 8
    equal_templates_are_compiled_once()  # forgets them: others may have met these templates before
    calls = first_calls(small, *COMMANDS[heading])
    assert [step for step in calls if step in steps] == steps


def test_the_table_of_rooms_lists_every_room() -> None:
    table = PAGE.split("## The rooms\n")[1].split("\n\nLanguages, rules")[0]
    rows = [line.split("|")[2] for line in table.splitlines() if line.startswith("| ") and "`" in line]
    listed = {name.rstrip("/") for row in rows for name in re.findall(r"`([a-z.]+/?)`", row)} - {"generator"}
    there = {path.name for path in PACKAGE.iterdir() if path.name[0] not in "_" and path.name != "py.typed"}
    assert listed == there
    assert len(there) <= 16  # the rooms of the table, with the editor and adopt


def test_every_file_that_the_page_names_exists() -> None:
    names = re.findall(r"`((?:[a-z_]+/)+(?:[a-z_]+\.py)?)`", PAGE)
    missing = [name for name in names if not (PACKAGE / name).exists() and not Path(ROOT / name).exists()]
    assert missing == []


def test_no_room_knows_the_first_stack() -> None:
    names = re.compile(r"praxis|\boet\b(?!gen)|\boet[-_]", re.IGNORECASE)
    package = ROOT / "generator"
    drawing = package / "report" / "drawing.py"  # its class of CSS is short for oetgen
    files = [each for each in package.rglob("*") if each.suffix in (".py", ".md", ".json", ".yaml", ".css")]
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        if path != drawing and "starters" not in path.parts and path.name != "page.css"
        for number, line in enumerate(path.read_text("utf-8").split("\n"), start=1)
        if names.search(line)
    ]
    assert len(files) > 300 and not found


def test_no_room_but_the_settings_names_the_values_of_the_first_stack() -> None:
    """`services` and `suffix` are defaults of oetgen.yaml, not rules of the renderer."""
    rooms = ("project", "values", "render", "writer", "provenance", "incremental", "changes/environments.py")
    files = [each for room in rooms for each in (ROOT / "generator" / room).rglob("*.py")]
    files += [ROOT / "generator/pipeline.py", ROOT / "generator/changes/environments.py"]
    settings = ROOT / "generator" / "values" / "settings" / "__init__.py"
    found = [
        path.relative_to(ROOT).as_posix()
        for path in files
        if path != settings and re.search(r'"(services|suffix|k8s|\.github)["/]', path.read_text("utf-8"))
    ]
    assert len(files) > 80 and not found
