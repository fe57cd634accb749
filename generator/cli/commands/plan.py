"""`oetgen plan`: show what applying a change would do."""

from __future__ import annotations

import datetime
import sys

import click

from generator.changes import Review, committed_files, files_on_disk
from generator.cli.completion import complete_environment
from generator.cli.session import ERRORS, Session, chosen, rendered
from generator.project.git import folder_in_repository, head, revision
from generator.report.changes import review_text

_FORMATS = ("text", "json", "github", "markdown")


@click.command()
@click.argument("environment", metavar="ENV", shell_complete=complete_environment)
@click.option(
    "--against", metavar="REF", help="Compare with this branch, tag or commit; default: the last commit."
)
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", help="Output format.")
@click.pass_obj
def plan(session: Session, environment: str, against: str | None, form: str) -> None:
    """Show what applying the rendered files would do to what is committed, from the files alone.

    The exit status is 1 when a change would be refused, would lose data, or brings an error that `check` reports.
    """
    pipeline = session.pipeline()
    names = chosen(pipeline.project, (environment,), every=False, single=True)
    [(result, tree)] = rendered(session, pipeline, names)
    root = pipeline.project.root
    at = head(root) if against is None else revision(root, against)
    before = committed_files(at, tree.folder) if at else {}
    side = str(at) if at else ""
    if against is None and not before:
        # Without a commit, only the files on disk may have been applied.
        before, at, side = files_on_disk(pipeline.project, tree.folder), None, "the files on disk"
    found = pipeline.plan(result, before, side, at, datetime.date.today())
    if not before:
        where = f"in {side}" if at else "committed, nor is it on disk"
        click.echo(f"{tree.folder} is not {where}: all of it is new", err=True)
    if form == "text":
        for line in review_text(found, session.console.paint, session.console.width):
            session.console.print(line)
    else:
        session.console.print(_formatted(found, form, folder_in_repository(root)))
    if found.fails:
        sys.exit(ERRORS)


def _formatted(found: Review, form: str, folder: str) -> str:
    from generator.report import plan as report

    if form == "github":
        return report.github(found, folder)
    return {"json": report.json_text, "markdown": report.markdown}[form](found)
