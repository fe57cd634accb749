"""`oetgen schema`: describe the values that the schema of the project allows."""

from __future__ import annotations

import click

from generator.cli.session import Session
from generator.report.reference import reference
from generator.values.schema import load_schema


@click.command()
@click.pass_obj
def schema(session: Session) -> None:
    """Describe the values of the project, as Markdown."""
    click.echo(reference(load_schema(session.project(), session.cache)), nl=False)
