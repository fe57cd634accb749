"""What every command gets: where to print, where the project is, and the steps that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import click

from generator import writer
from generator.findings import Finding, OetgenError, merge_environments
from generator.incremental import inputs as recall
from generator.pipeline import Pipeline, Proof, has_errors
from generator.project.cache import Cache
from generator.project.folder import Project, find
from generator.render.tree import Tree
from generator.report.text import finding_text, summary

OK, ERRORS, CANNOT, BUG = 0, 1, 2, 3


@dataclass(frozen=True)
class Console:
    """Where messages go, and how they look."""

    color: bool
    quiet: bool

    def paint(self, text: str, color: str) -> str:
        """Return `text` in `color`, or bold, where colours are wanted."""
        if not self.color or not text:
            return text
        return click.style(text, bold=True) if color == "bold" else click.style(text, fg=color, bold=True)

    def say(self, text: str) -> None:
        """Print what a command did, unless asked to be quiet."""
        if not self.quiet:
            click.echo(text, color=self.color)

    def result(self, text: str, *, always: bool) -> None:
        """Print what a command was asked for; asked to be quiet, only when there is something wrong."""
        if always or not self.quiet:
            click.echo(text, color=self.color)

    def wait(self, text: str) -> None:
        """Say at once why nothing seems to happen."""
        click.echo(f"oetgen: {text}", err=True)

    @contextmanager
    def progress(self, count: int, label: str, least: int = 1) -> Iterator[Callable[[], None]]:
        """Show on a terminal how much of `count` is done, from `least` on; yields what to call after each."""
        if self.quiet or count < least or not sys.stderr.isatty():
            yield lambda: None
            return
        with click.progressbar(length=count, label=label, file=sys.stderr, show_eta=False) as bar:
            yield lambda: bar.update(1)

    def findings(self, findings: list[Finding], *, err: bool) -> None:
        """Print findings in the order of their places, and how many there are."""
        findings = merge_environments(findings)
        for finding in findings:
            click.echo(finding_text(finding, self.paint) + "\n", err=err, color=self.color)
        if findings:
            click.echo(summary(findings, self.paint), err=err, color=self.color)


@dataclass(frozen=True)
class Session:
    """What every command gets: the console, and the folder to look for the project in."""

    console: Console
    start: Path
    cache: Cache
    clean: set[str] = field(default_factory=set)  # environments that have not even a warning

    def project(self) -> Project:
        """Find the project."""
        return find(self.start)

    def pipeline(self) -> Pipeline:
        """Find the project, and make it ready to be proved and rendered."""
        project = self.project()
        return Pipeline(project, self.cache, partial(recall.texts_made_before, self.cache, str(project.root)))


def chosen(project: Project, environments: tuple[str, ...], every: bool) -> list[str]:
    """Return the names of the environments that a command is about."""
    names = project.environment_names()
    if every and environments:
        raise OetgenError("--all and the name of an environment are both given", "leave one of them out")
    if every and not names:
        raise OetgenError("environments/ holds no environment", "make environments/prod.yaml, for example")
    if not every and not environments:
        raise OetgenError("no environment is named", f"name one of {', '.join(names)}, or use --all")
    return names if every else list(dict.fromkeys(environments))


def note_rendered(session: Session, inputs: recall.Inputs, proof: Proof) -> None:
    """Keep the tree of an environment where nothing is wrong, so that it need not be rendered again."""
    if proof.tree and not proof.findings and recall.remember_tree(session.cache, inputs, proof.tree):
        session.clean.add(proof.env)


def note_written(session: Session, inputs: recall.Inputs, env: str, plan: writer.Plan) -> None:
    """Note how the files look that are now in `out/`, so that the next render can tell that nothing has changed."""
    if env in session.clean:
        files = ((path, file.text, file.executable) for path, file in plan.files.items())
        recall.remember_written(session.cache, inputs, env, files)


def stop_at_errors(session: Session, findings: list[Finding], *, writing: bool = False) -> None:
    """Print findings, and exit when one is an error; `writing` says that the next step would have been to write."""
    session.console.findings(findings, err=True)
    if has_errors(findings):
        if writing:
            click.echo("nothing was written", err=True)
        sys.exit(ERRORS)


def prove(
    session: Session, pipeline: Pipeline, names: list[str], settings: tuple[str, ...] = ()
) -> list[tuple[Proof, Tree]]:
    """Return each environment with its values and its tree; with errors, say them all and exit."""
    proofs = pipeline.prove(names, settings)
    stop_at_errors(session, [finding for proof in proofs for finding in proof.findings])
    return [(proof, proof.tree) for proof in proofs if proof.tree]
