"""`oetgen sync`: copy what must live elsewhere."""

from __future__ import annotations

from pathlib import Path

import click

from generator.cli.session import Session, apply_plans, chosen, trees
from generator.findings import OetgenError
from generator.pipeline import plan_sync


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
    """Copy what must live elsewhere: workflows for GitHub, Dockerfiles and what goes into images."""
    if not (session.start / target).is_dir():
        raise OetgenError(f"--to {target}: no such folder", "name the root of the application's repository")
    project = session.project()
    rendered = trees(session, project, chosen(project, environments, every=False))
    shown = target.as_posix()
    apply_plans(session, [(plan_sync(rendered, session.start / target, shown, overwrite=overwrite), shown)])
