"""`oetgen report`: one page to look at."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable
from pathlib import Path

import click

from generator.changes import Review, committed_files, compare_environments, review
from generator.changes.environments import texts_of
from generator.changes.hazards import System
from generator.cli.completion import complete_environment
from generator.cli.session import ERRORS, Session, chosen
from generator.findings import Finding
from generator.pipeline import Pipeline, Proof, has_errors
from generator.project.git import Revision, head
from generator.provenance.coverage import Coverage, coverage
from generator.provenance.trace import Trace
from generator.system.graph import graph_of
from generator.writer.drift import compare


@click.command()
@click.argument("environments", nargs=-1, metavar="[ENV]...", shell_complete=complete_environment)
@click.option(
    "-o",
    "--output",
    "target",
    required=True,
    metavar="FILE.html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the page.",
)
@click.pass_obj
def report(session: Session, environments: tuple[str, ...], target: Path) -> None:
    """Write one page to look at: drawing, findings, files with what made each line, values, what changes.

    It is about all environments when none is named. It needs no network and nothing beside it. The exit status is 1
    when there are errors; the page is written all the same.
    """
    from generator.report.page import Subject, page

    pipeline = session.pipeline()
    names = chosen(pipeline.project, environments, every=not environments)
    every = pipeline.project.environment_names()
    proofs = {proof.env: proof for proof in pipeline.prove(list(dict.fromkeys([*names, *every])))}
    wanted = [proofs[name] for name in names]
    with session.console.progress(len(every) + 2 * len(wanted), "report") as done:
        traces, found = _coverage(pipeline, list(proofs.values()), done)
        revision = head(pipeline.project.root)
        subjects = []
        for proof in wanted:
            trace = traces.get(proof.env)
            subjects.append(
                Subject(
                    proof.values,
                    _findings(session, pipeline, proof),
                    trace,
                    graph_of(proof.env, System(texts_of(proof.tree))) if proof.tree else None,
                    _review(pipeline, proof, revision),
                    compare_environments(wanted[0], proof) if proof is not wanted[0] else None,
                )
            )
            done()
        text = page(subjects, found, done)
    target.write_text(text, "utf-8", newline="\n")
    session.console.say(f"{target}: {', '.join(names)}, {len(text.encode()) / 1000:,.0f} kB")
    if any(proof.failed for proof in wanted):
        sys.exit(ERRORS)


def _coverage(
    pipeline: Pipeline, proofs: list[Proof], done: Callable[[], None]
) -> tuple[dict[str, Trace], Coverage | None]:
    """Return the trace of each environment without errors, and, when that is all of them, what none of them tries."""
    traces = {}
    for proof in proofs:
        if proof.tree:
            traces[proof.env] = pipeline.trace(proof.values)
            for _ in traces[proof.env].files():
                pass  # each map is kept
            traces[proof.env].tracer.remember()
        done()
    whole = len(traces) == len(proofs)
    return traces, coverage(pipeline.engine, list(traces.values())) if whole else None


def _findings(session: Session, pipeline: Pipeline, proof: Proof) -> list[Finding]:
    """Return what `check` says of one environment, without outside tools."""
    from generator.checks.runner import Plan

    checked = pipeline.check([proof.env], Plan(datetime.date.today(), tools=False, complete=False))
    late = compare(pipeline.project, proof.tree, session.console.wait) if proof.tree else ()
    return [*checked.findings, *late]


def _review(pipeline: Pipeline, proof: Proof, revision: Revision | None) -> Review | None:
    """Return what applying the render does, against what is committed; nothing without a commit, or with errors."""
    before = committed_files(revision, proof.env) if revision else {}
    if proof.tree is None or has_errors(proof.findings) or not before:
        return None
    return review(pipeline, proof, before, str(revision), revision)
