"""`oetgen init`: create a project from a starter."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from pathlib import Path

import click

from generator.cli.completion import complete_starter
from generator.cli.session import Session
from generator.findings import OetgenError
from generator.project import ENVIRONMENTS, OUT, TEMPLATES, find_root, is_project
from generator.project.starters import DEFAULT, starter_files, starters
from generator.writer.create import create

_MOST = 8  # names of files in a message
_KEPT = (".git",)  # a new repository is empty


@click.command()
@click.argument("folder", required=False, metavar="[DIR]", type=click.Path(path_type=Path))
@click.option(
    "--starter",
    metavar="NAME",
    default=DEFAULT,
    shell_complete=complete_starter,
    help="Begin with this one; --list prints them.",
)
@click.option("--list", "is_list", is_flag=True, help="List the starters.")
@click.pass_obj
def init(session: Session, folder: Path | None, starter: str, is_list: bool) -> None:
    """Create a working project in a new or empty folder."""
    if is_list:
        _list(session)
        return
    files = starter_files(starter)
    target = session.start / (folder or "")
    _refuse(target, files, _shown(folder))
    create(target, files)
    for path in files:
        session.console.note(f"{session.console.paint('+', 'green')} {_shown(folder, path)}")
    where = f" -C {shlex.quote(str(folder))}" if folder else ""
    session.console.note(
        f"created the starter {starter}: {_shown(folder, 'README.md')} lists what to change first"
    )
    session.console.note(f"next: oetgen{where} render --all\n      oetgen{where} check")


def _list(session: Session) -> None:
    found = starters()
    width = max(map(len, found))
    for name, entry in found.items():
        session.console.print(f"{name:{width}}  {entry['summary']}")


def _refuse(target: Path, files: Iterable[str], shown: str) -> None:
    """Raise OetgenError when there is something in the folder already."""
    if os.path.lexists(target) and not target.is_dir():
        raise OetgenError(f"{shown} is not a folder", "name a new folder")
    _refuse_inside(target, shown)
    there = sorted(set(os.listdir(target)) - set(_KEPT)) if target.is_dir() else []
    if not there:
        return
    if is_project(str(target)):
        hint = "run `oetgen render --all`, or name a new folder"
        raise OetgenError(f"{shown} is a project already", hint)
    taken = [path for path in files if os.path.lexists(target / path)]
    lost = f"; {_some(taken)} would be overwritten" if taken else ""
    hint = "name a new folder: oetgen init deploy, for example"
    raise OetgenError(f"{shown} is not empty: it has {_some(there)}{lost}", hint)


def _refuse_inside(target: Path, shown: str) -> None:
    """Raise OetgenError for a folder of another project, where the files would be templates or output."""
    root = find_root(str(target.parent))
    inside = Path(os.path.abspath(target)).relative_to(root).parts[0] if root else ""
    if inside in (ENVIRONMENTS, TEMPLATES, OUT):
        raise OetgenError(f"{shown} is inside {inside}/ of the project {root}", "name a folder outside of it")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]) + more


def _shown(folder: Path | None, path: str = "") -> str:
    """Return a path as the user has named the folder."""
    return (folder / path if folder else Path(path)).as_posix() if folder or path else "the current folder"
