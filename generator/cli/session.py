"""What every command gets: where to print, where the project is, and the steps that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click

from generator import recall, writer
from generator.cache import Cache
from generator.findings import Finding, OetgenError, merge_environments
from generator.pipeline import Pipeline, Proof, has_errors
from generator.project import Project, find
from generator.report.text import finding_text, summary
from generator.shelf import FEW, Shelf
from generator.tree import Tree

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
    def progress(self, count: int, label: str) -> Iterator[Callable[[], None]]:
        """Show how much of `count` is done, on a terminal and nowhere else; yields what to call after each."""
        if self.quiet or not sys.stderr.isatty():
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
        return Pipeline(self.project(), self.cache)


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


@contextmanager
def trees(
    session: Session, inputs: recall.Inputs, names: list[str], settings: tuple[str, ...] = ()
) -> Iterator[Shelf]:
    """Yield the trees of all these environments; with errors, say them all and exit.

    A tree that was rendered before from the very same inputs is not rendered again.
    """
    findings: list[Finding] = []
    with Shelf() as shelf:
        for _, tree in try_trees(session, inputs, names, settings, findings):
            if tree and not has_errors(findings):
                shelf.put(tree)
        session.console.findings(findings, err=True)
        if has_errors(findings):
            sys.exit(ERRORS)
        yield shelf


def try_trees(
    session: Session,
    inputs: recall.Inputs,
    names: Sequence[str],
    settings: tuple[str, ...] = (),
    findings: list[Finding] | None = None,
) -> Iterator[tuple[str, Tree | None]]:
    """Yield each environment with its tree, or None where there are errors, and add all `findings`."""
    missing = []
    for name in names:
        tree = None if settings else recall.recall_tree(session.cache, inputs, name)
        if tree is None:
            missing.append(name)
        else:
            session.clean.add(name)
            yield name, tree
    for proof in session.pipeline().proofs(missing, settings) if missing else ():
        tree = None if proof.findings or settings else proof.tree
        if tree and recall.remember_tree(session.cache, inputs, tree):
            session.clean.add(proof.env)
        if findings is not None:
            findings += proof.findings
        yield proof.env, proof.tree


def note_written(session: Session, inputs: recall.Inputs, env: str, plan: writer.Plan) -> None:
    """Note how the files look that are now in `out/`, so that the next render can tell that nothing has changed."""
    if env in session.clean:
        files = ((path, file.text, file.executable) for path, file in plan.files.items())
        recall.remember_written(session.cache, inputs, env, files)


def prove(
    session: Session, pipeline: Pipeline, names: list[str], settings: tuple[str, ...] = ()
) -> list[tuple[Proof, Tree]]:
    """Return each environment with its values and its tree; with errors, say them all and exit."""
    proofs = pipeline.prove(names, settings)
    findings = [finding for proof in proofs for finding in proof.findings]
    session.console.findings(findings, err=True)
    if has_errors(findings):
        sys.exit(ERRORS)
    return [(proof, proof.tree) for proof in proofs if proof.tree]


@dataclass(frozen=True)
class Job:
    """A folder to write to: how messages call it, where links are refused, and what makes the plan for it.

    `explain` says more of files that were changed by hand; `done` is called when all is written, and still locked.
    """

    folder: Path
    shown: str
    inside: Path
    plan: Callable[[], writer.Plan]
    explain: Callable[[writer.Plan], writer.Plan] | None = None
    done: Callable[[writer.Plan], None] | None = None

    def planned(self) -> writer.Plan:
        """Return the plan, with all that can be said of what stops it."""
        plan = self.plan()
        return self.explain(plan) if self.explain and plan.findings and plan.edited else plan


@dataclass(frozen=True)
class Current:
    """A folder that is known to hold all that it should, without a plan."""

    shown: str
    files: int


def write(session: Session, jobs: Sequence[Job | Current]) -> None:
    """Plan all, and then write; with errors in one plan, say them all, write nothing and exit.

    One folder is locked at a time, so that there may be any number of them. Plans are made again when it is their
    turn: another run may have written in between, and those of many folders take much room.
    """
    said: list[Finding] = []
    steps: list[str | tuple[Job, writer.Plan | None]] = []
    for job in jobs:
        if isinstance(job, Current):
            steps.append(f"{job.shown}: {job.files} unchanged")
            continue
        with writer.reading(job.folder, job.shown, session.console.wait):
            plan = job.planned()
            if job.done and not plan.changes and not plan.findings:
                job.done(plan)
        said += plan.findings
        steps.append((job, plan if len(steps) < FEW else None) if plan.changes else _counts(plan, job.shown))
    _stop_at_errors(session, said)
    for step in steps:
        if isinstance(step, str):
            session.console.say(step)
        else:
            _apply(session, *step, said)


def _apply(session: Session, job: Job, plan: writer.Plan | None, said: list[Finding]) -> None:
    with writer.locked(job.folder, job.shown, session.console.wait, job.inside) as held:
        if plan is None or not plan.is_current():
            plan = job.planned()
            _stop_at_errors(session, [finding for finding in plan.findings if finding not in said])
        writer.apply(plan, exclusive=held)
        if job.done:
            job.done(plan)
    _say_written(session, job.shown, plan)


def _stop_at_errors(session: Session, findings: list[Finding]) -> None:
    session.console.findings(findings, err=True)
    if has_errors(findings):
        click.echo("nothing was written", err=True)
        sys.exit(ERRORS)


def _say_written(session: Session, shown: str, plan: writer.Plan) -> None:
    for sign, color, paths in (
        ("+", "green", plan.create),
        ("~", "yellow", plan.update),
        ("-", "red", plan.delete),
    ):
        for path in paths:
            session.console.say(f"{session.console.paint(sign, color)} {writer.below(shown, path)}")
    session.console.say(_counts(plan, shown))


def _counts(plan: writer.Plan, shown: str) -> str:
    counts = (
        ("created", plan.create),
        ("updated", plan.update),
        ("deleted", plan.delete),
        ("unchanged", plan.keep),
    )
    return f"{shown}: " + (
        ", ".join(f"{len(paths)} {word}" for word, paths in counts if paths) or "nothing to write"
    )
