"""`oetgen watch`: render on every save, and show findings as they come and go."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from generator.cli.commands.render import render
from generator.cli.completion import complete_environment
from generator.cli.session import Console, Session, chosen
from generator.findings import FindingError, OetgenError
from generator.project import ENVIRONMENTS, OUT, SETTINGS, TEMPLATES

# The defaults of watchfiles (1,600 and 50 ms) are as long as a whole render; an editor saves within a few ms.
_DEBOUNCE, _STEP, _TIMEOUT = 200, 10, 100
_UNCHANGED = re.compile(r"\S+: \d+ unchanged")


class _Quiet(Console):
    """A console that leaves out the environments in which nothing changed."""

    def note(self, text: str) -> None:
        if not _UNCHANGED.fullmatch(text):
            super().note(text)


@click.command()
@click.argument("environments", nargs=-1, metavar="[ENV]...", shell_complete=complete_environment)
@click.pass_context
def watch(context: click.Context, environments: tuple[str, ...]) -> None:
    """Render on every save, until Ctrl-C. Without ENV, all environments.

    Nothing is written while there is an error; a file that was changed by hand is reported, and kept.
    """
    session: Session = context.obj
    root = session.project().root
    names = chosen(session.project(), environments, every=not environments)
    session.console.note(f"watching {ENVIRONMENTS}/ and {TEMPLATES}/ for {', '.join(names)}; Ctrl-C ends it")
    context.obj = replace(session, console=_Quiet(session.console.color, session.console.quiet))
    failed = False
    for _ in _changes(root):
        before, failed = failed, not _render(context, environments)
        if failed or before:
            session.console.note("waiting for the next save" if failed else "the errors are gone")


def _render(context: click.Context, environments: tuple[str, ...]) -> bool:
    """Render as `oetgen render` does; return whether there were no errors."""
    try:
        context.invoke(render, environments=environments, every=not environments)
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


def _changes(root: Path) -> Iterator[None]:
    """Yield at the start, and after each group of changes below `root` in the input or the output.

    The first time is when the watch is on: a save during the first render is not lost.
    """
    try:
        from watchfiles import Change
        from watchfiles import watch as wait
    except ModuleNotFoundError:
        raise OetgenError("watch needs watchfiles", "run: pip install 'oetgen[editor]'") from None

    def is_meant(change: Change, path: str) -> bool:
        relative = Path(path).relative_to(root)
        name = relative.name
        is_own = name.startswith(".oetgen") or name.endswith(("~", ".swp", ".swx", ".tmp"))
        return (relative.parts[0] in (ENVIRONMENTS, TEMPLATES, OUT) or name == SETTINGS) and not is_own

    watched = wait(
        root,
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
