"""The documentation: its commands do what it shows, its links lead somewhere, its numbers are right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from generator.cli.group import cli
from tests.conftest import ROOT, rows
from tests.sessions import Session, replay, sessions

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*/README.md")])
STARTERS = sorted((ROOT / "generator" / "project" / "starters").glob("*/README.md"))
SESSIONS = [
    pytest.param(each, id=f"{page.name}-{number}")
    for page in PAGES
    for number, each in enumerate(sessions(page))
]


@pytest.mark.parametrize("session", SESSIONS)
def test_a_session_prints_what_the_page_shows(session: Session, tmp_path: Path) -> None:
    replay(session, tmp_path)


def _commands(text: str) -> Iterator[str]:
    """Yield each command of oetgen in blocks and between backquotes, without the words after a pipe or `#`."""
    for block in re.findall(r"^```(?:sh|text|yaml)\n(.*?)^```", text, re.M | re.S):
        for line in block.splitlines():
            if found := re.match(r"(?:\$ |- run: |\s*- )?oetgen (.*)", line):
                yield re.split(r" [|#>&] ?", found[1])[0]
    yield from re.findall(r"^    oetgen (.*)", text, re.M)
    yield from re.findall(r"`oetgen ([^`]*)`", text.replace("\n", " "))


@rows("page", [*PAGES, *STARTERS])
def test_every_command_that_a_page_names_exists_with_its_options(page: Path) -> None:
    context = click.Context(cli)
    general = {option for each in cli.params for option in each.opts} | {"--help"}
    for command in _commands(page.read_text("utf-8")):
        words = re.sub(r"-C \S+ ?", "", command).split()
        name = next((word for word in words if not word.startswith("-")), "")
        if not name or name.isupper() or name in (".", "…"):
            continue
        found = cli.get_command(context, name)
        assert found, f"there is no command `oetgen {command}`"
        known = general | {option for each in found.params for option in (*each.opts, *each.secondary_opts)}
        for word in re.findall(r"(?<!\S)\[?(--?[a-z][a-z-]*)", " ".join(words)):
            assert word in known, f"`oetgen {command}` has an unknown option {word}"


@rows("page", PAGES)
def test_links_lead_to_files(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


def test_make_has_the_targets_that_the_pages_name() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = {
        target
        for page in PAGES
        if page.name != "errors.md"  # has messages about make
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
    departures = yaml.load((ROOT / "tests" / "spec" / "departures.yaml").read_text("utf-8"), yaml.CSafeLoader)
    assert f"There are {len(departures)} departures" in (ROOT / "README.md").read_text("utf-8")


def test_the_pages_name_no_place_of_one_machine() -> None:
    for page in PAGES:
        assert not re.search(r"/(home|root|tmp|work)/", page.read_text("utf-8")), page.name
