"""`oetgen check`: say everything that is wrong, and write nothing."""

from __future__ import annotations

import datetime
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from generator.cli.session import ERRORS, Session, chosen
from generator.findings import Finding, OetgenError, Severity, merge_environments
from generator.findings.suggest import nearest
from generator.pipeline import Checked
from generator.project.folder import Project
from generator.report.text import Paint
from generator.writer.drift import abandoned, compare
from generator.writer.sync import behind

if TYPE_CHECKING:
    from generator.checks.runner import Plan

_FORMATS = ("text", "json", "github", "sarif")


@click.command()
@click.argument("environments", nargs=-1, metavar="[ENV]...")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", help="How to say it.")
@click.option("--strict", is_flag=True, help="Fail on warnings too.")
@click.option(
    "--verbose", is_flag=True, help="Say also what does not apply, and which files are not oetgen's."
)
@click.option(
    "--tools/--no-tools",
    default=True,
    help="Run outside tools that are installed, or oetgen's own rules alone.",
)
@click.option(
    "--require", "required", multiple=True, metavar="TOOL|all", help="Fail when this tool is not installed."
)
@click.option(
    "--coverage", is_flag=True, help="Say also what no environment tries: branches, templates, values."
)
@click.option(
    "--today",
    metavar="DATE",
    help="The day by which support has ended or not, as 2026-11-24; by default today.",
)
@click.pass_obj
def check(
    session: Session,
    environments: tuple[str, ...],
    form: str,
    strict: bool,
    verbose: bool,
    tools: bool,
    required: tuple[str, ...],
    coverage: bool,
    today: str | None,
) -> None:
    """Say everything that is wrong, everywhere; write nothing."""
    from generator.checks.runner import Plan
    from generator.checks.validators import VALIDATORS

    for name in required:
        if name != "all" and name not in VALIDATORS:
            hint = nearest(name, list(VALIDATORS)) or f"there are {', '.join(VALIDATORS)}"
            raise OetgenError(f"--require {name}: no such tool", hint)
    if required and not tools:
        raise OetgenError("--require and --no-tools contradict each other", "leave one of them out")
    project = session.project()
    names = chosen(project, environments, every=not environments)
    every = set(names) == set(project.environment_names())
    if coverage and not every:
        raise OetgenError("--coverage is about all environments", "leave out their names")
    plan = Plan(_day(today), required, tools, every)
    checked = _checked(session, project, names, plan, coverage=coverage)
    findings = _shown(checked, verbose=verbose)
    session.console.result(
        _written(findings, checked, form, session.console.paint, verbose=verbose),
        always=form != "text" or bool(findings),
    )
    if checked.fails(strict=strict):
        sys.exit(ERRORS)


def _checked(session: Session, project: Project, names: list[str], plan: Plan, *, coverage: bool) -> Checked:
    """Hold the output to the rules, and compare it with what is committed and with what was synced."""
    checked = session.pipeline().check(names, plan, coverage=coverage)
    findings = [*checked.findings]
    for tree in checked.trees.values():
        findings += compare(project, tree, session.console.wait) if tree else ()
    findings += behind(project, checked.trees, session.console.wait)
    findings += abandoned(project)
    return replace(checked, findings=tuple(findings))


def _day(text: str | None) -> datetime.date:
    if text is None:
        return datetime.date.today()
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise OetgenError(f"--today {text}: not a day", "write it as 2026-11-24") from None


def _shown(checked: Checked, *, verbose: bool) -> list[Finding]:
    """Return what is said, in the order of the places: the same in every format."""
    everything = merge_environments([*checked.findings, *checked.examination.accepted])
    return [
        finding
        for finding in everything
        if verbose or finding.severity is not Severity.INFO or finding.code.startswith("coverage/")
    ]


def _written(findings: list[Finding], checked: Checked, form: str, paint: Paint, *, verbose: bool) -> str:
    from generator.report import check, github, json, sarif

    if form == "text":
        return check.render(findings, checked, paint, verbose=verbose)
    writers = {"json": json.render, "github": github.render, "sarif": sarif.render}
    return writers[form](findings, checked)
