"""`oetgen values`: print the merged values of an environment, each with its origin."""

from __future__ import annotations

import json

import click

from generator.cli.completion import complete_environment, complete_value
from generator.cli.session import Session, chosen
from generator.findings import OetgenError, has_errors
from generator.findings.suggest import nearest
from generator.report.values import values_data, values_yaml
from generator.values.layers import Values, load_values
from generator.values.source import KeyPath, all_paths


@click.command()
@click.argument("environment", metavar="ENV", shell_complete=complete_environment)
@click.argument("path", required=False, metavar="[PATH]", shell_complete=complete_value)
@click.option("--format", "form", type=click.Choice(["yaml", "json"]), default="yaml", help="Output format.")
@click.pass_obj
def values(session: Session, environment: str, path: str | None, form: str) -> None:
    """Print the merged values of ENV, or those below PATH, with the line that sets each and what it overrides."""
    project = session.project()
    chosen(project, (environment,), every=False, single=True)
    merged, findings = load_values(project, environment)
    session.console.findings(findings)
    if has_errors(findings):
        raise SystemExit(1)
    wanted = _path(merged, path) if path else ()
    if form == "json":
        click.echo(json.dumps(values_data(merged, wanted), ensure_ascii=False, indent=2))
    else:
        click.echo(values_yaml(merged, wanted), nl=False)


def _path(merged: Values, text: str) -> KeyPath:
    known = all_paths(merged.data)
    if text not in known:
        raise OetgenError(
            f'{merged.env} has no value "{text}"',
            nearest(text, list(known)) or f"run: oetgen values {merged.env} to list all values",
        )
    return known[text]
