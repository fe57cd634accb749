"""`oetgen plan`: what applying a change would do."""

from __future__ import annotations

import sys

import click

from generator.changes import committed_files, files_on_disk, review
from generator.cli.session import ERRORS, Session, chosen, prove
from generator.findings import Severity
from generator.project.git import head, revision
from generator.report.changes import review_text


@click.command()
@click.argument("environment", metavar="ENV")
@click.option(
    "--against", metavar="REF", help="A branch, tag or commit to compare with, instead of the last commit."
)
@click.pass_obj
def plan(session: Session, environment: str, against: str | None) -> None:
    """Say what applying the new render would do, against what is committed: from the files alone.

    The exit status is 1 when something would be refused or lose data.
    """
    pipeline = session.pipeline()
    names = chosen(pipeline.project, (environment,), every=False)
    [(proof, _)] = prove(session, pipeline, names)
    root = pipeline.project.root
    at = head(root) if against is None else revision(root, against)
    before = committed_files(at, proof.env) if at else {}
    side = str(at) if at else ""
    if against is None and not before:
        # Without a commit that has it, what is on disk is the only thing that may have been applied.
        before, at, side = files_on_disk(pipeline.project, proof.env), None, "the files on disk"
    found = review(pipeline, proof, before, side, at)
    if not before:
        where = f"in {side}" if at else "committed, nor is it on disk"
        click.echo(f"out/{proof.env} is not {where}: all of it is new", err=True)
    for line in review_text(found, session.console.paint):
        click.echo(line, color=session.console.color)
    if any(danger.finding.severity is Severity.ERROR for danger in found.dangers):
        sys.exit(ERRORS)
