"""Sessions in the documentation: blocks of the kind `console`, with commands and what they print.

Each line that begins with `$ ` is a command, further lines of it begin with `> `, and what it prints follows. A
line `…` stands for one or more lines. After the word `console` stand the place, and a change to a file before that:

    console [in PLACE [committed]] [PATH: OLD -> NEW]

Without a place, a session runs in a copy of this project without output. A place is `empty` or the name of a starter,
of which there is a new project; `committed` renders it and commits everything first.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT, Sandbox, copy_project, oetgen

_BLOCK = re.compile(r"^```console([^\n]*)\n(.*?)^```", re.M | re.S)
_INFO = re.compile(
    r"(?:in (?P<place>\S+)(?P<committed> committed)?)? ?(?:(?P<path>\S+): (?P<old>.*) -> (?P<new>.*))?"
)
_IDENTITY = {
    f"GIT_{role}_{what}": text
    for role in ("AUTHOR", "COMMITTER")
    for what, text in (("NAME", "test"), ("EMAIL", "test@example.com"))
}

Run = Callable[[Path, list[str]], str]


class Step(NamedTuple):
    """A command, and what it prints."""

    command: str
    shown: str


class Session(NamedTuple):
    """The commands of a block, and what stands after the word `console`."""

    info: str
    steps: tuple[Step, ...]


def sessions(page: Path) -> list[Session]:
    """Return the sessions of a page."""
    return [
        Session(info.strip(), tuple(_steps(body))) for info, body in _BLOCK.findall(page.read_text("utf-8"))
    ]


def _steps(body: str) -> Iterator[Step]:
    assert body.startswith("$ "), f"a session begins with a command: {body[:40]}"
    for text in re.split(r"^\$ ", body, flags=re.M)[1:]:
        found = re.fullmatch(r"([^\n]*\n(?:> ?[^\n]*\n)*)(.*)", text, re.S)
        assert found
        yield Step(re.sub(r"\n> ?", "\n", found[1]).rstrip("\n"), found[2].rstrip("\n"))


def in_process(folder: Path, arguments: list[str]) -> str:
    """Run oetgen in this process, and return what it prints."""
    with contextlib.chdir(folder):
        result = oetgen(*arguments)
    return result.out + result.err


def replay(session: Session, folder: Path, run: Run = in_process) -> None:
    """Run a session below a new folder, and compare what it prints."""
    found = _INFO.fullmatch(session.info)
    assert found, f"{session.info} is not [in PLACE [committed]] [PATH: OLD -> NEW]"
    _prepare(folder, found["place"] or "", run)
    if found["committed"]:
        run(folder, ["render", "--all"])
        for command in ("git init --quiet", "git add .", "git commit --quiet --message Begin"):
            _shell(folder, command)
    if found["path"]:
        Sandbox(folder).replace(found["path"], found["old"], found["new"])
    for step in session.steps:
        words = shlex.split(step.command) if step.command.startswith("oetgen ") else []
        printed = run(folder, words[1:]) if words else _shell(folder, step.command)
        assert matches(step.shown, printed), f"$ {step.command}\nprints:\n{printed}"


def _prepare(folder: Path, place: str, run: Run) -> None:
    if not place:
        copy_project(ROOT, folder)
    elif place != "empty":
        run(folder, ["init", "--starter", place])


def _shell(folder: Path, command: str) -> str:
    env = {**os.environ, **_IDENTITY, "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}
    done = subprocess.run(
        [str(shutil.which("bash")), "-c", command],
        cwd=folder,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, f"$ {command}\n{done.stdout}"
    return done.stdout


def matches(shown: str, printed: str) -> bool:
    """Return whether a command printed what a page shows."""
    lines = "".join(
        "(?:.*\n)+?" if line == "…" else re.escape(line) + "\n" for line in shown.strip("\n").split("\n")
    )
    return re.fullmatch(lines if shown else r"\s*", printed.strip("\n") + "\n") is not None
