"""`oetgen sync`: copy what must live elsewhere."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from generator.cli.session import Job, Session, chosen, prove, write
from generator.findings import OetgenError
from generator.pipeline import Pipeline, Proof
from generator.synced import plan_sync
from generator.writer import Plan


@click.command()
@click.argument("environments", nargs=-1, required=True, metavar="ENV...")
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The repository's root.",
)
@click.option("--overwrite", is_flag=True, help="Replace files that oetgen did not write.")
@click.pass_obj
def sync(session: Session, environments: tuple[str, ...], target: Path, overwrite: bool) -> None:
    """Copy what must live elsewhere: workflows for GitHub, Dockerfiles and what goes into images.

    Files there that oetgen wrote, and that no environment makes any more, are deleted.
    """
    if not (session.start / target).is_dir():
        raise OetgenError(f"--to {target}: no such folder", "name the root of the application's repository")
    pipeline = session.pipeline()
    names = chosen(pipeline, environments, every=False)
    proofs = [proof for proof, _ in prove(session, pipeline, names)]
    # The others only say what they make, so that it is not taken for left over.
    others = [name for name in pipeline.project.environment_names() if name not in names]
    every = [*proofs, *pipeline.prove(others)]
    shown, folder = target.as_posix(), session.start / target
    make = partial(plan_sync, pipeline, proofs, every, folder, shown, overwrite=overwrite)
    write(session, [Job(folder, shown, folder, make, partial(_explained, pipeline, proofs))])


def _explained(pipeline: Pipeline, proofs: list[Proof], plan: Plan) -> Plan:
    """Say of each hand edit where it would have to be made to last."""
    from generator.review import explain_edits  # of no use when nobody edited anything, as almost always

    for proof in proofs:
        plan = explain_edits(pipeline, proof, plan)
    return plan
