"""Workflows and jobs that are no more, and what no longer stands before a deploy."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.diff import Leaf, Map, Node, changes
from generator.changes.hazards.model import Effect, Hazard, place, shown, texts
from generator.changes.hazards.system import System

_DOCS = "https://docs.github.com/en"
_CHECKS = (
    f"{_DOCS}/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches"
    "/about-protected-branches#require-status-checks-before-merging"
)
_SYNTAX = f"{_DOCS}/actions/writing-workflows/workflow-syntax-for-github-actions"
_ENVIRONMENTS = (
    f"{_DOCS}/actions/managing-workflow-runs-and-deployments/managing-deployments"
    "/managing-environments-for-deployment"
)
_NAMED = "if a branch requires the check, change that in the repository's settings in the same hour"


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield hazards for workflows and jobs that are no more, and for jobs that wait for less."""
    for path, was in old.workflows.items():
        now = new.workflows.get(path)
        if now is None:
            message = "the workflow is no more: nothing tests or deploys what it did"
            safe = (
                "see that another workflow does it; delete the copy in .github/workflows (oetgen sync does)"
            )
            yield Hazard("job-removed", Effect.LEFT, path, message, place(path, was), None, safe, _SYNTAX)
            continue
        yield from _jobs(path, was.map("jobs"), now.map("jobs"))


def _jobs(path: str, before: Map, after: Map) -> Iterator[Hazard]:
    for name, was in before.entries.items():
        now = after.entries.get(name)
        if now is None:
            message = "the job is no more; a branch that requires its check waits for it for ever"
            subject = f"{path} job {name}"
            yield Hazard(
                "job-removed",
                Effect.LEFT,
                subject,
                message,
                place(path, was),
                place(path, after),
                _NAMED,
                _CHECKS,
            )
        elif isinstance(was, Map) and isinstance(now, Map):
            yield from _guards(path, name, was, now)


def _guards(path: str, name: str, was: Map, now: Map) -> Iterator[Hazard]:
    subject = f"{path} job {name}"
    for needed in set(texts(was.get("needs"))) - set(texts(now.get("needs"))):
        message = f"needs {needed} no longer: it runs whether that succeeds or not"
        safe = f"keep needs: {needed}, unless the job is harmless"
        yield _hazard(
            Effect.PROTECTION,
            subject,
            message,
            path,
            was.get("needs"),
            now.get("needs") or now,
            safe,
            _SYNTAX,
        )
    if was.get("environment") is not None and was.get("environment") != now.get("environment"):
        before, after = was.get("environment"), now.get("environment")
        message = (
            f"environment changes from {shown(before)} to {shown(after)}: the reviewers, branches and secrets that "
            "GitHub keeps for the old one do not hold any more"
        )
        safe = "set the new environment's rules in GitHub before this is merged"
        yield _hazard(Effect.PROTECTION, subject, message, path, before, after or now, safe, _ENVIRONMENTS)
    for change in changes(was.get("if"), now.get("if"), ("if",)):
        message = (
            f"if changes from {shown(change.old)} to {shown(change.new)}: it runs in other cases than before"
        )
        effect = Effect.PROTECTION if change.new is None else Effect.UNKNOWN
        safe = "see for each event and branch whether it shall run"
        yield _hazard(
            effect,
            subject,
            message,
            path,
            change.old or was,
            change.new or now,
            safe,
            f"{_SYNTAX}#jobsjob_idif",
        )
    if isinstance(was.get("name"), Leaf | None) and was.get("name") != now.get("name"):
        old_name, new_name = shown(was.get("name") or Leaf(name)), shown(now.get("name") or Leaf(name))
        message = f"its name changes from {old_name} to {new_name}"
        yield _hazard(
            Effect.LEFT, subject, f"{message}; a branch that requires the old one waits for ever", path,
            was.get("name") or was, now.get("name") or now, _NAMED, _CHECKS,
        )  # fmt: skip


def _hazard(
    effect: Effect,
    subject: str,
    message: str,
    path: str,
    old: Node | None,
    new: Node | None,
    safe: str,
    source: str,
) -> Hazard:
    return Hazard("job-guard", effect, subject, message, place(path, old), place(path, new), safe, source)
