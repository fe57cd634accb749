"""Folders to write to: all of them are planned first, and then written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from generator import writer
from generator.cli import speed
from generator.cli.session import Session
from generator.findings import Finding, has_errors
from generator.findings.record import record
from generator.report.written import summary_line, written_lines


@record
class Target:
    """A folder to write to; messages call it `label`, and links below `inside` are refused.

    `explain` adds notes about hand edits to the plan; `done` is called when all is written and still locked.
    """

    folder: Path
    label: str
    inside: Path
    plan: Callable[[], writer.Plan]
    explain: Callable[[writer.Plan], writer.Plan] | None = None
    done: Callable[[writer.Plan], None] | None = None

    def explained_plan(self) -> writer.Plan:
        """Return the plan, with notes about the hand edits that stop it."""
        plan = self.plan()
        return self.explain(plan) if self.explain and plan.findings and plan.edited else plan


class Transaction:
    """Plans all folders, and then writes them; with errors in one plan, the caller must write none.

    One folder is locked at a time, so that their number is not limited. A plan is made again when another run has
    written to the folder since, and when it was not kept: those of many folders are large.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._reported: list[Finding] = []
        self._plans: dict[str, writer.Plan] = {}  # of folders that change
        self._summaries: dict[str, list[str]] = {}  # of the others

    def plan(self, target: Target) -> list[Finding]:
        """Plan a folder, and return the findings."""
        with writer.reading(target.folder, target.label, self._session.console.wait, target.inside):
            plan = target.explained_plan()
            if target.done and not plan.changes and not plan.findings:
                target.done(plan)
        if not plan.changes:
            self._summaries[target.label] = [summary_line(plan, target.label)]
        elif len(self._plans) < speed.MANY:
            self._plans[target.label] = plan
        self._reported += plan.findings
        return list(plan.findings)

    def write(self, target: Target) -> tuple[list[str], list[Finding]]:
        """Write a planned folder; return the lines to print, and new findings, which stopped the write if errors."""
        if target.label in self._summaries:
            return self._summaries[target.label], []
        plan = self._plans.pop(target.label, None)
        new: list[Finding] = []
        with writer.locked(target.folder, target.label, self._session.console.wait, target.inside) as held:
            if plan is None or not plan.is_current():
                plan = target.explained_plan()
                new = [finding for finding in plan.findings if finding not in self._reported]
                if has_errors(new):
                    return [f"{target.label}: nothing was written"], new
            writer.apply(plan, exclusive=held)
            if target.done:
                target.done(plan)
        return written_lines(plan, target.label, self._session.console.paint), new
