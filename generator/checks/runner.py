"""Run the rules and the external tools on the output of environments, and apply the suppressions."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar

from generator.checks.data import table
from generator.checks.locate import Locator, TraceOf
from generator.checks.registry import rules
from generator.checks.remembered import Remembered, content, rule_set
from generator.checks.rule import Context, NotApplicableError, Repository
from generator.checks.suppressions import Suppressed, Suppression, apply, suppressions, unused
from generator.checks.validators import VALIDATORS, ToolRun
from generator.checks.validators import run as run_validators
from generator.findings import SEEN, Finding, Note, Severity, Span, error
from generator.languages import language_of
from generator.languages.source import Source
from generator.project import ENVIRONMENTS
from generator.project.cache import NO_CACHE, Cache, digest
from generator.project.limits import EXCEEDED, LIMIT, Limits, TimeLimitError, limit_finding
from generator.render.tree import Tree
from generator.system import System
from generator.values.layers import Layer, Values

_TOGETHER = 8  # environments that are read, and given to the tools, at a time
_T = TypeVar("_T")
_R = TypeVar("_R")


class Share(Protocol):
    """What gives items to a step, in this process or in several, and returns its results in their order."""

    def __call__(self, items: Sequence[_T], step: Callable[[_T], _R], /) -> Iterable[_R]: ...


@dataclass(frozen=True)
class Outcome:
    """The findings of the rules in one environment, at template lines, and the rules that do not apply."""

    env: str
    findings: tuple[Finding, ...]
    inapplicable: tuple[tuple[str, str], ...]  # code, reason


@dataclass(frozen=True)
class _Part:
    """The outcomes of a few environments, and what the tools report in them."""

    outcomes: list[Outcome]
    reported: list[Finding]
    tools: list[ToolRun]


@dataclass(frozen=True)
class CheckReport:
    """The findings in all environments, and the rules and tools that ran.

    `findings` can fail the run. `accepted` are warnings with a reason in their environment and never fail it.
    """

    findings: tuple[Finding, ...]
    accepted: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]
    inapplicable: tuple[tuple[str, str, str], ...]  # environment, code, reason
    tools: tuple[ToolRun, ...]
    rules: int
    tables: datetime.date  # the date of the support data
    today: datetime.date


@dataclass(frozen=True)
class CheckOptions:
    """The date, the required tools, whether tools run, and whether all environments are checked.

    With `project_tools`, tools inside the project may run. `public` are texts that look like a secret but are not,
    and `shared` is `oetgen.yaml` where it has suppressions. `templates` is a digest of the templates, which findings
    name; "" when it is not known.
    """

    today: datetime.date
    require: tuple[str, ...] = ()
    tools: bool = True
    complete: bool = True
    project_tools: bool = False
    public: frozenset[str] = frozenset()
    shared: Layer | None = None
    templates: str = ""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """All findings of `oetgen check`, with the report of rules and tools."""

    trees: Mapping[str, Tree | None]  # by environment; None where there are errors
    findings: tuple[Finding, ...]
    report: CheckReport

    @property
    def files(self) -> int:
        """Return the number of checked files."""
        return sum(len(tree.artifacts) for tree in self.trees.values() if tree)

    def fails(self, *, strict: bool) -> bool:
        """Return whether there is an error or, if `strict`, a warning that is not suppressed."""
        severities = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
        return any(finding.severity in severities for finding in self.findings)


def in_order(items: Sequence[_T], step: Callable[[_T], _R]) -> Iterable[_R]:
    """Return the result of a step for each item, one after the other in this process."""
    return map(step, items)


def examine(
    subjects: Sequence[tuple[Tree, Values]],
    trace_of: TraceOf,
    root: Path,
    options: CheckOptions,
    limits: Limits,
    cache: Cache = NO_CACHE,
    share: Share = in_order,
) -> CheckReport:
    """Apply every rule, and with `options.tools` every installed tool, to the output of each environment.

    What `cache` has of the same content is not computed again. A few environments at a time are read, so that memory
    does not grow with their number; `share` may give these parts to several processes.
    """
    remembered = Remembered(cache, str(root))

    def examine_part(part: Sequence[tuple[Tree, Values]]) -> _Part:
        return _examine_part(part, trace_of, root, options, limits, remembered)

    starts = range(0, len(subjects), _TOGETHER)
    parts = list(share([subjects[start : start + _TOGETHER] for start in starts], examine_part))
    outcomes = [outcome for part in parts for outcome in part.outcomes]
    reported = [finding for part in parts for finding in part.reported]
    tools = _merged_runs([ran for part in parts for ran in part.tools])
    findings = list(_tool_problems(tools, options))
    accepted: list[Finding] = []
    suppressed: list[Suppressed] = []
    entries: dict[str, list[Suppression]] = {}
    for outcome, (tree, values) in zip(outcomes, subjects, strict=True):
        env = outcome.env
        entries[env], problems = suppressions(values, _codes(), options.shared)
        located = [each for each in reported if each.environment == env]
        result = apply([*outcome.findings, *_merged(located)], entries[env], env, tree.folder)
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
        tuple((outcome.env, *each) for outcome in outcomes for each in outcome.inapplicable),
        tuple(tools),
        len(rules()),
        table("support")["read"],
        options.today,
    )


def _examine_part(
    subjects: Sequence[tuple[Tree, Values]],
    trace_of: TraceOf,
    root: Path,
    options: CheckOptions,
    limits: Limits,
    remembered: Remembered,
) -> _Part:
    contexts = [context_of(tree, values, options.today, options.public) for tree, values in subjects]
    locators = {tree.env: Locator(tree, values, trace_of) for tree, values in subjects}
    outcomes = [
        _remembered_rules(context, subject, locators[context.system.env], options, remembered, limits)
        for context, subject in zip(contexts, subjects, strict=True)
    ]
    if not options.tools:
        return _Part(outcomes, [], [])
    checked = [(context.system, tree) for context, (tree, _) in zip(contexts, subjects, strict=True)]
    tools, reported = run_validators(checked, root, remembered, limits, project_tools=options.project_tools)
    return _Part(outcomes, [locators[each.environment].finding(each) for each in reported], tools)


def _merged_runs(runs: Sequence[ToolRun]) -> list[ToolRun]:
    """Return one run for each tool: with every version that it names, and the first reason why it failed."""
    by_name: dict[str, list[ToolRun]] = {}
    for ran in runs:
        by_name.setdefault(ran.name, []).append(ran)
    merged = []
    for same in by_name.values():
        versions = dict.fromkeys(ran.version for ran in same if ran.version)
        failure = next((ran.failure for ran in same if ran.failure), None)
        merged.append(replace(same[0], version="; ".join(versions) or None, failure=failure))
    return merged


def check_tree(tree: Tree, values: Values, trace_of: TraceOf, today: datetime.date) -> Outcome:
    """Apply every rule to the output of one environment."""
    return _rules(context_of(tree, values, today), Locator(tree, values, trace_of), Limits())


def new_errors(
    tree: Tree, values: Values, before: Mapping[str, str], trace_of: TraceOf, options: CheckOptions
) -> tuple[list[Finding], int]:
    """Return the errors of the rules in the output of one environment that are not in the files `before`.

    With them comes the number of the others. Suppressions apply to both.
    """
    context = context_of(tree, values, options.today, options.public)
    every, _, stopped = _findings(context)
    for _, problem in stopped:
        raise problem
    found = [each for each in every if each.severity is Severity.ERROR]
    entries, _ = suppressions(values, _codes(), options.shared)
    located = Locator(tree, values, trace_of)
    known = Counter(map(_identity, _earlier(context, before, tree.languages) if found else ()))
    fresh = []
    for each in found:
        known[_identity(each)] -= 1
        if known[_identity(each)] < 0:
            fresh.append(replace(located.finding(each), environment=tree.env))
    errors = apply([*_merged(fresh)], entries, tree.env, tree.folder).findings
    return list(errors), len(found) - len(fresh)


def _earlier(context: Context, before: Mapping[str, str], languages: Mapping[str, str]) -> list[Finding]:
    """Return the errors of the rules in the files that there were before."""
    folder = context.system.folder
    sources = (
        Source(path, text, languages.get(path) or language_of(path, text), f"{folder}/{path}")
        for path, text in sorted(before.items())
    )
    found, _, _ = _findings(replace(context, system=System(sources, context.system.env, folder=folder)))
    return [each for each in found if each.severity is Severity.ERROR]


def _identity(finding: Finding) -> tuple[str, str, str]:
    return finding.code, finding.at.path if finding.at else "", finding.message


def context_of(
    tree: Tree, values: Values, today: datetime.date, public: frozenset[str] = frozenset()
) -> Context:
    """Return the context for the rules: the output of one environment, its repository, the date, public texts."""
    name, output = (str(values.data.get(key) or "") for key in ("repository", "output"))
    # A project may lie in a folder of its repository.
    repository = Repository(name, output if output.endswith(f"/{tree.folder}") else tree.folder)
    return Context(System.of_tree(tree), repository, today, public)


def _remembered_rules(
    context: Context,
    subject: tuple[Tree, Values],
    locator: Locator,
    options: CheckOptions,
    remembered: Remembered,
    limits: Limits,
) -> Outcome:
    """Return the outcome of the rules, from an earlier run with the same files, sources, rules and day."""
    if not options.templates:
        return _rules(context, locator, limits)
    (tree, values), repository = subject, context.repository
    key = digest(
        rule_set(),
        options.templates,
        options.today.isoformat(),
        repository.name,
        repository.folder,
        *sorted(options.public),
        *(part for layer in values.layers for part in (layer.path, layer.text)),
        content(tree),
    )
    earlier = remembered.rules(tree.env, key)
    if earlier is not None:
        return Outcome(tree.env, tuple(earlier[0]), tuple(earlier[1]))
    outcome = _rules(context, locator, limits)
    if not limits.is_exceeded and all(each.code != LIMIT for each in outcome.findings):
        remembered.keep_rules(tree.env, key, outcome.findings, outcome.inapplicable)
    return outcome


def _rules(context: Context, locator: Locator, limits: Limits) -> Outcome:
    env = context.system.env
    try:
        with limits.hold():
            findings, inapplicable, stopped = _findings(context)
            located = findings if limits.is_exceeded else [locator.finding(each) for each in findings]
    except EXCEEDED as problem:
        return Outcome(env, (_limit(env, f"cannot check {env}", problem),), ())
    named = [replace(each, environment=env) for each in located]
    limited = [_limit(env, f"checks/{name} cannot check {env}", problem) for name, problem in stopped]
    return Outcome(env, (*_merged(named), *limited), tuple(inapplicable))


def _limit(env: str, what: str, problem: Exception) -> Finding:
    return replace(limit_finding(problem, Span(f"{ENVIRONMENTS}/{env}.yaml", 1), what), environment=env)


def _findings(
    context: Context,
) -> tuple[list[Finding], list[tuple[str, str]], list[tuple[str, Exception]]]:
    """Return the findings of every rule at places of the output, and the rules that do not apply, with the reason.

    With them come the rules that hit a limit; after that of the time, no other rule runs.
    """
    findings: list[Finding] = []
    inapplicable: list[tuple[str, str]] = []
    stopped: list[tuple[str, Exception]] = []
    for name, rule in rules().items():
        try:
            findings += rule.check(context)
        except NotApplicableError as reason:
            inapplicable.append((f"checks/{name}", str(reason)))
        except EXCEEDED as problem:
            stopped.append((name, problem))
            if isinstance(problem, TimeLimitError):
                break
    return findings, inapplicable, stopped


def _merged(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield one finding for equal findings in several files, which one template line generates."""
    merged: dict[Finding, list[Finding]] = {}
    for finding in findings:
        merged.setdefault(replace(finding, notes=()), []).append(finding)
    for first, *others in merged.values():
        places = [each.notes[0].at for each in others if each.notes and each.notes != first.notes]
        also = tuple(Note("also here", at, SEEN) for at in dict.fromkeys(places) if at and at != first.at)
        yield replace(first, notes=(*first.notes[:1], *also, *first.notes[1:])) if also else first


def _codes() -> list[str]:
    return [*(f"checks/{name}" for name in rules()), *(f"{each.CODES}/*" for each in VALIDATORS.values())]


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
