"""What every command gets: where to print, where the project is, and the steps that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from generator.cli import speed
from generator.findings import Finding, FindingError, OetgenError, has_errors, merge_environments
from generator.findings.record import record
from generator.findings.suggest import listed
from generator.pipeline import Pipeline, configured
from generator.project.cache import Cache, Records
from generator.project.folder import Project, find
from generator.report.text import finding_text, summary

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

    from generator.render.result import RenderResult
    from generator.render.tree import Tree

_Command = TypeVar("_Command", bound=Callable[..., Any])
OK, ERRORS, CANNOT, BUG = 0, 1, 2, 3
_LABEL = 48  # characters beside a progress bar, which fit 80 columns


@record
class Console:
    """Where messages go, and how they look."""

    color: bool
    quiet: bool
    _bars: list[ProgressBar[int]] = field(
        default_factory=list, compare=False, repr=False
    )  # the progress bar on the screen

    def paint(self, text: str, color: str) -> str:
        """Return `text` in `color`, or bold, if colours are on."""
        if not self.color or not text:
            return text
        return click.style(text, bold=True) if color == "bold" else click.style(text, fg=color, bold=True)

    @property
    def width(self) -> int:
        """The width in columns to which messages are wrapped; 0 without a terminal."""
        import shutil

        return shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else 0

    def print(self, text: str, *, err: bool = False) -> None:
        """Print `text`."""
        click.echo(text, err=err, color=self.color)

    def note(self, text: str) -> None:
        """Print what a command did, unless --quiet is given."""
        if not self.quiet:
            self.print(text)

    def wait(self, text: str) -> None:
        """Report at once what the command waits for."""
        click.echo(f"oetgen: {text}", err=True)

    @contextmanager
    def progress(self, count: int, label: str, least: int = 1) -> Iterator[Callable[[], None]]:
        """Show progress on a terminal, if `count` is at least `least`; yield what to call after each step."""
        if self.quiet or count < least or not sys.stderr.isatty():
            yield lambda: None
            return
        with click.progressbar(length=count, label=label, file=sys.stderr, show_eta=False, width=20) as bar:
            self._bars.append(bar)
            try:
                yield lambda: bar.update(1)
            finally:
                self._bars.remove(bar)

    @contextmanager
    def stage(self, what: str) -> Iterator[None]:
        """Report on a terminal what the block does, if it takes longer than a second, or beside a progress bar."""
        if self.quiet or not sys.stderr.isatty():
            yield
            return
        if self._bars:
            self._bars[-1].label = what if len(what) <= _LABEL else f"{what[: _LABEL - 1]}…"
            self._bars[-1].render_progress()
            yield
            return
        from threading import Timer

        timer = Timer(1, self.wait, [f"{what} …"])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def findings(self, findings: list[Finding]) -> None:
        """Print findings to standard error, in the order of their places, and their number."""
        findings = merge_environments(findings)
        for finding in findings:
            self.print(finding_text(finding, self.paint, self.width) + "\n", err=True)
        if findings:
            self.print(summary(findings, self.paint), err=True)


@record
class Session:
    """What every command gets: the console, the folder to look for the project in, and the cache.

    `records` are those of a command that stays; otherwise, earlier runs have them.
    """

    console: Console
    start: Path
    cache: Cache
    records: Records | None = None

    def project(self) -> Project:
        """Find the project."""
        return configured(find(self.start), self.cache)

    def pipeline(self) -> Pipeline:
        """Find the project, and return the pipeline for it."""
        project = self.project()
        records = self.records or self.earlier(project)
        return Pipeline(project, self.cache, records, stage=self.console.stage)

    def earlier(self, project: Project) -> Records:
        """Return the records of earlier runs."""
        return speed.records(self.cache, str(project.root), project.folders)


def chosen(
    project: Project, environments: tuple[str, ...], every: bool, *, single: bool = False
) -> list[str]:
    """Return the names of the environments that a command is about. Raises FindingError for an invalid name.

    The name of an environment that a matrix makes several of stands for all of them, unless each must be `single`.
    """
    misnamed = project.misnamed()
    wrong = [finding for name, finding in misnamed.items() if every or name in environments]
    if wrong:
        raise FindingError(*wrong)
    names = project.environment_names()
    if every and environments:
        raise OetgenError("both --all and the name of an environment are given", "remove one of them")
    if every and not names:
        path = project.folders.values("prod")
        hint = f"create {path}, for example, with what differs from base.yaml, or {{}} for nothing"
        raise OetgenError(f"{project.folders.environments}/ has no environment", hint)
    if not every and not environments:
        raise OetgenError("no environment is named", f"name one of {', '.join(names)}, or use --all")
    if every:
        return names
    several = {
        name: [each for each, variant in project.variants.items() if variant.file == name]
        for name in environments
    }
    for name, parts in several.items():
        if name not in names and not parts:
            _refuse_slip(project, name)
        if len(parts) > 1 and single:
            raise OetgenError(f"{name} is {len(parts)} environments", f"name one of {listed(parts)}")
    return list(dict.fromkeys(part for name in environments for part in several[name] or [name]))


def shares(command: _Command) -> _Command:
    """Add the options of commands that split their environments between jobs and processes."""
    shard = click.option(
        "--shard", metavar="K/N", help="Take only the K-th of N shares, to split the work across CI jobs."
    )
    jobs = click.option(
        "-j",
        "--jobs",
        type=click.IntRange(min=1),
        metavar="N",
        help="Use N processes; by default, one per processor for many environments.",
    )
    return shard(jobs(command))


def _refuse_slip(project: Project, name: str) -> None:
    """Raise OetgenError for what is no environment when it is clear what somebody meant."""
    from generator.cli.slips import meant

    hint = meant(project, name)
    if hint:
        holds = f"{project.folders.environments}/ holds {listed(project.environment_names()) or 'none'}"
        raise OetgenError(f'no environment "{name}": {holds}', hint)


def share_of(names: list[str], shard: str | None) -> list[str]:
    """Return the K-th of N shares of `names`; they do not overlap, and their sizes differ by one at most."""
    if shard is None:
        return names
    share, _, count = shard.partition("/")
    if not (share.isdecimal() and count.isdecimal() and 0 < int(share) <= int(count)):
        raise OetgenError(
            f"--shard {shard} is not K/N", "write, for example, --shard 2/8 for the second of eight"
        )
    return names[int(share) - 1 :: int(count)]


def stop_at_errors(session: Session, findings: list[Finding], *, writing: bool = False) -> None:
    """Print findings, and exit when one is an error; with `writing`, the next step would have been to write."""
    session.console.findings(findings)
    if has_errors(findings):
        if writing:
            click.echo("nothing was written", err=True)
        sys.exit(ERRORS)


def rendered(
    session: Session, pipeline: Pipeline, names: list[str], settings: tuple[str, ...] = ()
) -> list[tuple[RenderResult, Tree]]:
    """Validate and render environments; with errors, print all findings and exit."""
    results = pipeline.validate_and_render(names, settings)
    stop_at_errors(session, [finding for result in results for finding in result.findings])
    return [(result, result.tree) for result in results if result.tree]
