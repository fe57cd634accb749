"""`oetgen sync`: copy files to the places where GitHub and Docker look for them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from generator.cli.completion import complete_environment
from generator.cli.session import Session, chosen, stop_at_errors
from generator.cli.transaction import Target, Transaction
from generator.cli.trees import Trees
from generator.findings import OetgenError


@click.command()
@click.argument(
    "environments", nargs=-1, required=True, metavar="ENV...", shell_complete=complete_environment
)
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
    """Copy workflows, Dockerfiles and other files to where they are used.

    `sync` removes files that it wrote there and that no environment generates any more.
    """
    folder, label = session.start / target, target.as_posix()
    if not folder.is_dir():
        raise OetgenError(f"--to {target}: no such folder", "name the root of the application's repository")
    pipeline = session.pipeline()
    every = pipeline.project.environment_names()
    names = chosen(pipeline.project, environments, every=False)
    wanted = Trees(pipeline, names)
    results = {name: wanted.render(name) for name in names}
    wanted.remember()
    stop_at_errors(session, [finding for _, findings in results.values() for finding in findings])
    # The other environments are rendered to know which files they generate; their findings are ignored.
    rest = [name for name in every if name not in names]
    others = Trees(pipeline, rest)
    results |= {name: others.render(name) for name in rest}
    others.remember()
    trees = {name: tree for name, (tree, _) in results.items()}
    plan = partial(pipeline.plan_sync, names, trees, folder, label, overwrite=overwrite)
    job = Target(folder, label, folder, plan, partial(pipeline.explain_edits, names))
    transaction = Transaction(session)
    stop_at_errors(session, transaction.plan(job), writing=True)
    lines, findings = transaction.write(job)
    for line in lines:
        session.console.note(line)
    stop_at_errors(session, findings)
