"""Run the rules and the external tools on the output of environments, and apply the suppressions."""

from __future__ import annotations

import datetime
import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeVar

from generator.checks.data import table
from generator.checks.locate import TraceOf
from generator.checks.options import CheckOptions
from generator.checks.outcome import Outcome, merged, outcome_of, subject_of
from generator.checks.registry import rules
from generator.checks.remembered import Remembered
from generator.checks.suppressions import Suppressed, Suppression, apply, known_codes, suppressions, unused
from generator.checks.validators import VALIDATORS, ToolRun
from generator.checks.validators import run as run_validators
from generator.findings import Finding, Severity, error
from generator.findings.record import record
from generator.project.cache import NO_CACHE, Cache
from generator.project.limits import Limits
from generator.render.tree import Tree
from generator.system import System
from generator.values.layers import Values

_TOGETHER = 8  # environments that are read, and given to the tools, at a time
_T = TypeVar("_T")
_R = TypeVar("_R")


class Share(Protocol):
    """What gives items to a step, in this process or in several, and returns its results in their order."""

    def __call__(self, items: Sequence[_T], step: Callable[[_T], _R], /) -> Iterable[_R]: ...


@record
class Reported:
    """What the tools found in environments, at places of the output."""

    tools: tuple[ToolRun, ...] = ()
    findings: tuple[Finding, ...] = ()


UNREPORTED = Reported()


@record
class _Part:
    """The outcomes of a few environments, and what the tools report in them."""

    outcomes: list[Outcome]
    reported: list[Finding]
    tools: list[ToolRun]


@record
class _Examination:
    """What every part of a run is examined with."""

    trees: Mapping[str, Tree | None]
    trace_of: TraceOf
    root: Path
    options: CheckOptions
    limits: Limits
    remembered: Remembered
    reported: Reported = UNREPORTED
    has_parts: bool = False

    def part(self, environments: Sequence[Values]) -> _Part:
        """Apply the rules to a few environments, and run the tools on all of them at once."""
        if self.has_parts:
            gc.collect()  # the models of the part before refer to themselves
        subjects = [
            subject_of(tree, each, self.trace_of, self.options, self.remembered)
            for each in environments
            if (tree := self.trees[each.env])
        ]
        outcomes = [outcome_of(each, self.options, self.limits, self.remembered) for each in subjects]
        locators = {each.tree.env: each.locator for each in subjects}
        tools, reported = (
            list[ToolRun](),
            [each for each in self.reported.findings if each.environment in locators],
        )
        if self.options.tools:
            tools, reported = run_validators(
                [(each.context.system, each.tree) for each in subjects],
                self.root,
                self.remembered,
                self.limits,
                project_tools=self.options.project_tools,
            )
        located = [locators[each.environment].finding(each) for each in reported]
        for locator in locators.values():
            locator.remember()
        return _Part(outcomes, located, tools)


@record
class CheckReport:
    """The findings in all environments, and the rules and tools that ran.

    `findings` can fail the run. `accepted` are warnings with a reason in their environment and never fail it.
    """

    findings: tuple[Finding, ...]
    accepted: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]
    entries: Mapping[str, Sequence[Suppression]]  # by environment, also those that suppress nothing
    inapplicable: tuple[tuple[str, str, str], ...]  # environment, code, reason
    tools: tuple[ToolRun, ...]
    rules: int
    tables: datetime.date  # the date of the support data
    today: datetime.date


@record
class CheckResult:
    """All findings of `oetgen check`, with the report of rules and tools."""

    sizes: Mapping[str, int | None]  # the number of files by environment; None where there are errors
    findings: tuple[Finding, ...]
    report: CheckReport

    @property
    def files(self) -> int:
        """Return the number of checked files."""
        return sum(size or 0 for size in self.sizes.values())

    def fails(self, *, strict: bool) -> bool:
        """Return whether there is an error or, if `strict`, a warning that is not suppressed."""
        severities = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
        return any(finding.severity in severities for finding in self.findings)


def ask_tools(trees: Sequence[Tree], root: Path, cache: Cache) -> Reported:
    """Run the installed tools on the output of environments, one program at a time."""
    checked = [(System.of_tree(tree), tree) for tree in trees]
    tools, findings = run_validators(checked, root, Remembered(cache, str(root)), Limits(), jobs=1)
    return Reported(tuple(tools), tuple(findings))


def in_order(items: Sequence[_T], step: Callable[[_T], _R]) -> Iterable[_R]:
    """Return the result of a step for each item, one after the other in this process."""
    return map(step, items)


def examine(
    trees: Mapping[str, Tree | None],
    subjects: Sequence[Values],
    trace_of: TraceOf,
    root: Path,
    options: CheckOptions,
    limits: Limits,
    cache: Cache = NO_CACHE,
    share: Share = in_order,
    reported: Reported = UNREPORTED,
) -> CheckReport:
    """Apply every rule, and with `options.tools` every installed tool, to the output of each environment.

    `subjects` are those that have one of `trees`. What `cache` has of the same content is not computed again. A few
    environments at a time are read, so that memory does not grow with their number; `share` may give these parts to
    several processes.
    """
    has_parts = len(subjects) > _TOGETHER
    remembered = Remembered(cache, str(root))
    examination = _Examination(trees, trace_of, root, options, limits, remembered, reported, has_parts)
    starts = range(0, len(subjects), _TOGETHER)
    parts = list(share([subjects[start : start + _TOGETHER] for start in starts], examination.part))
    outcomes = [outcome for part in parts for outcome in part.outcomes]
    located = [finding for part in parts for finding in part.reported]
    tools = _merged_runs([*reported.tools, *(ran for part in parts for ran in part.tools)])
    findings = list(_tool_problems(tools, options))
    accepted: list[Finding] = []
    suppressed: list[Suppressed] = []
    entries: dict[str, list[Suppression]] = {}
    for outcome, values in zip(outcomes, subjects, strict=True):
        env = outcome.env
        entries[env], problems = suppressions(values, known_codes(), options.shared)
        of_tools = [each for each in located if each.environment == env]
        result = apply([*outcome.findings, *merged(of_tools)], entries[env], env, values.folder)
        findings += [*problems, *result.findings]
        accepted += result.accepted
        suppressed += result.suppressed
    if options.complete:
        ran = ["checks", *(VALIDATORS[each.name].CODES for each in tools if each.version)]
        findings += unused(entries, suppressed, ran)
    return CheckReport(
        tuple(findings),
        tuple(accepted),
        tuple(suppressed),
        entries,
        tuple((outcome.env, *each) for outcome in outcomes for each in outcome.inapplicable),
        tuple(tools),
        len(rules()),
        table("support")["read"],
        options.today,
    )


def _merged_runs(runs: Sequence[ToolRun]) -> list[ToolRun]:
    """Return one run for each tool: with every version that it names, and the first reason why it failed."""
    by_name: dict[str, list[ToolRun]] = {}
    for ran in runs:
        by_name.setdefault(ran.name, []).append(ran)
    found = []
    for same in by_name.values():
        versions = dict.fromkeys(ran.version for ran in same if ran.version)
        failure = next((ran.failure for ran in same if ran.failure), None)
        found.append(replace(same[0], version="; ".join(versions) or None, failure=failure))
    return found


def _tool_problems(tools: Sequence[ToolRun], options: CheckOptions) -> Iterator[Finding]:
    """Yield an error for each tool that failed, and for each required tool that is not installed."""
    for each in tools:
        if each.failure:
            yield error("checks/tool-failed", each.failure.message, None, hint=each.failure.hint)
        if each.version is None and ("all" in options.require or each.name in options.require):
            yield error(
                "checks/not-installed",
                f"{each.name} is not installed",
                None,
                hint=f"install it: {each.install}",
            )
