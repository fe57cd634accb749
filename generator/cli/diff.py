"""`oetgen diff`: what render would change, or how two environments differ."""

from __future__ import annotations

import sys

import click

from generator import writer
from generator.changes import compare_environments, differences
from generator.cli.session import ERRORS, Session, chosen, prove
from generator.findings import OetgenError
from generator.pipeline import plan_tree
from generator.project import OUT
from generator.report.changes import comparison_text, diff_text, stat_text


@click.command()
@click.argument("environments", nargs=-1, required=True, metavar="ENV [ENV]")
@click.option(
    "--set", "settings", multiple=True, metavar="PATH=VALUE", help="Try a value without a change to a file."
)
@click.option("--stat", is_flag=True, help="Only how many lines of each file differ.")
@click.option(
    "--values", "only_values", is_flag=True, help="Of two environments, only how their values differ."
)
@click.pass_obj
def diff(
    session: Session, environments: tuple[str, ...], settings: tuple[str, ...], stat: bool, only_values: bool
) -> None:
    """Say what render would change in out/, or how two environments differ.

    The exit status is 0 when nothing differs, and 1 when something does.
    """
    pipeline = session.pipeline()
    names = chosen(pipeline.project, environments, every=False)
    if len(environments) > 2:
        raise OetgenError(
            "diff compares one environment with its files, or two with each other", "name one or two"
        )
    if len(environments) == 2:
        if stat or settings:
            raise OetgenError(
                f"{'--stat' if stat else '--set'} is for one environment", "leave it out, or name one"
            )
        first, *others = prove(session, pipeline, names)
        found = compare_environments(first[0], (others or [first])[0][0])
        _say(session, list(comparison_text(found, session.console.paint, files=not only_values)))
        sys.exit(ERRORS if found.values or (found.files and not only_values) else 0)
    if only_values:
        raise OetgenError("--values is for two environments", "name the other one, too")
    [(proof, tree)] = prove(session, pipeline, names, settings)
    folder, shown = pipeline.project.out(proof.env), f"{OUT}/{proof.env}"
    with writer.reading(folder, shown, session.console.wait):
        plan = plan_tree(tree, folder, shown, inside=pipeline.project.root)
        found_lines = differences(plan, shown)
    for status in plan.edited:
        click.echo(f"{shown}/{status.path} was changed by hand: render stops there", err=True)
    others_in_the_way = [each for each in plan.findings if each.code != "writer/hand-edited"]
    session.console.findings(others_in_the_way, err=True)
    if found_lines:
        _say(session, list((stat_text if stat else diff_text)(found_lines, session.console.paint)))
    else:
        session.console.say(f"{shown} is what the templates and values make")
    sys.exit(ERRORS if found_lines or others_in_the_way else 0)


def _say(session: Session, lines: list[str]) -> None:
    for line in lines:
        click.echo(line, color=session.console.color)
