"""`oetgen render`: write what changed."""

from __future__ import annotations

from pathlib import Path

import click

from generator.cli.session import Session, apply_plans, chosen, note_written, trees
from generator.findings import OetgenError
from generator.pipeline import plan_tree
from generator.project import OUT


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
    rendered = trees(session, project, names, settings)
    plans = []
    for tree in rendered:
        folder = session.start / out / tree.env if out else project.out(tree.env)
        shown = f"{out or OUT}/{tree.env}"
        plans.append((plan_tree(tree, folder, shown, overwrite=overwrite), shown))
    apply_plans(session, plans)
    if not out:
        note_written(session, project, rendered)


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
