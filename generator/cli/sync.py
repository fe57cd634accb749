"""`oetgen sync`: copy what must live elsewhere."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from generator.cli.session import Session, chosen, note_rendered, stop_at_errors
from generator.cli.transaction import Job, Writing
from generator.findings import Finding, OetgenError
from generator.incremental.inputs import Inputs, recall_tree
from generator.render.tree import Tree
from generator.writer import Plan
from generator.writer.sync import plan_sync


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
    project = session.project()
    inputs = Inputs(str(project.root))
    names = chosen(project, environments, every=False)
    findings: list[Finding] = []
    wanted = [tree for tree in _trees(session, inputs, names, findings).values() if tree]
    stop_at_errors(session, findings)
    # The others only say what they make, so that it is not taken for left over.
    others = _trees(session, inputs, [name for name in project.environment_names() if name not in names], [])
    every = {**others, **{tree.env: tree for tree in wanted}}
    shown, folder = target.as_posix(), session.start / target
    plan = partial(plan_sync, session.pipeline, wanted, every, folder, shown, overwrite=overwrite)
    job = Job(folder, shown, folder, plan, partial(_explained, session, names))
    writing = Writing(session)
    stop_at_errors(session, writing.plan(job), writing=True)
    lines, late = writing.write(job)
    for line in lines:
        session.console.say(line)
    stop_at_errors(session, late)


def _trees(
    session: Session, inputs: Inputs, names: list[str], findings: list[Finding]
) -> dict[str, Tree | None]:
    """Return the tree of each environment, or None where there are errors, and add all `findings`."""
    found = {name: recall_tree(session.cache, inputs, name) for name in names}
    missing = [name for name, tree in found.items() if tree is None]
    for proof in session.pipeline().prove(missing) if missing else ():
        found[proof.env] = proof.tree
        findings += proof.findings
        note_rendered(session, inputs, proof)
    return found


def _explained(session: Session, names: list[str], plan: Plan) -> Plan:
    """Say of each hand edit where it would have to be made to last."""
    from generator.changes import explain_edits

    pipeline = session.pipeline()
    for proof in pipeline.prove(names):
        plan = explain_edits(pipeline, proof, plan)
    return plan
