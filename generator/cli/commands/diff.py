"""`oetgen diff`: show what render would change, or how two environments differ."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click

from generator import writer
from generator.changes import compare_environments, differences
from generator.cli.completion import complete_environment
from generator.cli.session import ERRORS, Session, chosen, rendered
from generator.findings import OetgenError
from generator.report.changes import comparison_text, diff_text, stat_text
from generator.report.text import hanging


@click.command()
@click.argument(
    "environments", nargs=-1, required=True, metavar="ENV [ENV]", shell_complete=complete_environment
)
@click.option(
    "--set", "settings", multiple=True, metavar="PATH=VALUE", help="Override a value, without editing a file."
)
@click.option("--stat", is_flag=True, help="Show only how many lines of each file differ.")
@click.option("--values", "only_values", is_flag=True, help="Compare only the values of two environments.")
@click.pass_obj
def diff(
    session: Session, environments: tuple[str, ...], settings: tuple[str, ...], stat: bool, only_values: bool
) -> None:
    """Show what render would change in out/, or how two environments differ.

    The exit status is 0 without differences, and 1 with differences.
    """
    pipeline = session.pipeline()
    names = chosen(pipeline.project, environments, every=False, single=True)
    if len(environments) > 2:
        raise OetgenError(
            "diff compares one environment with its files, or two with each other", "name one or two"
        )
    if len(environments) == 2:
        if stat or settings:
            raise OetgenError(
                f"{'--stat' if stat else '--set'} needs one environment", "remove it, or name one environment"
            )
        first, *others = rendered(session, pipeline, names)
        other = (others or [first])[0]
        with pipeline.computing(f"compare {first[0].env} with {other[0].env}", first[1], other[1]):
            found = compare_environments(first[0], other[0])
        _print_wrapped(session, comparison_text(found, session.console.paint, files=not only_values))
        sys.exit(ERRORS if found.values or (found.files and not only_values) else 0)
    if only_values:
        raise OetgenError("--values needs two environments", "name a second one")
    [(_, tree)] = rendered(session, pipeline, names, settings)
    folder, label = pipeline.project.root / tree.folder, tree.folder
    with writer.reading(folder, label, session.console.wait, pipeline.project.root):
        plan = writer.plan(folder, label, tree.files, inside=pipeline.project.root)
        with pipeline.computing(f"compare {tree.env} with {label}", tree):
            found_lines = differences(plan, label)
    for status in plan.edited:
        click.echo(f"{label}/{status.path} was changed by hand: render would stop there", err=True)
    others_in_the_way = [each for each in plan.findings if each.code != "writer/hand-edited"]
    session.console.findings(others_in_the_way)
    if found_lines:
        _print(session, (stat_text if stat else diff_text)(found_lines, session.console.paint))
    else:
        session.console.note(f"{label} is up to date")
    sys.exit(ERRORS if found_lines or others_in_the_way else 0)


def _print(session: Session, lines: Iterable[str]) -> None:
    for line in lines:
        session.console.print(line)


def _print_wrapped(session: Session, lines: Iterable[str]) -> None:
    _print(session, (hanging(line, session.console.width) for line in lines))
