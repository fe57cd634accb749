"""`oetgen impact`: count or list the lines of every environment that a value affects."""

from __future__ import annotations

import json

import click

from generator.cli import speed
from generator.cli.completion import complete_environment, complete_value, value_path
from generator.cli.session import Session, chosen, share_of, shares, stop_at_errors
from generator.findings import Finding, has_errors
from generator.findings.suggest import listed
from generator.provenance.impact import Impact
from generator.provenance.impact import impact as impact_of
from generator.report.impact import impact_data, impact_text


@click.command()
@click.argument("path", metavar="PATH", shell_complete=complete_value)
@click.argument("environments", nargs=-1, metavar="[ENV]...", shell_complete=complete_environment)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Output format.")
@click.option("--verbose", is_flag=True, help="Show each line, also if there are many.")
@shares
@click.pass_obj
def impact(
    session: Session,
    path: str,
    environments: tuple[str, ...],
    form: str,
    verbose: bool,
    shard: str | None,
    jobs: int | None,
) -> None:
    """List the lines that contain the value at PATH or depend on it. Without ENV, of every environment.

    Of many lines, it shows the number in each file.
    """
    pipeline = session.pipeline()
    names = share_of(chosen(pipeline.project, environments, every=not environments), shard)
    validated = {each.values.env: each for each in pipeline.validate(names)}
    failed = any(has_errors(each.findings) for each in validated.values())
    wanted = () if failed else value_path(pipeline, [each.values for each in validated.values()], path)

    def in_environment(env: str) -> tuple[tuple[Finding, ...], Impact | None]:
        """Return the findings of an environment, and what the value reaches: all that stays in memory."""
        result = pipeline.render(validated[env])
        if result.tree is None or not wanted:
            return result.findings, None
        trace = pipeline.trace(result.values)
        with pipeline.limits.hold():
            found = impact_of(trace, wanted)
        trace.remember()  # the next impact takes 0.35 of the time
        return result.findings, found

    with (
        session.console.stage(f"tracing {listed(names)}"),
        speed.in_steps(names, (in_environment,), jobs) as (results,),
    ):
        every = list(results)
    pipeline.remember()
    stop_at_errors(session, [finding for findings, _ in every for finding in findings])
    reached = [each for _, each in every if each]
    if form == "json":
        text = json.dumps(impact_data(wanted, reached), ensure_ascii=False, indent=2)
    else:
        console = session.console
        text = impact_text(wanted, reached, console.paint, console.width, verbose=verbose)
    session.console.print(text)
