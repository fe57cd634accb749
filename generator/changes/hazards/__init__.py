"""What a change does when it is applied, derived from the files alone: no cluster and no cloud is asked.

A rule is a module `<topic>/<rule>.py` with `find(old, new) -> Iterator[Hazard]`, which is found by its file. Changes
that no rule knows are unknown: those of other resources, of modules, of custom objects, of files that cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from generator.changes.hazards.model import AT_ONCE, LATER, Effect, Hazard, Place, When
from generator.changes.hazards.registry import rules
from generator.changes.hazards.runbooks import with_section
from generator.system import System

_ORDER = list(Effect)


def find(old: System, new: System) -> list[Hazard]:
    """Return every hazard, the worst first, then by place."""
    old.pair(new)
    found = [hazard for rule in rules().values() for hazard in rule(old, new)]
    known = [hazard for hazard in found if not _is_guess(hazard, old, new)]
    known = [with_section(hazard, new) for hazard in known]
    refused = {hazard.subject: hazard.by for hazard in known if hazard.by in AT_ONCE}
    ordered = sorted([*known, *_unread(old, new)], key=_key)
    return [
        replace(each, awaits=refused.get(each.subject, "")) if each.effect in LATER else each
        for each in ordered
    ]


def _is_guess(hazard: Hazard, old: System, new: System) -> bool:
    """Return whether something only seems to be added or removed because the file's other version cannot be read."""
    removed = hazard.new is None and hazard.old is not None and hazard.old.path in new.unread
    return removed or (hazard.old is None and hazard.new is not None and hazard.new.path in old.unread)


def _key(hazard: Hazard) -> tuple[int, str, int, str, str]:
    at = hazard.new or hazard.old or Place("", 0)
    return _ORDER.index(hazard.effect), at.path, at.line, hazard.subject, hazard.message


def _unread(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each file that changes and cannot be read: its effects are unknown."""
    unread = {**old.unread, **new.unread}
    for path, problem in sorted(unread.items()):
        if old.text(path) != new.text(path):
            yield Hazard(
                "unread",
                Effect.UNKNOWN,
                path,
                f"changes, and cannot be read: {problem.reason}",
                Place(path, 1) if path in old.sources else None,
                Place(path, 1) if path in new.sources else None,
                "fix the file and run the command again",
                "docs/plan.md",
            )


__all__ = ["LATER", "Effect", "Hazard", "Place", "System", "When", "find", "rules"]
