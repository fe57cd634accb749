"""`oetgen values`: the merged values of an environment, each with where it comes from."""

from __future__ import annotations

import json

import click

from generator.cli.completion import complete_environment, complete_value
from generator.cli.session import Session
from generator.findings import OetgenError
from generator.findings.suggest import nearest
from generator.pipeline import has_errors
from generator.report.values import values_data, values_yaml
from generator.values.layers import Values, load_values
from generator.values.source import KeyPath, format_path, leaves


@click.command()
@click.argument("environment", metavar="ENV", shell_complete=complete_environment)
@click.argument("path", required=False, metavar="[PATH]", shell_complete=complete_value)
@click.option("--format", "form", type=click.Choice(["yaml", "json"]), default="yaml", help="How to say it.")
@click.pass_obj
def values(session: Session, environment: str, path: str | None, form: str) -> None:
    """Print the merged values of ENV, or those below PATH, each with where it is set and what it overrode."""
    merged, findings = load_values(session.project(), environment)
    session.console.findings(findings, err=True)
    if has_errors(findings):
        raise SystemExit(1)
    wanted = _path(merged, path) if path else ()
    if form == "json":
        click.echo(json.dumps(values_data(merged, wanted), ensure_ascii=False, indent=2))
    else:
        click.echo(values_yaml(merged, wanted), nl=False)


def _path(merged: Values, text: str) -> KeyPath:
    known = {
        format_path(path[:end]): path[:end]
        for path, _ in leaves(merged.data)
        for end in range(1, len(path) + 1)
    }
    if text not in known:
        raise OetgenError(
            f'{merged.env} has no value "{text}"',
            nearest(text, list(known)) or f"oetgen values {merged.env} shows all that there are",
        )
    return known[text]
