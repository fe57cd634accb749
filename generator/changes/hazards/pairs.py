"""The Kubernetes objects of two systems in pairs."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.hazards.system import Object, System

WORKLOADS = frozenset(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob"])
ROLLED = frozenset(["Deployment", "StatefulSet", "DaemonSet"])


def both(old: System, new: System, *kinds: str) -> Iterator[tuple[Object, Object]]:
    """Yield each object of these kinds (without any: of all kinds) that both systems have."""
    for key, was in old.objects.items():
        now = new.objects.get(key)
        if now and (not kinds or was.kind in kinds):
            yield was, now


def gone(old: System, new: System, *kinds: str) -> Iterator[Object]:
    """Yield each object of these kinds that only the old system has."""
    for key, was in old.objects.items():
        if key not in new.objects and (not kinds or was.kind in kinds):
            yield was


def replicas(each: Object) -> int | None:
    """Return how many pods a workload asks for; None where an autoscaler or the number of nodes decides it."""
    if each.kind not in ("Deployment", "StatefulSet", "ReplicaSet"):
        return None
    value = each.node.value("spec", "replicas")
    return value if isinstance(value, int) else None


def autoscaler(of: Object, side: System) -> Object | None:
    """Return the HorizontalPodAutoscaler of a workload."""
    for each in side.objects.values():
        target = each.node.map("spec", "scaleTargetRef")
        where = (each.kind, each.namespace, target.text("kind"), target.text("name"))
        if where == ("HorizontalPodAutoscaler", of.namespace, of.kind, of.name):
            return each
    return None
