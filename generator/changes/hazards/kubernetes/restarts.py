"""Pods that are replaced because their template changes, and the outages that this causes."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.diff import Change, changes, deepest, path_text
from generator.changes.hazards.model import Effect, Hazard, place, shown
from generator.changes.hazards.pairs import ROLLED, autoscaler, both, replicas, same
from generator.system import Object, System

_ROLLOUT = "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#updating-a-deployment"
_RECREATE = "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#recreate-deployment"
_ORDERED = "https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#rolling-updates"


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each workload whose pods are replaced."""
    for was, now in both(old, new, *ROLLED):
        found = list(changes(was.template, now.template, ("spec", "template"), same))
        if found:
            yield _restart(was, now, found, new)
        yield from _strategy(was, now)


def _restart(was: Object, now: Object, found: list[Change], new: System) -> Hazard:
    first = found[0]
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    what = f"{path_text(first.path)} changes from {shown(first.old)} to {shown(first.new)}{more}"
    places = place(deepest(was.node, first.path)), place(deepest(now.node, first.path))
    if now.node.text("spec", "strategy", "type") == "Recreate":
        message = f"{what}: every pod is stopped before a new one starts"
        safe = "apply it in a maintenance window"
        return Hazard("restart", Effect.OUTAGE, was.subject, message, *places, safe, _RECREATE)
    if now.kind == "StatefulSet" and replicas(now) in (None, 1) and not autoscaler(now, new):
        message = f"{what}: its only pod is stopped before the new one starts"
        safe = "apply it in a maintenance window"
        return Hazard("restart", Effect.OUTAGE, was.subject, message, *places, safe, _ORDERED)
    message = f"{what}: its pods are replaced, a few at a time"
    safe = "nothing to do; `kubectl rollout status` shows the progress, `kubectl rollout undo` reverts it"
    return Hazard("restart", Effect.RESTARTED, was.subject, message, *places, safe, _ROLLOUT)


def _strategy(was: Object, now: Object) -> Iterator[Hazard]:
    before, after = was.node.text("spec", "strategy", "type"), now.node.text("spec", "strategy", "type")
    if after == "Recreate" and before != "Recreate":
        yield Hazard(
            "restart",
            Effect.OUTAGE,
            was.subject,
            "spec.strategy.type is now Recreate: every later change of its pods is an outage",
            place(was.node.get("spec", "strategy", "type"), was.node),
            place(now.node.get("spec", "strategy", "type")),
            "keep RollingUpdate, unless two versions must never run at the same time",
            _RECREATE,
        )
