"""`oetgen impact`: list every line of every environment that a value affects."""

from __future__ import annotations

import json

import click

from generator.cli.completion import complete_value, traced, value_path
from generator.cli.session import Session, chosen
from generator.provenance.impact import impact as reached_by
from generator.report.impact import impact_data, impact_text


@click.command()
@click.argument("path", metavar="PATH", shell_complete=complete_value)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Output format.")
@click.pass_obj
def impact(session: Session, path: str, form: str) -> None:
    """List the lines, in the files of every environment, that contain the value at PATH or depend on it."""
    traces = traced(session, chosen(session.project(), (), every=True))
    wanted = value_path(traces, path)
    with traces[0].tracer.limits.hold():
        reached = [(trace, list(reached_by(trace, wanted))) for trace in traces]
    unsure = [(trace, found) for trace in traces for found in trace.files() if not found.certain]
    if form == "json":
        text = json.dumps(impact_data(wanted, reached), ensure_ascii=False, indent=2)
    else:
        text = impact_text(wanted, reached, unsure, session.console.paint)
    traces[0].tracer.remember()
    session.console.print(text)
