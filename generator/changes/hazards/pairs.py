"""What two systems have in common: objects and workflows in pairs."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.diff.structure import Path
from generator.findings import Span
from generator.languages.node import Leaf
from generator.languages.shell.script import Command
from generator.system import Object, System, Workflow
from generator.system.quantities import amount

WORKLOADS = frozenset(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob"])
ROLLED = frozenset(["Deployment", "StatefulSet", "DaemonSet"])
_WITH_VALUE = frozenset(
    "-n --namespace -l --selector -f --filename -k --kustomize -o --output --context --cluster --kubeconfig --timeout"
    " --grace-period --cascade".split()
)  # options of kubectl
_QUANTITIES = frozenset(["limits", "requests", "capacity", "hard", "overhead"])  # maps that hold quantities
_QUANTITY = frozenset(["sizeLimit", "averageValue", "divisor"])


def both(old: System, new: System, *kinds: str) -> Iterator[tuple[Object, Object]]:
    """Yield each object of these kinds (without any: of all kinds) that both systems have."""
    for key, was in old.by_key.items():
        now = new.by_key.get(key)
        if now and (not kinds or was.kind in kinds):
            yield was, now


def removed(old: System, new: System, *kinds: str) -> Iterator[Object]:
    """Yield each object of these kinds that only the old system has."""
    for key, was in old.by_key.items():
        if key not in new.by_key and (not kinds or was.kind in kinds):
            yield was


def replicas(each: Object) -> int | None:
    """Return how many pods a workload asks for; None where an autoscaler or the number of nodes decides it."""
    if each.kind not in ("Deployment", "StatefulSet", "ReplicaSet"):
        return None
    value = each.node.value("spec", "replicas")
    return value if isinstance(value, int) else None


def autoscaler(of: Object, side: System) -> Object | None:
    """Return the HorizontalPodAutoscaler of a workload."""
    for each in side.by_key.values():
        target = each.node.map("spec", "scaleTargetRef")
        where = (each.kind, each.namespace, target.text("kind"), target.text("name"))
        if where == ("HorizontalPodAutoscaler", of.namespace, of.kind, of.name):
            return each
    return None


def deletes(side: System, each: Object) -> bool:
    """Return whether a command of the workflows and scripts deletes an object by its name."""
    return deleting(side, each) is not None


def deleting(side: System, each: Object) -> Span | None:
    """Return the place of the first command of the workflows and scripts that deletes an object by its name."""
    runs = (run for run in side.runs if run.command.name == "kubectl" and _names(run.command, each))
    return next((run.place(run.command.offset, 1) for run in runs), None)


def _names(command: Command, each: Object) -> bool:
    """Return whether `kubectl delete KIND NAME …` or `kubectl delete KIND/NAME …` names an object."""
    verb, *words = [word.text.lower() for word in command.arguments(_WITH_VALUE)] or [""]
    kinds = {each.kind.lower(), f"{each.kind.lower()}s"}
    of_one_kind = words[:1] and kinds & {kind.partition(".")[0] for kind in words[0].split(",")}
    slashed = (word.partition("/") for word in words)
    is_named = bool(of_one_kind and each.name in words[1:]) or any(
        kind.partition(".")[0] in kinds and name == each.name for kind, _, name in slashed
    )
    return verb == "delete" and is_named


def same(path: Path, old: Leaf, new: Leaf) -> bool:
    """Return whether two leaves are the same amount, at a path where Kubernetes expects a quantity."""
    if not (_QUANTITIES & set(path[:-1]) or (path[-1:] and path[-1] in _QUANTITY)):
        return False
    was = amount(old)
    return was is not None and was == amount(new)


def workflows(side: System) -> dict[str, Workflow]:
    """Return the workflows that can be read, by path."""
    return {each.path: each for each in side.workflows if each.path in side.nodes}
