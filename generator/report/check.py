"""Format the result of `check` as text: findings by file, then suppressions, tools and a summary."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from generator.findings import ACCEPTED, Finding, Severity
from generator.report.text import COLORS, Paint, finding_text, first_line, plural, summary, unpainted, wrapped

if TYPE_CHECKING:
    from generator.checks.runner import CheckResult

_STALE = {
    "committed/stale": "stale",
    "committed/missing": "missing",
    "committed/orphaned": "no longer generated",
}
_MOST_FILES = 3  # whose names are listed


def render(
    findings: list[Finding],
    checked: CheckResult,
    paint: Paint = unpainted,
    *,
    verbose: bool = False,
    quiet: bool = False,
    width: int = 0,
) -> str:
    """Return the text: the verdict, the findings, the worst first, a line for what is accepted or stale, what ran.

    `findings` are those of `checked`, sorted by location. With `verbose` all of them are shown in full; with `quiet`
    nothing else is shown.
    """
    accepted = [] if verbose else [each for each in findings if _is_accepted(each)]
    stale = [] if verbose else [each for each in findings if each.code in _STALE]
    full = [each for each in findings if each not in accepted and each not in stale]
    verdict = summary_line(findings, checked, paint)
    short = [first_line(each, paint, width) for each in accepted]
    last = [*_inapplicable(checked)] if verbose else []
    last = [] if quiet else [*last, *suppression_lines(checked), *_tools(checked, paint)]
    verdict = wrapped(verdict, width, "  ")
    blocks = [verdict, *_stale(stale, paint, width), *_groups(full, paint, width), "\n".join(short)]
    blocks.append("\n".join(wrapped(line, width, "  ") for line in last))
    return "\n\n".join(filter(None, [*blocks, verdict if full or accepted or stale else ""]))


def _is_accepted(finding: Finding) -> bool:
    return any(note.label == ACCEPTED for note in finding.notes)


def _stale(findings: list[Finding], paint: Paint, width: int) -> list[str]:
    """Return one line for all files in out/ that differ from what is rendered, with the command."""
    if not findings:
        return []
    files = {finding: _files(finding) for finding in findings}
    environments: dict[str, list[str]] = {}
    for finding, paths in files.items():
        env = finding.hint.rpartition(" ")[2]  # of `run: oetgen render ENV`
        environments.setdefault(env, []).append(f"{len(paths)} {_STALE[finding.code]}")
    every = [path for paths in files.values() for path in paths]
    where = (
        every
        if len(every) <= _MOST_FILES
        else (f"{env} {', '.join(each)}" for env, each in environments.items())
    )
    head = f"error[{findings[0].code}]"
    text = f"{head} {plural(len(every), 'file')} not as rendered: {'; '.join(where)}"
    line = wrapped(f"{text}. Run: oetgen render {' '.join(environments)}", width, "  ")
    return [line.replace(head, paint(head, COLORS[Severity.ERROR]), 1)]


def _files(finding: Finding) -> list[str]:
    """Return the files that a finding of drift is about: if there are several, its note lists them."""
    listed = [path for note in finding.notes for path in note.message.split("\n")]
    return listed or ([finding.at.path] if finding.at else [])


def summary_line(findings: list[Finding], checked: CheckResult, paint: Paint = unpainted) -> str:
    """Return the last line: the number of files, errors and warnings."""
    rendered = [env for env, size in checked.sizes.items() if size is not None]
    scope = f"{plural(checked.files, 'file')} of {', '.join(rendered or checked.sizes)}"
    if rendered and len(rendered) < len(checked.sizes):
        scope += f" ({', '.join(env for env in checked.sizes if env not in rendered)} cannot be rendered)"
    accepted = sum(map(_is_accepted, findings))
    counts = summary(findings, paint) + (f" ({accepted} accepted)" if accepted else "")
    return f"{scope}: {counts or paint('no problems found', 'green')}"


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


def _groups(findings: list[Finding], paint: Paint, width: int) -> Iterator[str]:
    """Yield the findings of each file, below its name if there are several; files with errors first."""
    groups = [list(group) for _, group in groupby(findings, key=lambda each: each.at.path if each.at else "")]
    for members in sorted(groups, key=lambda each: min(map(_rank, each))):
        members.sort(key=_rank)
        path = members[0].at.path if members[0].at else ""
        texts = [finding_text(finding, paint, width) for finding in members]
        if len(members) > 1 and path:
            texts.insert(0, paint(f"── {path}: {_count(members)}", "bold"))
        yield "\n\n".join(texts)


def _rank(finding: Finding) -> int:
    return list(Severity).index(finding.severity)


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
    rendered = {env for env, size in checked.sizes.items() if size is not None}
    by_rule: dict[str, set[str]] = {}
    for env, code, _ in report.inapplicable:
        by_rule.setdefault(code, set()).add(env)
    none = sum(envs >= rendered for envs in by_rule.values())
    if not rendered:
        return f"none of {report.rules} rules"
    return plural(report.rules - none, "rule") + (f", {none} do not apply" if none else "")


def _why_none(checked: CheckResult) -> str:
    return "--no-tools" if checked.files else "no environment was rendered"
