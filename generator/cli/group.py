"""The commands, their common options, and how errors end. Each command is a module, loaded when called."""

from __future__ import annotations

import errno
import importlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import current_thread, main_thread
from types import FrameType

import click
from click.core import ParameterSource

from generator import __version__
from generator.cli import commands, speed, streams
from generator.cli.session import BUG, CANNOT, ERRORS, Console, Session
from generator.findings import FindingError, OetgenError
from generator.findings.suggest import nearest
from generator.project.cache import NO_CACHE
from generator.project.limits import EXCEEDED, limit_finding

# The help text shows the commands in these groups and this order; a command that is not listed is in the last group.
_GROUPS = {
    "Start": ("init", "adopt", "new"),
    "Write files": ("render", "watch", "promote", "sync"),
    "Check a change": ("check", "diff", "plan"),
    "Find out why": ("values", "blame", "impact", "graph", "report"),
    "Look up": ("explain", "schema"),
}
_ORDER = [name for names in _GROUPS.values() for name in names]
_WHOLE = 1000  # characters of a summary in the help, which is wrapped and never cut

_COMMON = ("start", "color", "no_cache", "quiet")
_TERMINATED = 143


class TerminatedError(BaseException):
    """The process got SIGTERM."""


class _Commands(click.Group):
    """Finds each command by its file, and imports it when it is called: no command pays for another's imports."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        files = (name for folder in commands.__path__ for name in os.listdir(folder))
        names = sorted(name.removesuffix(".py") for name in files if name.endswith(".py") and name[0] != "_")
        return [name for name in _ORDER if name in names] + [name for name in names if name not in _ORDER]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = getattr(importlib.import_module(f"{commands.__name__}.{cmd_name}"), cmd_name)
        known = {name for parameter in command.params for name in parameter.opts}
        command.params += [option for option in _common_options() if not known & set(option.opts)]
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0][:1] != "-" and args[0] not in self.list_commands(ctx):
            hint = nearest(args[0], self.list_commands(ctx)) or "run: oetgen --help to list the commands"
            raise OetgenError(f'no command "{args[0]}"', hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        names = self.list_commands(ctx)
        *groups, last = _GROUPS.items()
        others = [name for name in names if name not in _ORDER]
        width = max(map(len, names))
        for title, members in (*groups, (last[0], (*last[1], *others))):
            rows = [(name, self._summary(ctx, name)) for name in members if name in names]
            if rows:
                with formatter.section(title):
                    formatter.write_dl([(f"{name:<{width}}", summary) for name, summary in rows])

    def _summary(self, ctx: click.Context, name: str) -> str:
        command = self.get_command(ctx, name)
        return command.get_short_help_str(_WHOLE) if command else ""


def _common_options() -> list[click.Option]:
    """Return the options that are also accepted after the name of a command; the help lists them once, before it."""
    return [
        click.Option(
            [*option.opts, option.name],
            type=option.type,
            is_flag=option.is_flag,
            expose_value=False,
            hidden=True,
            callback=_override,
        )
        for option in cli.params
        if isinstance(option, click.Option) and option.name in _COMMON
    ]


def _override(context: click.Context, option: click.Parameter, value: object) -> None:
    """Use the value of a common option that is given after the name of the command."""
    if option.name and context.get_parameter_source(option.name) is not ParameterSource.DEFAULT:
        top = context.find_root()
        top.params[option.name] = value
        context.obj = _session(**{name: top.params[name] for name in _COMMON})


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
    subcommand_metavar="COMMAND [ARGS]...",
    epilog="These options may also follow the command. `oetgen COMMAND --help` describes a command.",
)
@click.option(
    "-C",
    "start",
    metavar="DIR",
    default=".",
    type=click.Path(path_type=Path),
    help="Run as if started in DIR.",
)
@click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="When to use colours."
)
@click.option("--no-cache", is_flag=True, help="Use no results of earlier runs, and keep none.")
@click.option("-q", "--quiet", is_flag=True, help="Print only findings.")
@click.version_option(__version__, prog_name="oetgen")
@click.pass_context
def cli(context: click.Context, start: Path, color: str, no_cache: bool, quiet: bool) -> None:
    """One short values file per environment, and every deployment file that follows from it."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
        return
    context.obj = _session(start, color, no_cache, quiet)


def _session(start: Path, color: str, no_cache: bool, quiet: bool) -> Session:
    wanted = color == "always" or (color == "auto" and "NO_COLOR" not in os.environ and sys.stdout.isatty())
    if not start.is_dir():
        raise OetgenError(
            f"-C {start}: no such folder", "name the folder that holds environments/ and templates/"
        )
    return Session(Console(wanted, quiet), start, NO_CACHE if no_cache else speed.default_cache())


def _system_error(problem: OSError) -> str:
    if problem.filename is None and isinstance(problem, FileNotFoundError):  # as os.getcwd() reports it
        return "the current folder does not exist any more\n  hint: go to another folder"
    return f"{problem.filename or 'a file'}: {problem.strerror}"


@contextmanager
def _exit_status() -> Iterator[None]:
    """Turn every exception into a message and an exit status."""
    try:
        yield
    except (FindingError, *EXCEEDED) as problem:
        found = problem.findings if isinstance(problem, FindingError) else [limit_finding(problem, None)]
        Console(color=False, quiet=False).findings(found)
        sys.exit(ERRORS)
    except OetgenError as problem:
        click.echo(
            f"oetgen: {problem.message}" + (f"\n  hint: {problem.hint}" if problem.hint else ""), err=True
        )
        sys.exit(CANNOT)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as problem:
        problem.show()
        sys.exit(CANNOT)
    except (KeyboardInterrupt, click.Abort):
        raise KeyboardInterrupt from None
    except TerminatedError:
        click.echo("oetgen: terminated", err=True)
        sys.exit(_TERMINATED)
    except OSError as problem:
        if problem.filename is None and problem.errno in streams.ERRORS:
            raise
        click.echo(f"oetgen: {_system_error(problem)}", err=True)
        sys.exit(CANNOT)
    except Exception:
        import traceback

        click.echo(traceback.format_exc(), err=True)
        click.echo(
            "oetgen: this is a bug in oetgen. Please report it with the lines above and the command.",
            err=True,
        )
        sys.exit(BUG)


def run(arguments: Sequence[str]) -> None:
    """Run a command, and exit with its status. Raises OSError for standard output, and KeyboardInterrupt."""
    with _exit_status(), _terminable():
        stream = sys.stdout
        try:
            cli.main(list(arguments), prog_name="oetgen", standalone_mode=False)
        finally:
            if sys.stdout is not stream:  # so click ends when the reader of a pipe has gone
                raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end the block by an exception, so that temporary files are removed."""

    def terminate(number: int, frame: FrameType | None) -> None:
        raise TerminatedError

    is_default = signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    if not is_default or current_thread() is not main_thread():
        yield
        return
    signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
