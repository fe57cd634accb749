"""`oetgen render`: write what changed."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from generator.cli.session import Current, Job, Session, chosen, note_written, trees, write
from generator.findings import OetgenError
from generator.pipeline import plan_tree
from generator.project import OUT
from generator.recall import Inputs, files_as_written
from generator.shelf import Shelf
from generator.writer import Plan


@click.command()
@click.argument("environments", nargs=-1, metavar="ENV...")
@click.option("--all", "every", is_flag=True, help="Render every environment.")
@click.option(
    "--shard", metavar="K/N", help="Only the K-th of N shares of the environments, for a CI matrix."
)
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
    shard: str | None,
    out: Path | None,
    settings: tuple[str, ...],
    overwrite: bool,
) -> None:
    """Write what changed, one line per file."""
    if settings and not out:
        raise OetgenError(
            "--set would make out/ differ from its values files", "add --out DIR, or edit the values file"
        )
    project = session.project()
    names = _share(chosen(project, environments, every), shard)
    inputs = Inputs(str(project.root))
    current = {} if out or settings else _current(session, inputs, names)
    jobs: dict[str, Job | Current] = {env: Current(f"{OUT}/{env}", files) for env, files in current.items()}
    with trees(session, inputs, [name for name in names if name not in current], settings) as shelf:
        for env in shelf:
            folder = session.start / out / env if out else project.out(env)
            inside = session.start / out if out else project.root
            shown = f"{out or OUT}/{env}"
            plan = partial(_planned, shelf, env, folder, shown, overwrite=overwrite, inside=inside)
            done = None if out else partial(note_written, session, inputs, env)
            explain = partial(_explained, session, env, settings)
            jobs[env] = Job(folder, shown, inside, plan, explain, done)
        write(session, [jobs[name] for name in names])


def _current(session: Session, inputs: Inputs, names: list[str]) -> dict[str, int]:
    """Return the environments whose output is what rendering would make again, and of how many files it is.

    Of 1,000 environments with ten changed, this takes a fifth of the time that their plans would.
    """
    found = {name: files_as_written(session.cache, inputs, name) for name in names}
    return {name: files for name, files in found.items() if files is not None}


def _planned(shelf: Shelf, env: str, folder: Path, shown: str, *, overwrite: bool, inside: Path) -> Plan:
    return plan_tree(shelf.take(env), folder, shown, overwrite=overwrite, inside=inside)


def _explained(session: Session, env: str, settings: tuple[str, ...], plan: Plan) -> Plan:
    """Say of each hand edit where it would have to be made to last."""
    from generator.review import explain_edits  # of no use when nobody edited anything, as almost always

    pipeline = session.pipeline()
    return explain_edits(pipeline, pipeline.prove([env], settings)[0], plan)


def _share(names: list[str], shard: str | None) -> list[str]:
    """Return the K-th of N shares of `names`; shares differ by one in size at most, and overlap nowhere."""
    if shard is None:
        return names
    share, _, count = shard.partition("/")
    if not (share.isdecimal() and count.isdecimal() and 0 < int(share) <= int(count)):
        raise OetgenError(
            f"--shard {shard} is not K/N", "write, for example, --shard 2/8 for the second of eight"
        )
    return names[int(share) - 1 :: int(count)]
