"""`oetgen watch`: render on every save, and show findings as they come and go."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from generator.cli.commands.render import render
from generator.cli.commands.report import report
from generator.cli.completion import complete_environment
from generator.cli.served import ServedPage
from generator.cli.session import Console, Session, chosen
from generator.findings import FindingError, OetgenError
from generator.project import SETTINGS
from generator.project.cache import LatestTrees, ProcessCache

# The defaults of watchfiles (1,600 and 50 ms) are as long as a whole render; an editor saves within a few ms.
_DEBOUNCE, _STEP, _TIMEOUT = 200, 5, 100
_UNCHANGED = re.compile(r"\S+: \d+ unchanged")


class _Quiet(Console):
    """A console that leaves out the environments in which nothing changed."""

    def note(self, text: str) -> None:
        if not _UNCHANGED.fullmatch(text):
            super().note(text)


@click.command()
@click.argument("environments", nargs=-1, metavar="[ENV]...", shell_complete=complete_environment)
@click.option("--report", "is_served", is_flag=True, help="Serve the report on this machine, and renew it.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8391, help="The port of --report; 0: any free one."
)
@click.pass_context
def watch(context: click.Context, environments: tuple[str, ...], is_served: bool, port: int) -> None:
    """Render on every save, until Ctrl-C. Without ENV, all environments.

    Nothing is written while there is an error; a file that was changed by hand is reported, and kept.
    """
    session: Session = context.obj
    project = session.project()
    # With trees in memory, a save takes 0.82 of the time: no input is read to find them on disk.
    records = LatestTrees(session.earlier(project))
    session = replace(session, cache=ProcessCache(session.cache), records=records)
    names = chosen(project, environments, every=not environments)
    session.console.note(f"watching {'/ and '.join(project.folders)}/ for {', '.join(names)}; Ctrl-C ends it")
    context.obj = replace(session, console=_Quiet(session.console.color, session.console.quiet))
    with tempfile.TemporaryDirectory(prefix="oetgen-") as folder:
        page = Path(folder) / "report.html"
        if is_served:
            session.console.note(f"the report is at {_served(page, port).address}")
        failed = False
        inside = [*project.folders, *session.pipeline().folders().values()]
        shared = [Path(each.root, each.folder) for each in project.shared]
        for _ in _changes(project.root, inside, shared):
            before, failed = (
                failed,
                not _run(context, render, environments=environments, every=not environments),
            )
            if is_served:
                quiet = replace(session, console=replace(session.console, quiet=True))
                _run(context, report, quiet, environments=environments, target=page)
            if failed or before:
                session.console.note("waiting for the next save" if failed else "the errors are gone")


def _served(page: Path, port: int) -> ServedPage:
    try:
        return ServedPage(page, port)
    except OSError as problem:
        raise OetgenError(
            f"cannot serve at port {port}: {problem.strerror}", "name another one with --port"
        ) from None


def _run(
    context: click.Context, command: click.Command, session: Session | None = None, **options: object
) -> bool:
    """Run a command as if it were called; return whether there were no errors."""
    with context.scope():
        usual, context.obj = context.obj, session or context.obj
        try:
            return _succeeds(context, command, options)
        finally:
            context.obj = usual


def _succeeds(context: click.Context, command: click.Command, options: dict[str, object]) -> bool:
    try:
        context.invoke(command, **options)
    except FindingError as problem:
        context.obj.console.findings(problem.findings)
        return False
    except OetgenError as problem:
        context.obj.console.print(f"oetgen: {problem.message}\n  hint: {problem.hint}", err=True)
        return False
    except SystemExit as end:
        return not end.code
    finally:
        sys.stdout.flush()
    return True


def _changes(root: Path, folders: list[str], shared: list[Path]) -> Iterator[None]:
    """Yield at the start, and after each group of changes in the input, shared templates too, or the output.

    The first time is when the watch is on: a save during the first render is not lost.
    """
    try:
        from watchfiles import Change
        from watchfiles import watch as wait
    except ModuleNotFoundError:
        raise OetgenError("watch needs watchfiles", "run: pip install 'oetgen[editor]'") from None

    def is_meant(change: Change, path: str) -> bool:
        place = Path(path)
        is_own = place.name.startswith(".oetgen") or place.name.endswith(("~", ".swp", ".swx", ".tmp"))
        is_inside = any(place.is_relative_to(each) for each in (*shared, *(root / each for each in folders)))
        return (is_inside or place == root / SETTINGS) and not is_own

    watched = wait(
        root,
        *shared,
        watch_filter=is_meant,
        debounce=_DEBOUNCE,
        step=_STEP,
        rust_timeout=_TIMEOUT,
        yield_on_timeout=True,
    )
    is_first = True
    for changes in watched:
        if changes or is_first:
            is_first = False
            yield None
