"""Find the errors of the rules that a change brings to an environment."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from generator.checks.locate import TraceOf
from generator.checks.options import CheckOptions
from generator.checks.outcome import RuleFindings, apply_rules, merged, subject_of
from generator.checks.suppressions import apply, known_codes, suppressions
from generator.findings import Finding, Severity
from generator.render.tree import Tree
from generator.system import System
from generator.values.layers import Values


def new_errors(
    tree: Tree, values: Values, old: System, new: System, trace_of: TraceOf, options: CheckOptions
) -> tuple[list[Finding], int]:
    """Return the errors of the rules in the output of one environment, `new`, that are not in the files `old`.

    With them comes the number of the others. Suppressions apply to both. Raises the limit that stopped a rule.
    """
    subject = subject_of(tree, values, trace_of, options)
    context = replace(subject.context, system=new)
    applied = apply_rules(context)
    for _, problem in applied.stopped:
        raise problem
    found = _errors(applied)
    earlier_errors = _errors(apply_rules(replace(context, system=old))) if found else ()
    known = Counter(map(_identity, earlier_errors))
    fresh: list[Finding] = []
    earlier: list[Finding] = []
    for each in found:
        known[_identity(each)] -= 1
        located = replace(subject.locator.finding(each), environment=tree.env)
        (fresh if known[_identity(each)] < 0 else earlier).append(located)
    entries, _ = suppressions(values, known_codes(), options.shared)
    errors, others = (
        apply([*merged(each)], entries, tree.env, tree.folder).findings for each in (fresh, earlier)
    )
    return list(errors), len(others)


def _errors(applied: RuleFindings) -> list[Finding]:
    return [each for each in applied.findings if each.severity is Severity.ERROR]


def _identity(finding: Finding) -> tuple[str, str, str]:
    return finding.code, finding.at.path if finding.at else "", finding.message
