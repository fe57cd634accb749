"""`oetgen schema`: describe the values that the schema of the project allows, or print the schema of oetgen.yaml."""

from __future__ import annotations

import click

from generator.cli.session import Session
from generator.report.reference import reference
from generator.values.schema import load_schema


@click.command()
@click.option("--settings", is_flag=True, help="Print the JSON Schema of oetgen.yaml, for an editor.")
@click.pass_obj
def schema(session: Session, settings: bool) -> None:
    """Describe the values of the project, as Markdown."""
    if settings:
        from generator.values.settings import schema_text

        click.echo(schema_text(), nl=False)
        return
    click.echo(reference(load_schema(session.project(), session.cache)), nl=False)
