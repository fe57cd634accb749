"""`oetgen check`: report every problem, without writing anything."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import click

from generator.cli import speed
from generator.cli.completion import complete_environment
from generator.cli.session import ERRORS, Console, Session, chosen, share_of, shares
from generator.findings import Finding, OetgenError, Severity, merge_environments
from generator.findings.suggest import nearest
from generator.project.folder import Project
from generator.project.git import folder_in_repository

if TYPE_CHECKING:
    from generator.checks.runner import CheckResult
    from generator.pipeline import Pipeline

_T = TypeVar("_T")
_R = TypeVar("_R")
_FORMATS = ("text", "json", "github", "markdown", "sarif")


@click.command()
@click.argument("environments", nargs=-1, metavar="[ENV]...", shell_complete=complete_environment)
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", help="Output format.")
@click.option(
    "--against",
    metavar="REF",
    help="With --format github or markdown: first what is on lines that changed since this branch, tag or commit.",
)
@click.option("--strict", is_flag=True, help="Fail on warnings, too.")
@click.option(
    "--verbose",
    is_flag=True,
    help="Show all in full: accepted warnings, stale and untracked files, rules that do not apply.",
)
@click.option(
    "--tools/--no-tools",
    default=True,
    help="Run installed outside tools, or only oetgen's own rules.",
)
@click.option(
    "--require", "required", multiple=True, metavar="TOOL|all", help="Fail when this tool is not installed."
)
@click.option(
    "--project-tools",
    is_flag=True,
    help="Run also what the project contains: node_modules, .terraform. Only for code that you trust.",
)
@click.option(
    "--coverage", is_flag=True, help="Report branches, templates and values that no environment uses."
)
@shares
@click.option(
    "--today",
    metavar="DATE",
    help="Check support as of this day, as 2026-11-24; default: today.",
)
@click.pass_obj
def check(
    session: Session,
    environments: tuple[str, ...],
    form: str,
    against: str | None,
    strict: bool,
    verbose: bool,
    tools: bool,
    required: tuple[str, ...],
    project_tools: bool,
    coverage: bool,
    shard: str | None,
    jobs: int | None,
    today: str | None,
) -> None:
    """Report every problem in values, templates and output, without writing anything."""
    from generator.checks.options import CheckOptions

    _refuse_contradictions(required, tools=tools, project_tools=project_tools)
    if against and form not in ("github", "markdown"):
        raise OetgenError(f"--against has no effect with --format {form}", "remove it")
    pipeline = session.pipeline()
    changed = _changed_lines(pipeline.project, against)
    names = share_of(chosen(pipeline.project, environments, every=not environments), shard)
    every = set(names) == set(pipeline.project.environment_names())
    if coverage and not every:
        raise OetgenError("--coverage needs all environments", "remove their names")
    options = CheckOptions(_day(today), required, tools, every, project_tools)

    def share(items: Sequence[_T], step: Callable[[_T], _R]) -> Iterator[_R]:
        with speed.in_steps(items, (step,), jobs) as (results,):
            yield from results

    with speed.store() as store:
        checked = pipeline.check(
            names, options, session.console.wait, coverage=coverage, share=share, store=store
        )
    findings = _with_changes(pipeline, _reported(checked, verbose=verbose), against)
    if form != "text" or findings or not session.console.quiet:
        project, console = pipeline.project, session.console
        if form == "text":
            text = _text(findings, checked, console, verbose=verbose)
        else:
            text = _formatted(findings, checked, form, changed, folder_in_repository(project.root))
        console.print(text)
    if checked.fails(strict=strict):
        sys.exit(ERRORS)


def _refuse_contradictions(required: tuple[str, ...], *, tools: bool, project_tools: bool) -> None:
    from generator.checks.validators import VALIDATORS

    for name in required:
        if name != "all" and name not in VALIDATORS:
            hint = nearest(name, list(VALIDATORS)) or f"name one of {', '.join(VALIDATORS)}"
            raise OetgenError(f"--require {name}: no such tool", hint)
    for option, given in (("--require", required), ("--project-tools", project_tools)):
        if given and not tools:
            raise OetgenError(f"{option} and --no-tools contradict each other", "remove one of them")


def _day(text: str | None) -> datetime.date:
    if text is None:
        return datetime.date.today()
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise OetgenError(f"--today {text} is not a date", "write it as 2026-11-24") from None


def _reported(checked: CheckResult, *, verbose: bool) -> list[Finding]:
    """Return the findings to report, in the order of their places: the same in every format."""
    everything = merge_environments([*checked.findings, *checked.report.accepted])
    return [
        finding
        for finding in everything
        if verbose or finding.severity is not Severity.INFO or finding.code.startswith("coverage/")
    ]


def _with_changes(pipeline: Pipeline, findings: list[Finding], against: str | None) -> list[Finding]:
    """Return the findings with what changed since a revision, or else since the last commit, if there is one."""
    from generator.project.git import head, revision

    if not any(each.severity is Severity.ERROR and each.environment for each in findings):
        return findings
    root = pipeline.project.root
    try:
        at = revision(root, against) if against else head(root)
        return pipeline.with_changes(findings, at) if at else findings
    except OetgenError:  # the findings matter more than what git answers
        return findings


def _changed_lines(project: Project, against: str | None) -> Mapping[str, frozenset[int]]:
    """Return the lines that changed since a revision, by file."""
    if against is None:
        return {}
    from generator.changes.lines import changed_lines
    from generator.project.git import revision

    return changed_lines(project, revision(project.root, against))


def _text(findings: list[Finding], checked: CheckResult, console: Console, *, verbose: bool) -> str:
    from generator.report import check

    return check.render(
        findings, checked, console.paint, verbose=verbose, quiet=console.quiet, width=console.width
    )


def _formatted(
    findings: list[Finding],
    checked: CheckResult,
    form: str,
    changed: Mapping[str, frozenset[int]],
    folder: str,
) -> str:
    from generator.report import github, json, sarif

    if form == "github":
        return github.render(findings, checked, changed, folder)
    if form == "markdown":
        return github.markdown(findings, checked, changed)
    return {"json": json.render, "sarif": sarif.render}[form](findings, checked)
