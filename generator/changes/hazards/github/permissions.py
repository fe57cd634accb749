"""Permissions of a workflow's token that are wider than before."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.hazards.model import Effect, Hazard, place
from generator.changes.hazards.system import System
from generator.languages.node import Leaf, Map, Node

_DOCS = "https://docs.github.com/en/actions/writing-workflows/workflow-syntax-for-github-actions#permissions"
_LEVELS = {"none": 0, "read": 1, "write": 2}
_ALL = "everything"


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each scope in which a job may do more than before."""
    for path, now in new.workflows.items():
        was = old.workflows.get(path)
        if was is None:
            continue
        before = was.map("jobs").entries
        for name, job in now.map("jobs").entries.items():
            then = before.get(name)
            if isinstance(job, Map) and isinstance(then, Map):
                yield from _wider(path, name, (was, then), (now, job))


def _wider(path: str, name: str, old: tuple[Map, Map], new: tuple[Map, Map]) -> Iterator[Hazard]:
    before, old_node = _permissions(*old)
    after, new_node = _permissions(*new)
    places = place(old_node, old[1]), place(new_node, new[1])
    subject = f"{path} job {name}"
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


def _permissions(workflow: Map, job: Map) -> tuple[dict[str, str] | None, Node | None]:
    """Return the level of each scope, or None when neither the job nor the workflow sets permissions."""
    node = (job if "permissions" in job else workflow).get("permissions")
    if isinstance(node, Leaf):
        return {_ALL: node.text.removesuffix("-all")}, node
    if isinstance(node, Map):
        return node.texts(), node
    return None, None
