"""`oetgen promote`: copy values from one environment to another."""

from __future__ import annotations

import click

from generator.cli.completion import complete_environment, complete_value
from generator.cli.proposal import Proposal, decisions
from generator.cli.session import Session, chosen, stop_at_errors
from generator.findings import OetgenError


@click.command()
@click.argument("source", metavar="FROM", shell_complete=complete_environment)
@click.argument("target", metavar="TO", shell_complete=complete_environment)
@click.argument("paths", metavar="[PATH]...", nargs=-1, shell_complete=complete_value)
@decisions
@click.pass_obj
def promote(
    session: Session,
    source: str,
    target: str,
    paths: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    verbose: bool,
) -> None:
    """Copy values from the environment FROM to TO: those at PATH, or all that name no environment.

    It shows what changes first, and asks. Without a terminal it writes nothing unless --yes is given.
    """
    from generator.changes.promote import promotion
    from generator.report.changes import promotion_text
    from generator.report.text import hanging

    pipeline = session.pipeline()
    if source == target:
        raise OetgenError(f"{source} is named twice", "name two environments")
    source, target = chosen(pipeline.project, (source, target), every=False, single=True)
    first, second = pipeline.validate([source, target])
    stop_at_errors(session, [*first.findings, *second.findings], writing=True)
    found = promotion(first.values, second.values, paths)
    for line in promotion_text(found, source, target, session.console.paint):
        session.console.print(hanging(line, session.console.width))
    if found.changes:
        Proposal(session, pipeline, {found.path: found.text}, verbose=verbose).decide(
            dry_run=dry_run, yes=yes
        )
