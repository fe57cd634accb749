"""`oetgen plan`: show what applying a change would do."""

from __future__ import annotations

import sys

import click

from generator.changes import committed_files, files_on_disk
from generator.cli.session import ERRORS, Session, chosen, rendered
from generator.findings import Severity
from generator.project.git import head, revision
from generator.report.changes import review_text


@click.command()
@click.argument("environment", metavar="ENV")
@click.option(
    "--against", metavar="REF", help="Compare with this branch, tag or commit; default: the last commit."
)
@click.pass_obj
def plan(session: Session, environment: str, against: str | None) -> None:
    """Show what applying the rendered files would do to what is committed, from the files alone.

    The exit status is 1 when a change would be refused or would lose data.
    """
    pipeline = session.pipeline()
    names = chosen(pipeline.project, (environment,), every=False)
    [(result, _)] = rendered(session, pipeline, names)
    root = pipeline.project.root
    at = head(root) if against is None else revision(root, against)
    before = committed_files(at, result.env) if at else {}
    side = str(at) if at else ""
    if against is None and not before:
        # Without a commit, only the files on disk may have been applied.
        before, at, side = files_on_disk(pipeline.project, result.env), None, "the files on disk"
    found = pipeline.review(result, before, side, at)
    if not before:
        where = f"in {side}" if at else "committed, nor is it on disk"
        click.echo(f"out/{result.env} is not {where}: all of it is new", err=True)
    for line in review_text(found, session.console.paint):
        session.console.print(line)
    if any(each.finding.severity is Severity.ERROR for each in found.hazards):
        sys.exit(ERRORS)
