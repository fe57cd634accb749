"""`oetgen schema`: describe the values that the schema of the project allows, or print the schema of oetgen.yaml."""

from __future__ import annotations

import click

from generator.cli.session import Session
from generator.findings import OetgenError
from generator.report.reference import reference
from generator.values.schema import load_schema
from generator.values.schema.layer_schema import editor_text


@click.command()
@click.option("--settings", is_flag=True, help="Print the JSON Schema of oetgen.yaml, for an editor.")
@click.option("--editor", is_flag=True, help="Print the JSON Schema of one values file alone, for an editor.")
@click.option(
    "--draft-07", is_flag=True, help="With --editor: for an editor that knows no later JSON Schema."
)
@click.pass_obj
def schema(session: Session, settings: bool, editor: bool, draft_07: bool) -> None:
    """Describe the values of the project, as Markdown."""
    if draft_07 and not editor:
        raise OetgenError("--draft-07 is for --editor", "add --editor")
    if editor:
        text = editor_text(load_schema(session.project(), session.cache), draft_07=draft_07)
        click.echo(text, nl=False)
        return
    if settings:
        from generator.values.settings import schema_text

        click.echo(schema_text(), nl=False)
        return
    click.echo(reference(load_schema(session.project(), session.cache)), nl=False)
