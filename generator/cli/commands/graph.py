"""`oetgen graph`: draw the rendered system."""

from __future__ import annotations

import click

from generator.cli.completion import complete_environment
from generator.cli.session import Session, chosen, rendered
from generator.findings.suggest import listed
from generator.report.mermaid import mermaid
from generator.system import System
from generator.system.graph import Graph, graph_of


@click.command()
@click.argument("environment", metavar="ENV", shell_complete=complete_environment)
@click.option(
    "--format", "form", type=click.Choice(["mermaid", "svg"]), default="mermaid", help="Output format."
)
@click.pass_obj
def graph(session: Session, environment: str, form: str) -> None:
    """Draw the system that the files of ENV describe: hosts, services, workloads, databases and pipelines."""
    pipeline = session.pipeline()
    [(_, tree)] = rendered(
        session, pipeline, chosen(pipeline.project, (environment,), every=False, single=True)
    )
    with pipeline.computing(f"draw {tree.env}", tree):
        found = graph_of(tree.env, System.of_files(tree.texts, None, tree.languages))
        text = _drawn(found, form)
    for reason in dict.fromkeys(found.unread.values()):
        paths = [path for path, why in found.unread.items() if why == reason]
        click.echo(f"oetgen: not drawn: {listed(paths)}: {reason}", err=True)
    click.echo(text, nl=False)


def _drawn(found: Graph, form: str) -> str:
    if form == "svg":
        from generator.report.drawing import svg

        return svg(found)
    return mermaid(found)
