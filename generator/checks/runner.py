"""Runs the rules and the outside tools over the output of environments, and sorts what they say."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from generator.checks.data import table
from generator.checks.locate import Locator, TraceOf
from generator.checks.registry import rules
from generator.checks.rule import Context, NotApplicable, Repository
from generator.checks.suppressions import Suppressed, idle, sort, switches
from generator.checks.validators import VALIDATORS, ToolRun
from generator.checks.validators import run as run_validators
from generator.findings import Finding, Note, error
from generator.render.tree import Tree
from generator.system import System
from generator.values.layers import Values


@dataclass(frozen=True)
class Outcome:
    """What the rules say of one environment: findings at the lines of templates, and why a rule says nothing."""

    env: str
    findings: tuple[Finding, ...]
    inapplicable: tuple[tuple[str, str], ...]  # code, reason


@dataclass(frozen=True)
class CheckReport:
    """What was found in all environments, and what was asked.

    `findings` count; `accepted` only warn, for a reason that their environment states, and fail no run.
    """

    findings: tuple[Finding, ...]
    accepted: tuple[Finding, ...]
    turned: tuple[Suppressed, ...]
    inapplicable: tuple[tuple[str, str, str], ...]  # environment, code, reason
    tools: tuple[ToolRun, ...]
    rules: int
    tables: datetime.date  # when the tables of support were read
    today: datetime.date


@dataclass(frozen=True)
class CheckOptions:
    """What day it is, which tools must run, whether any do, and whether all environments are examined."""

    today: datetime.date
    require: tuple[str, ...] = ()
    tools: bool = True
    complete: bool = True


def examine(
    subjects: Sequence[tuple[Tree, Values]], trace_of: TraceOf, root: Path, options: CheckOptions
) -> CheckReport:
    """Apply every rule, and with `options.tools` every installed tool, to the output of each environment."""
    contexts = [context_of(tree, values, options.today) for tree, values in subjects]
    locators = {tree.env: Locator(tree, values, trace_of) for tree, values in subjects}
    outcomes = [_rules(context, locators[context.system.env]) for context in contexts]
    ran, said = (
        run_validators([context.system for context in contexts], root)
        if options.tools and subjects
        else ([], [])
    )
    findings = list(_tool_problems(ran, options))
    accepted: list[Finding] = []
    turned: list[Suppressed] = []
    listed = {}
    for outcome, (_, values) in zip(outcomes, subjects, strict=True):
        listed[outcome.env], wrong = switches(values, _codes())
        own = [locators[each.environment].finding(each) for each in said if each.environment == outcome.env]
        result = sort([*outcome.findings, *_together(own)], listed[outcome.env], outcome.env)
        findings += [*wrong, *result.findings]
        accepted += result.accepted
        turned += result.turned
    if options.complete:
        findings += idle(
            listed, turned, ["checks", *(VALIDATORS[each.name].CODES for each in ran if each.version)]
        )
    return CheckReport(
        tuple(findings),
        tuple(accepted),
        tuple(turned),
        tuple((outcome.env, *each) for outcome in outcomes for each in outcome.inapplicable),
        tuple(ran),
        len(rules()),
        table("support")["read"],
        options.today,
    )


def check_tree(tree: Tree, values: Values, trace_of: TraceOf, today: datetime.date) -> Outcome:
    """Hold one environment's output to every rule."""
    return _rules(context_of(tree, values, today), Locator(tree, values, trace_of))


def context_of(tree: Tree, values: Values, today: datetime.date) -> Context:
    """Return what the rules may know of one environment."""
    name, folder = (str(values.data.get(key) or "") for key in ("repository", "output"))
    repository = Repository(name, folder)
    return Context(System.of_tree(tree), repository, today)


def _rules(context: Context, locator: Locator) -> Outcome:
    findings: list[Finding] = []
    inapplicable: list[tuple[str, str]] = []
    for name, rule in rules().items():
        try:
            findings += rule.check(context)
        except NotApplicable as reason:
            inapplicable.append((f"checks/{name}", str(reason)))
    located = [replace(locator.finding(each), environment=context.system.env) for each in findings]
    return Outcome(context.system.env, tuple(_together(located)), tuple(inapplicable))


def _together(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Say once what one line of a template does to several files."""
    merged: dict[Finding, list[Finding]] = {}
    for finding in findings:
        merged.setdefault(replace(finding, notes=()), []).append(finding)
    for first, *others in merged.values():
        places = [each.notes[0].at for each in others if each.notes and each.notes != first.notes]
        also = tuple(Note("and this one", at) for at in dict.fromkeys(places) if at and at != first.at)
        yield replace(first, notes=(*first.notes[:1], *also, *first.notes[1:])) if also else first


def _codes() -> list[str]:
    return [*(f"checks/{name}" for name in rules()), *(f"{each.CODES}/*" for each in VALIDATORS.values())]


def _tool_problems(ran: Sequence[ToolRun], options: CheckOptions) -> Iterator[Finding]:
    """Yield an error for each tool that fails, and for each that is required and not installed."""
    for each in ran:
        if each.failure:
            yield error("checks/tool-failed", each.failure.message, None, hint=each.failure.hint)
        if each.version is None and ("all" in options.require or each.name in options.require):
            yield error(
                "checks/not-installed",
                f"{each.name} is not installed",
                None,
                hint=f"install it: {each.install}",
            )
