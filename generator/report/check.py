"""Format the result of `check` as text: findings by file, then suppressions, tools and a summary."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from generator.findings import Finding
from generator.report.text import Paint, finding_text, plural, summary, unpainted

if TYPE_CHECKING:
    from generator.checks.runner import CheckResult


def render(
    findings: list[Finding], checked: CheckResult, paint: Paint = unpainted, *, verbose: bool = False
) -> str:
    """Return the text; `findings` are those of `checked`, sorted by location."""
    blocks = list(_groups(findings, paint))
    last = [*_inapplicable(checked)] if verbose else []
    last += [*suppression_lines(checked), *_tools(checked, paint), summary_line(findings, checked, paint)]
    return "\n\n".join([*blocks, "\n".join(last)])


def summary_line(findings: list[Finding], checked: CheckResult, paint: Paint = unpainted) -> str:
    """Return the last line: the number of files, errors and warnings."""
    scope = f"{plural(checked.files, 'file')} of {', '.join(checked.trees)}"
    return f"{scope}: {summary(findings, paint) or paint('no problems found', 'green')}"


def suppression_lines(checked: CheckResult) -> list[str]:
    """Return a line with the reason for each rule that is suppressed or reduced to a warning."""
    lines: dict[tuple[str, ...], list[tuple[str, int]]] = {}
    for each in checked.report.suppressed:
        suppression = each.suppression
        key = (
            suppression.action,
            suppression.code,
            suppression.reason,
            f"{suppression.at.path}:{suppression.at.line}",
        )
        lines.setdefault(key, []).append((each.env, each.count))
    words = {"skip": "skipped", "warn": "warning only"}
    return [
        f"{words[action]}: {code} in {', '.join(env for env, _ in envs)}"
        f" ({plural(sum(count for _, count in envs), 'finding')}), {location}: {reason}"
        for (action, code, reason, location), envs in lines.items()
    ]


def _groups(findings: list[Finding], paint: Paint) -> Iterator[str]:
    """Yield the findings of each file, below its name if there are several."""
    for path, group in groupby(findings, key=lambda each: each.at.path if each.at else ""):
        members = list(group)
        texts = [finding_text(finding, paint) for finding in members]
        if len(members) > 1 and path:
            texts.insert(0, paint(f"── {path}: {_count(members)}", "bold"))
        yield "\n\n".join(texts)


def _count(findings: list[Finding]) -> str:
    return summary(findings) or plural(len(findings), "note")


def _inapplicable(checked: CheckResult) -> list[str]:
    environments: dict[tuple[str, str], list[str]] = {}
    for env, code, reason in checked.report.inapplicable:
        environments.setdefault((code, reason), []).append(env)
    return [
        f"does not apply: {code} to {', '.join(envs)}: {reason}"
        for (code, reason), envs in sorted(environments.items())
    ]


def _tools(checked: CheckResult, paint: Paint) -> list[str]:
    report = checked.report
    ran = [f"{each.name} {each.version}" for each in report.tools if each.version]
    age = (report.today - report.tables).days
    rules = f"{_applied(checked)} (support data is {plural(max(age, 0), 'day')} old)"
    lines = [f"ran: {'; '.join([rules, *ran])}"]
    if not report.tools:
        lines.append(f"{paint('not run', 'yellow')}: external tools ({_why_none(checked)})")
    missing: dict[str, list[str]] = {}
    for each in report.tools:
        if each.version is None:
            missing.setdefault(each.install, []).append(each.name)
    lines += [
        f"{paint('not installed', 'yellow')}: {', '.join(names)} ({install})"
        for install, names in missing.items()
    ]
    return lines


def _applied(checked: CheckResult) -> str:
    """Return how many rules applied to an environment, and how many to none."""
    report = checked.report
    rendered = {env for env, tree in checked.trees.items() if tree}
    by_rule: dict[str, set[str]] = {}
    for env, code, _ in report.inapplicable:
        by_rule.setdefault(code, set()).add(env)
    none = sum(envs >= rendered for envs in by_rule.values())
    if not rendered:
        return f"none of {report.rules} rules"
    return plural(report.rules - none, "rule") + (f", {none} do not apply" if none else "")


def _why_none(checked: CheckResult) -> str:
    return "--no-tools" if checked.files else "no environment was rendered"
