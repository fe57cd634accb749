"""Apply every rule to the output of one environment, unless the outcome is remembered."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from generator.checks.locate import Locator, TraceOf
from generator.checks.options import CheckOptions
from generator.checks.registry import rules
from generator.checks.remembered import NOTHING, Remembered, content, rule_set
from generator.checks.rule import SOURCE, Context, NotApplicableError, Repository, Rule
from generator.checks.rules.files.syntax import CODE as SYNTAX
from generator.checks.rules.kubernetes.api_rules import CODE as API_RULES
from generator.findings import SEEN, Finding, Note, Severity, Span
from generator.findings.record import record
from generator.project.cache import digest
from generator.project.limits import EXCEEDED, LIMIT, Limits, TimeLimitError, limit_finding
from generator.render.tree import Tree
from generator.system import System
from generator.values.layers import Values

_NAME = re.compile(r"\w+(?:[-_.]\w+)+")
_MISSES = re.compile(r"\b(?:no|not|nothing|never|unknown)\b")


@record
class Outcome:
    """The findings of the rules in one environment, at template lines, and the rules that do not apply."""

    env: str
    findings: tuple[Finding, ...]
    inapplicable: tuple[tuple[str, str], ...]  # code, reason


@record
class Subject:
    """An environment to check: its output and values, what the rules may know, and what locates findings."""

    tree: Tree
    values: Values
    context: Context
    locator: Locator


@record
class RuleFindings:
    """What the rules find at places of the output, and the rules that do not apply, with the reason.

    `stopped` are the rules that hit a limit; after that of the time, no other rule runs.
    """

    findings: tuple[Finding, ...]
    inapplicable: tuple[tuple[str, str], ...]
    stopped: tuple[tuple[str, Exception], ...]


def subject_of(
    tree: Tree, values: Values, trace_of: TraceOf, options: CheckOptions, remembered: Remembered = NOTHING
) -> Subject:
    """Return an environment as a subject of the checks."""
    context = context_of(tree, values, options.today, options.public, remembered)
    return Subject(tree, values, context, Locator(tree, values, trace_of))


def context_of(
    tree: Tree,
    values: Values,
    today: datetime.date,
    public: frozenset[str] = frozenset(),
    remembered: Remembered = NOTHING,
) -> Context:
    """Return the context for the rules: the output of one environment, its repository, the date, public texts."""
    name, output = (str(values.data.get(key) or "") for key in ("repository", "output"))
    # A project may lie in a folder of its repository.
    repository = Repository(name, output if output.endswith(f"/{tree.folder}") else tree.folder)
    return Context(remembered.system(tree), repository, today, public)


def check_tree(tree: Tree, values: Values, trace_of: TraceOf, today: datetime.date) -> Outcome:
    """Apply every rule to the output of one environment."""
    return _apply(subject_of(tree, values, trace_of, CheckOptions(today)), Limits(), NOTHING)


def outcome_of(subject: Subject, options: CheckOptions, limits: Limits, remembered: Remembered) -> Outcome:
    """Return the outcome of the rules, from an earlier run with the same files, sources, rules and day."""
    if not options.templates:
        return _apply(subject, limits, remembered)
    env, key = subject.tree.env, _key(subject, options)
    earlier = remembered.rules(env, key)
    if earlier is not None:
        return Outcome(env, tuple(earlier[0]), tuple(earlier[1]))
    outcome = _apply(subject, limits, remembered)
    if not limits.is_exceeded and all(each.code != LIMIT for each in outcome.findings):
        remembered.keep_rules(env, key, outcome.findings, outcome.inapplicable)
    return outcome


def _key(subject: Subject, options: CheckOptions) -> str:
    """Return a digest of all that decides the outcome of the rules."""
    repository = subject.context.repository
    return digest(
        rule_set(),
        options.templates,
        options.today.isoformat(),
        repository.name,
        repository.folder,
        *sorted(options.public),
        *(part for layer in subject.values.layers for part in (layer.path, layer.text)),
        content(subject.tree),
    )


def _apply(subject: Subject, limits: Limits, remembered: Remembered) -> Outcome:
    env = subject.tree.env
    try:
        with limits.hold():
            found = apply_rules(subject.context, remembered)
            located = list(
                found.findings if limits.is_exceeded else map(subject.locator.finding, found.findings)
            )
    except EXCEEDED as problem:
        return Outcome(env, (_limit(subject, f"cannot check {env}", problem),), ())
    named = [replace(each, environment=env) for each in located]
    limited = [
        _limit(subject, f"checks/{name} cannot check {env}", problem) for name, problem in found.stopped
    ]
    return Outcome(env, (*merged(named), *limited), found.inapplicable)


def _limit(subject: Subject, what: str, problem: Exception) -> Finding:
    at = Span(subject.values.path, 1)
    return replace(limit_finding(problem, at, what), environment=subject.tree.env)


def apply_rules(context: Context, remembered: Remembered = NOTHING) -> RuleFindings:
    """Apply every rule to a system."""
    findings: list[Finding] = []
    inapplicable: list[tuple[str, str]] = []
    stopped: list[tuple[str, Exception]] = []
    for name, rule in rules().items():
        try:
            findings += (_with_source(each, rule) for each in remembered.rule(name, rule, context))
        except NotApplicableError as reason:
            inapplicable.append((f"checks/{name}", str(reason)))
        except EXCEEDED as problem:
            stopped.append((name, problem))
            if isinstance(problem, TimeLimitError):
                break
    kept = _certain(_once(findings), context.system)
    return RuleFindings(tuple(kept), tuple(inapplicable), tuple(stopped))


def _certain(findings: Iterable[Finding], system: System) -> Iterator[Finding]:
    """Yield findings without those that miss something by a name which stands in a file that cannot be read."""
    unread = "\n".join(system.text(path) or "" for path in system.unread)
    for each in findings:
        names = _NAME.findall(each.message) if unread and _MISSES.search(each.message) else []
        if each.code == SYNTAX or not any(name in unread for name in names):
            yield each


def _once(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield findings without what the API server refuses where a rule of its own explains the same place."""
    explained = {
        _place(each) for each in findings if each.code != API_RULES and each.severity is Severity.ERROR
    }
    yield from (each for each in findings if each.code != API_RULES or _place(each) not in explained)


def _place(finding: Finding) -> tuple[str, int, int] | None:
    at = finding.at
    return (at.path, at.line, at.column) if at else None


def _with_source(finding: Finding, rule: Rule) -> Finding:
    """Return a finding; a warning, which is advice, with the source of the advice among its notes."""
    advice = getattr(rule, "ADVICE", "")
    is_named = any(note.message.startswith(SOURCE) for note in finding.notes)
    if finding.severity is not Severity.WARNING or is_named or not advice:
        return finding
    return replace(finding, notes=(*finding.notes, Note(f"{SOURCE}{advice}")))


def merged(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield one finding for equal findings in several files, which one template line generates."""
    alike: dict[Finding, list[Finding]] = {}
    for finding in findings:
        alike.setdefault(replace(finding, notes=()), []).append(finding)
    for first, *others in alike.values():
        places = [each.notes[0].at for each in others if each.notes and each.notes != first.notes]
        also = tuple(Note("also here", at, SEEN) for at in dict.fromkeys(places) if at and at != first.at)
        yield replace(first, notes=(*first.notes[:1], *also, *first.notes[1:])) if also else first
