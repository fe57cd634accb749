"""The documentation: its commands do what it shows, its links lead somewhere, its numbers are right.

A block of the kind `console` is run in a copy of the project without output. What is behind the word `console` is a
change to a file before that: `PATH: OLD -> NEW`. A line `…` stands for one or more lines.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT, Sandbox

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCKS = [
    pytest.param(change.strip(), body, id=f"{page.name}-{number}")
    for page in PAGES
    for number, (change, body) in enumerate(
        re.findall(r"^```console([^\n]*)\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
    )
]


@pytest.mark.parametrize(("change", "body"), BLOCKS)
def test_a_command_prints_what_the_page_shows(project: Sandbox, change: str, body: str) -> None:
    if change:
        edit = re.fullmatch(r"(\S+): (.*) -> (.*)", change)
        assert edit, f"{change} is not PATH: OLD -> NEW"
        project.replace(*edit.groups())
    command, _, shown = body.partition("\n")
    assert command.startswith("$ oetgen ")
    result = project.oetgen(*shlex.split(command)[2:])
    lines = "".join(".*\n" if line == "…" else re.escape(line) + "\n" for line in shown.strip().split("\n"))
    printed = (result.out + result.err).strip() + "\n"
    assert re.fullmatch(lines.replace(".*\n", "(?:.*\n)+?"), printed), f"it prints:\n{printed}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


def test_make_has_the_targets_that_the_pages_name() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = {
        target
        for page in PAGES
        for target in re.findall(r"(?:^|`)\s*make ([a-z]+)", page.read_text("utf-8"), re.M)
    }
    assert named
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.M), target


def test_the_readme_shows_prod_as_it_is() -> None:
    prod = (ROOT / "environments" / "prod.yaml").read_text("utf-8")
    shown = re.search(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)
    assert shown
    assert shown[1] in prod


def test_the_readme_counts_the_departures() -> None:
    departures = yaml.safe_load((ROOT / "tests" / "spec" / "departures.yaml").read_text("utf-8"))
    assert f"There are {len(departures)} departures" in (ROOT / "README.md").read_text("utf-8")


def test_the_pages_name_no_place_of_one_machine() -> None:
    for page in PAGES:
        assert not re.search(r"/(home|root|tmp|work)/", page.read_text("utf-8")), page.name
