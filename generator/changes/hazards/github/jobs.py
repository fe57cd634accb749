"""Workflows and jobs that are removed, and conditions that no longer guard a deployment."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.diff import changes
from generator.changes.hazards.model import Effect, Hazard, Place, place, shown
from generator.changes.hazards.pairs import workflows
from generator.languages.node import Leaf, Map, texts
from generator.system import System, Workflow
from generator.system.deploys import deploys, waits_for_tests, weaknesses

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
_NAMED = "if a branch requires the check, change the branch protection at the same time"


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield hazards for workflows and jobs that are removed, and for jobs with fewer conditions."""
    after = workflows(new)
    for path, was in workflows(old).items():
        now = after.get(path)
        if now is None:
            message = "the workflow is removed: nothing tests or deploys what it did"
            safe = (
                "make sure that another workflow does it; `oetgen sync` deletes the copy in .github/workflows"
            )
            yield Hazard("job-removed", Effect.LEFT, path, message, place(was.node), None, safe, _SYNTAX)
            continue
        found = list(_weaknesses(path, was, now))
        named = {(each.subject, each.new) for each in found}
        yield from found
        for each in _jobs(path, was.node.map("jobs"), now.node.map("jobs")):
            if each.effect is not Effect.UNKNOWN or (each.subject, each.new) not in named:
                yield each


def _jobs(path: str, before: Map, after: Map) -> Iterator[Hazard]:
    for name, was in before.entries.items():
        now = after.entries.get(name)
        if now is None:
            message = "the job is removed: a branch that requires its check waits forever"
            subject = f"{path} job {name}"
            yield Hazard(
                "job-removed",
                Effect.LEFT,
                subject,
                message,
                place(was),
                place(after),
                _NAMED,
                _CHECKS,
            )
        elif isinstance(was, Map) and isinstance(now, Map):
            yield from _guards(path, name, was, now)


def _weaknesses(path: str, was: Workflow, now: Workflow) -> Iterator[Hazard]:
    """Yield what lets a job deploy that would not have deployed before."""
    before = {job.name: job for job in deploys([was])}
    for job in deploys([now]):
        old = before.get(job.name)
        if old is None:
            continue
        subject, known = f"{path} job {job.name}", {each.message for each in weaknesses(old)}
        for each in weaknesses(job):
            if each.message not in known:
                at = Place(each.at.path, each.at.line)
                yield _hazard(
                    Effect.PROTECTION, subject, each.message, place(old.node), at, each.hint, _SYNTAX
                )
        keeps = {leaf.text for leaf in old.needs} <= {leaf.text for leaf in job.needs}
        if keeps and waits_for_tests(old) and not waits_for_tests(job):
            message = "no job that it waits for runs tests any more"
            safe = "keep a step that tests in a job that it needs"
            yield _hazard(
                Effect.PROTECTION, subject, message, place(old.node), place(job.node), safe, _SYNTAX
            )


def _guards(path: str, name: str, was: Map, now: Map) -> Iterator[Hazard]:
    subject = f"{path} job {name}"
    for needed in set(texts(was.get("needs"))) - set(texts(now.get("needs"))):
        message = f"no longer needs {needed}: it runs whether {needed} succeeds or not"
        safe = f"keep `needs: {needed}` unless the job is harmless"
        yield _hazard(
            Effect.PROTECTION,
            subject,
            message,
            place(was.get("needs")),
            place(now.get("needs"), now),
            safe,
            _SYNTAX,
        )
    if was.get("environment") is not None and was.get("environment") != now.get("environment"):
        before, after = was.get("environment"), now.get("environment")
        message = (
            f"environment changes from {shown(before)} to {shown(after)}: the reviewers, branch rules and "
            "secrets of the old environment no longer apply"
        )
        safe = "configure the rules of the new environment in GitHub before merging"
        yield _hazard(
            Effect.PROTECTION, subject, message, place(before), place(after, now), safe, _ENVIRONMENTS
        )
    for change in changes(was.get("if"), now.get("if"), ("if",)):
        message = (
            f"if changes from {shown(change.old)} to {shown(change.new)}: it runs in other cases than before"
        )
        effect = Effect.PROTECTION if change.new is None else Effect.UNKNOWN
        safe = "check for each event and branch whether it should run"
        yield _hazard(
            effect,
            subject,
            message,
            place(change.old, was),
            place(change.new, now),
            safe,
            f"{_SYNTAX}#jobsjob_idif",
        )
    if isinstance(was.get("name"), Leaf | None) and was.get("name") != now.get("name"):
        old_name, new_name = shown(was.get("name") or Leaf(name)), shown(now.get("name") or Leaf(name))
        message = f"name changes from {old_name} to {new_name}"
        yield _hazard(
            Effect.LEFT, subject, f"{message}: a branch that requires the old name waits forever",
            place(was.get("name"), was), place(now.get("name"), now), _NAMED, _CHECKS,
        )  # fmt: skip


def _hazard(
    effect: Effect,
    subject: str,
    message: str,
    old: Place | None,
    new: Place | None,
    safe: str,
    source: str,
) -> Hazard:
    return Hazard("job-guard", effect, subject, message, old, new, safe, source)
