"""What a change would do when it is applied, told from the files alone: no cluster and no cloud is asked.

Each rule is a module with `find(old, new) -> Iterator[Hazard]`; `RULES` lists them all. What no rule knows is called
unknown: of resources, modules and custom objects that change, and of files that cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from generator.changes.hazards.actions import actions
from generator.changes.hazards.github import jobs, permissions, triggers
from generator.changes.hazards.kubernetes import (
    capacity,
    configuration,
    immutable,
    left_behind,
    restarts,
    traffic,
    unknown,
    volumes,
)
from generator.changes.hazards.model import Action, Effect, Hazard, Place
from generator.changes.hazards.system import System
from generator.changes.hazards.terraform import databases, destroyed, modules, replaced, rights, state

Rule = Callable[[System, System], Iterator[Hazard]]

RULES: Mapping[str, Rule] = {
    "kubernetes/immutable": immutable.find,
    "kubernetes/volumes": volumes.find,
    "kubernetes/left-behind": left_behind.find,
    "kubernetes/capacity": capacity.find,
    "kubernetes/traffic": traffic.find,
    "kubernetes/restarts": restarts.find,
    "kubernetes/configuration": configuration.find,
    "kubernetes/unknown": unknown.find,
    "terraform/destroyed": destroyed.find,
    "terraform/replaced": replaced.find,
    "terraform/databases": databases.find,
    "terraform/modules": modules.find,
    "terraform/state": state.find,
    "terraform/rights": rights.find,
    "github/permissions": permissions.find,
    "github/jobs": jobs.find,
    "github/triggers": triggers.find,
}
_ORDER = list(Effect)


def find(old: System, new: System) -> list[Hazard]:
    """Return every hazard, the worst first, then by place."""
    found = [hazard for rule in RULES.values() for hazard in rule(old, new)]
    known = [hazard for hazard in found if not _is_guess(hazard, old, new)]
    return sorted([*known, *_unread(old, new)], key=_key)


def _is_guess(hazard: Hazard, old: System, new: System) -> bool:
    """Say whether something only seems to come or go because the other side of its file cannot be read."""
    gone = hazard.new is None and hazard.old is not None and hazard.old.path in new.unread
    return gone or (hazard.old is None and hazard.new is not None and hazard.new.path in old.unread)


def _key(hazard: Hazard) -> tuple[int, str, int, str, str]:
    at = hazard.new or hazard.old or Place("", 0)
    return _ORDER.index(hazard.effect), at.path, at.line, hazard.subject, hazard.message


def _unread(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each file that changes and cannot be read: nothing is known of it."""
    unread = {
        path: reason for side in (old, new) if side.nodes is not None for path, reason in side.unread.items()
    }
    for path, reason in sorted(unread.items()):
        if old.files.get(path) != new.files.get(path):
            yield Hazard(
                "unread",
                Effect.UNKNOWN,
                path,
                f"changes, and cannot be read: {reason}",
                Place(path, 1) if path in old.files else None,
                Place(path, 1) if path in new.files else None,
                "install the parser, or mend the file, and run it again",
                "docs/plan.md",
            )


__all__ = ["RULES", "Action", "Effect", "Hazard", "Place", "System", "actions", "find"]
