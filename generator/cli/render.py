"""`oetgen render`: write what changed."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from generator.cli.session import Job, Session, chosen, prove, write
from generator.findings import OetgenError
from generator.pipeline import Pipeline, Proof, plan_tree
from generator.project import OUT
from generator.writer import Plan


@click.command()
@click.argument("environments", nargs=-1, metavar="ENV...")
@click.option("--all", "every", is_flag=True, help="Render every environment.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="Write to DIR/ENV instead of out/ENV."
)
@click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help="Override a value; needs --out.")
@click.option("--overwrite", is_flag=True, help="Replace files that were changed by hand.")
@click.pass_obj
def render(
    session: Session,
    environments: tuple[str, ...],
    every: bool,
    out: Path | None,
    settings: tuple[str, ...],
    overwrite: bool,
) -> None:
    """Write what changed, one line per file."""
    if settings and not out:
        raise OetgenError(
            "--set would make out/ differ from its values files", "add --out DIR, or edit the values file"
        )
    pipeline = session.pipeline()
    names = chosen(pipeline, environments, every)
    jobs = []
    for proof, tree in prove(session, pipeline, names, settings):
        folder = session.start / out / tree.env if out else pipeline.project.out(tree.env)
        inside = session.start / out if out else pipeline.project.root
        shown = f"{out or OUT}/{tree.env}"
        make = partial(plan_tree, tree, folder, shown, overwrite=overwrite, inside=inside)
        jobs.append(Job(folder, shown, inside, make, partial(_explained, pipeline, proof)))
    write(session, jobs)


def _explained(pipeline: Pipeline, proof: Proof, plan: Plan) -> Plan:
    """Say of each hand edit where it would have to be made to last."""
    from generator.review import explain_edits  # of no use when nobody edited anything, as almost always

    return explain_edits(pipeline, proof, plan)
