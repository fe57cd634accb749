"""Folders to write to: planned first, all of them, and then written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from generator import writer
from generator.cli.session import Console, Session
from generator.findings import Finding
from generator.incremental.spill import FEW
from generator.pipeline import has_errors


@dataclass(frozen=True)
class Job:
    """A folder to write to: how messages call it, where links are refused, and what makes the plan for it.

    `explain` says more of files that were changed by hand; `done` is called when all is written, and still locked.
    """

    folder: Path
    shown: str
    inside: Path
    plan: Callable[[], writer.Plan]
    explain: Callable[[writer.Plan], writer.Plan] | None = None
    done: Callable[[writer.Plan], None] | None = None

    def planned(self) -> writer.Plan:
        """Return the plan, with all that can be said of what stops it."""
        plan = self.plan()
        return self.explain(plan) if self.explain and plan.findings and plan.edited else plan


class Writing:
    """Plans folders, and then writes them; with errors in one plan, nothing is to be written at all.

    One folder is locked at a time, so that there may be any number of them. A plan is made again when its turn comes
    and another run has written meanwhile, or when it was not kept: those of many folders take much room.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._said: list[Finding] = []
        self._plans: dict[str, writer.Plan] = {}  # of folders where there is something to do
        self._done: dict[str, list[str]] = {}  # what is to be said of the others

    def plan(self, job: Job) -> list[Finding]:
        """Find out what is to be done in a folder, and return what stops it."""
        with writer.reading(job.folder, job.shown, self._session.console.wait):
            plan = job.planned()
            if job.done and not plan.changes and not plan.findings:
                job.done(plan)
        if not plan.changes:
            self._done[job.shown] = [_counts(plan, job.shown)]
        elif len(self._plans) < FEW:
            self._plans[job.shown] = plan
        self._said += plan.findings
        return list(plan.findings)

    def write(self, job: Job) -> tuple[list[str], list[Finding]]:
        """Write a folder that was planned, and return what is to be said of it, and what has stopped it since."""
        if job.shown in self._done:
            return self._done[job.shown], []
        plan = self._plans.pop(job.shown, None)
        late: list[Finding] = []
        with writer.locked(job.folder, job.shown, self._session.console.wait, job.inside) as held:
            if plan is None or not plan.is_current():
                plan = job.planned()
                late = [finding for finding in plan.findings if finding not in self._said]
                if has_errors(late):
                    return [f"{job.shown}: nothing was written"], late
            writer.apply(plan, exclusive=held)
            if job.done:
                job.done(plan)
        return _written(self._session.console, job.shown, plan), late


def _written(console: Console, shown: str, plan: writer.Plan) -> list[str]:
    steps = (("+", "green", plan.create), ("~", "yellow", plan.update), ("-", "red", plan.delete))
    lines = [
        f"{console.paint(sign, color)} {writer.below(shown, path)}"
        for sign, color, paths in steps
        for path in paths
    ]
    return [*lines, _counts(plan, shown)]


def _counts(plan: writer.Plan, shown: str) -> str:
    counts = (
        ("created", plan.create),
        ("updated", plan.update),
        ("deleted", plan.delete),
        ("unchanged", plan.keep),
    )
    return f"{shown}: " + (
        ", ".join(f"{len(paths)} {word}" for word, paths in counts if paths) or "nothing to write"
    )
