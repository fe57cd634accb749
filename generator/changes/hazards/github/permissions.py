"""Permissions of a workflow's token that are wider than before."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.hazards.model import Effect, Hazard, place
from generator.changes.hazards.pairs import workflows
from generator.languages.node import Leaf, Map, Node
from generator.system import Job, System

_DOCS = "https://docs.github.com/en/actions/writing-workflows/workflow-syntax-for-github-actions#permissions"
_LEVELS = {"none": 0, "read": 1, "write": 2}
_ALL = "everything"


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each scope in which a job may do more than before."""
    before = workflows(old)
    for path, now in workflows(new).items():
        jobs = {job.name: job for job in before[path].jobs} if path in before else {}
        for job in now.jobs:
            if job.name in jobs:
                yield from _wider(jobs[job.name], job)


def _wider(was: Job, now: Job) -> Iterator[Hazard]:
    before, old_node = _permissions(was)
    after, new_node = _permissions(now)
    places = place(old_node, was.node), place(new_node, now.node)
    subject = f"{now.workflow.path} job {now.name}"
    safe = "give each job the scopes that its steps need, and no more"
    if before is not None and after is None:
        message = (
            "no longer sets permissions: its token gets the repository's default, which may be write access"
        )
        yield Hazard("permissions", Effect.WIDENED, subject, message, *places, safe, _DOCS)
        return
    for scope, level in sorted((after or {}).items()):
        then = (before or {}).get(scope, (before or {}).get(_ALL, "none"))
        if before is not None and _LEVELS.get(level, 0) > _LEVELS.get(then, 0):
            at = place(new_node.get(scope)) if isinstance(new_node, Map) else None
            message = f"its token may now {level} {scope}" + (f" (before: {then})" if scope != _ALL else "")
            yield Hazard(
                "permissions", Effect.WIDENED, subject, message, places[0], at or places[1], safe, _DOCS
            )


def _permissions(job: Job) -> tuple[dict[str, str] | None, Node | None]:
    """Return the level of each scope, or None when neither the job nor the workflow sets permissions."""
    node = (job if "permissions" in job.node else job.workflow).node.get("permissions")
    if isinstance(node, Leaf):
        return {_ALL: node.text.removesuffix("-all")}, node
    if isinstance(node, Map):
        return node.texts(), node
    return None, None
