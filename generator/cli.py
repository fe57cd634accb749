"""The command line: the only place that prints or exits."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from generator import __version__, writer
from generator.findings import Finding, OetgenError, merge_environments
from generator.pipeline import Pipeline, has_errors, plan_sync, plan_tree, stale
from generator.project import OUT, find
from generator.render import Tree
from generator.report.text import finding_text, plural, summary

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

    def pipeline(self) -> Pipeline:
        """Find the project and make it ready."""
        return Pipeline(find(self.start))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-C",
    "start",
    metavar="DIR",
    default=".",
    type=click.Path(path_type=Path),
    help="Work as if started in DIR.",
)
@click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="When to use colours."
)
@click.option("-q", "--quiet", is_flag=True, help="Say only what is wrong.")
@click.version_option(__version__, prog_name="oetgen")
@click.pass_context
def cli(context: click.Context, start: Path, color: str, quiet: bool) -> None:
    """One short values file per environment, and every deployment file that follows from it."""
    wanted = color == "always" or (color == "auto" and "NO_COLOR" not in os.environ and sys.stdout.isatty())
    if not start.is_dir():
        raise OetgenError(
            f"-C {start}: no such folder", "name the folder that holds environments/ and templates/"
        )
    context.obj = Session(Console(wanted, quiet), start)


@cli.command()
@click.argument("environments", nargs=-1, metavar="ENV...")
@click.option("--all", "every", is_flag=True, help="Render every environment.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="Write to DIR/ENV instead of out/ENV."
)
@click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help="Override a value; needs --out.")
@click.option("--overwrite", is_flag=True, help="Replace files that were changed by hand.")
@click.pass_obj
def render(
    session: Session,
    environments: tuple[str, ...],
    every: bool,
    out: Path | None,
    settings: tuple[str, ...],
    overwrite: bool,
) -> None:
    """Write what changed, one line per file."""
    if settings and not out:
        raise OetgenError(
            "--set would make out/ differ from its values files", "add --out DIR, or edit the values file"
        )
    pipeline = session.pipeline()
    names = _chosen(pipeline, environments, every)
    trees = _prove(session, pipeline, names, settings)
    plans = []
    for tree in trees:
        folder = session.start / out / tree.env if out else pipeline.project.out(tree.env)
        shown = f"{out or OUT}/{tree.env}"
        plans.append((plan_tree(tree, folder, shown, overwrite=overwrite), shown))
    _apply(session, plans)


@cli.command()
@click.argument("environments", nargs=-1, metavar="[ENV]...")
@click.pass_obj
def check(session: Session, environments: tuple[str, ...]) -> None:
    """Say everything that is wrong, everywhere; write nothing."""
    pipeline = session.pipeline()
    names = _chosen(pipeline, environments, every=not environments)
    proofs = pipeline.prove(names)
    findings = [finding for proof in proofs for finding in proof.findings]
    findings += [finding for proof in proofs if proof.tree for finding in stale(pipeline.project, proof.tree)]
    session.console.findings(findings, err=False)
    if has_errors(findings):
        sys.exit(ERRORS)
    files = sum(len(proof.tree.artifacts) for proof in proofs if proof.tree)
    session.console.say(f"{plural(files, 'file')} of {', '.join(names)}: nothing is wrong")


@cli.command()
@click.argument("environments", nargs=-1, required=True, metavar="ENV...")
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The repository's root.",
)
@click.option("--overwrite", is_flag=True, help="Replace files that oetgen did not write.")
@click.pass_obj
def sync(session: Session, environments: tuple[str, ...], target: Path, overwrite: bool) -> None:
    """Copy what must live elsewhere: workflows for GitHub, Dockerfiles and what goes into images."""
    if not (session.start / target).is_dir():
        raise OetgenError(f"--to {target}: no such folder", "name the root of the application's repository")
    pipeline = session.pipeline()
    trees = _prove(session, pipeline, _chosen(pipeline, environments, every=False), ())
    shown = target.as_posix()
    _apply(session, [(plan_sync(trees, session.start / target, shown, overwrite=overwrite), shown)])


def _chosen(pipeline: Pipeline, environments: tuple[str, ...], every: bool) -> list[str]:
    names = pipeline.project.environment_names()
    if every and environments:
        raise OetgenError("--all and the name of an environment are both given", "leave one of them out")
    if every and not names:
        raise OetgenError("environments/ holds no environment", "make environments/prod.yaml, for example")
    if not every and not environments:
        raise OetgenError("no environment is named", f"name one of {', '.join(names)}, or use --all")
    return names if every else list(dict.fromkeys(environments))


def _prove(session: Session, pipeline: Pipeline, names: list[str], settings: tuple[str, ...]) -> list[Tree]:
    """Return the tree of each environment; with errors, say them all and exit."""
    proofs = pipeline.prove(names, settings)
    findings = [finding for proof in proofs for finding in proof.findings]
    session.console.findings(findings, err=True)
    if has_errors(findings):
        sys.exit(ERRORS)
    return [proof.tree for proof in proofs if proof.tree]


def _apply(session: Session, plans: list[tuple[writer.Plan, str]]) -> None:
    findings = [finding for plan, _ in plans for finding in plan.findings]
    session.console.findings(findings, err=True)
    if has_errors(findings):
        click.echo("nothing was written", err=True)
        sys.exit(ERRORS)
    for plan, shown in plans:
        writer.apply(plan)
        for sign, color, paths in (
            ("+", "green", plan.create),
            ("~", "yellow", plan.update),
            ("-", "red", plan.delete),
        ):
            for path in paths:
                session.console.say(f"{session.console.paint(sign, color)} {shown}/{path}")
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


@contextmanager
def _exit_status() -> Iterator[None]:
    """Turn what can go wrong into a message and an exit status, in one place."""
    try:
        yield
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
        click.echo("oetgen: interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(OK)
    except Exception:
        click.echo(traceback.format_exc(), err=True)
        click.echo(
            "oetgen: this is a bug in oetgen. Please report it with the lines above and the command.",
            err=True,
        )
        sys.exit(BUG)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line (by default that of the process), and exit with its status."""
    with _exit_status():
        cli.main(arguments, prog_name="oetgen", standalone_mode=False)
