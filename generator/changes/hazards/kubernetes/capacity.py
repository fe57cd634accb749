"""Less capacity than before: pods, memory and CPU; and disruption budgets that block every drain."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from generator.changes.hazards.model import Effect, Hazard, number, place, shown
from generator.changes.hazards.pairs import WORKLOADS, autoscaler, both, replicas
from generator.languages.node import Map, Node
from generator.system import Object, System
from generator.system.kubernetes import selects
from generator.system.quantities import amount

_DOCS = "https://kubernetes.io/docs"
_SCALE = f"{_DOCS}/concepts/workloads/controllers/deployment/#scaling-a-deployment"
_AUTOSCALE = f"{_DOCS}/tasks/run-application/horizontal-pod-autoscale/"
_MIGRATE = f"{_AUTOSCALE}#migrating-deployments-and-statefulsets-to-horizontal-autoscaling"
_LIMITS = f"{_DOCS}/concepts/configuration/manage-resources-containers/#how-pods-with-resource-limits-are-run"
_BUDGET = f"{_DOCS}/tasks/run-application/configure-pdb/#specifying-a-poddisruptionbudget"
_FEWER = "make sure that the remaining pods can handle the load"


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each reduction of capacity."""
    for was, now in both(old, new, *WORKLOADS):
        yield from _replicas(was, now, old, new)
        yield from _limits(was, now)
    for was, now in both(old, new, "HorizontalPodAutoscaler"):
        for field in ("minReplicas", "maxReplicas"):
            yield from _fewer(was, now, ("spec", field), _AUTOSCALE)
    yield from _budgets(old, new)


def _replicas(was: Object, now: Object, old: System, new: System) -> Iterator[Hazard]:
    before, after = replicas(was), replicas(now)
    scaler = autoscaler(now, new)
    if after is not None and scaler and not (before is not None and autoscaler(was, old)):
        yield Hazard(
            "replicas",
            Effect.CAPACITY,
            was.subject,
            f"sets replicas to {after} although it has an autoscaler: every apply resets the number",
            place(scaler.node),
            place(now.node.get("spec", "replicas")),
            "remove replicas: the autoscaler sets it",
            _MIGRATE,
        )
    elif before is not None and after is None and before > 1:
        least = number(scaler.node.get("spec", "minReplicas")) if scaler else None
        then = f"; then the autoscaler raises it to {least:g} again" if least else ""
        yield Hazard(
            "replicas",
            Effect.CAPACITY,
            was.subject,
            f"replicas: {before} is removed: `kubectl apply` sets it to the default, 1{then}",
            place(was.node.get("spec", "replicas")),
            place(now.node.get("spec")),
            f"before the first apply, run `kubectl apply edit-last-applied {was.kind.lower()}/{was.name} "
            f"--namespace {was.namespace}` and remove replicas there",
            _MIGRATE,
        )
    elif before is not None and after is not None:
        yield from _fewer(was, now, ("spec", "replicas"), _SCALE)


def _fewer(was: Object, now: Object, path: tuple[str, ...], source: str) -> Iterator[Hazard]:
    before, after = was.node.get(*path), now.node.get(*path)
    old_number, new_number = number(before), number(after)
    if old_number is None or new_number is None or new_number >= old_number:
        return
    message = f"{'.'.join(path)} changes from {shown(before)} to {shown(after)}"
    effect = Effect.CAPACITY
    if new_number == 0:
        effect, message = Effect.OUTAGE, f"{message}: no pod runs any more"
    places = place(before), place(after)
    yield Hazard("replicas", effect, was.subject, message, *places, _FEWER, source)


def _limits(was: Object, now: Object) -> Iterator[Hazard]:
    after = {each.text("name"): each for each in now.template.maps("spec", "containers")}
    for container in was.template.maps("spec", "containers"):
        then = after.get(container.text("name"))
        for kind, resource in (
            ("limits", "memory"),
            ("limits", "cpu"),
            ("requests", "memory"),
            ("requests", "cpu"),
        ):
            if then:
                yield from _less(was, now, container, then, kind, resource)


def _less(was: Object, now: Object, container: Map, then: Map, kind: str, resource: str) -> Iterator[Hazard]:
    before, after = container.get("resources", kind, resource), then.get("resources", kind, resource)
    old_amount, new_amount = amount(before), amount(after)
    if old_amount is None or new_amount is None or new_amount >= old_amount:
        return
    what = {
        ("limits", "memory"): "a container that uses more is killed",
        ("limits", "cpu"): "a container that needs more is throttled",
    }.get((kind, resource), "the scheduler reserves less for it")
    yield Hazard(
        "resources",
        Effect.CAPACITY,
        was.subject,
        f"{kind}.{resource} of {container.text('name')} changes from {shown(before)} to {shown(after)}: {what}",
        place(before),
        place(after),
        "compare with its usage under load: `kubectl top pod --containers`",
        _LIMITS,
    )


def _budgets(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each budget that allows no eviction, and is new or allowed one before."""
    for budget in new.by_key.values():
        if budget.kind == "PodDisruptionBudget":
            blocked = _blocks(budget, new)
            was = old.by_key.get(new.key_of(budget))
            if blocked and not (was and _blocks(was, old)):
                node, message = blocked
                yield Hazard(
                    "disruption-budget",
                    Effect.CAPACITY,
                    budget.subject,
                    f"{message}: no pod may be evicted, so a node that runs one can be neither drained nor upgraded",
                    place(was.node) if was else None,
                    place(node),
                    "allow one unavailable pod (maxUnavailable: 1), or run one more",
                    _BUDGET,
                )


def _blocks(budget: Object, side: System) -> tuple[Node, str] | None:
    """Return the field that blocks every eviction, and why."""
    most, least = budget.node.get("spec", "maxUnavailable"), budget.node.get("spec", "minAvailable")
    if most is not None and (number(most) == 0 or shown(most) == "0%"):
        return most, f"maxUnavailable is {shown(most)}"
    count = _selected(budget, side)
    wanted = None if least is None or count is None else _share(least, count)
    if least is None or count is None or wanted is None or wanted < count:
        return None
    return least, f"minAvailable is {shown(least)} of {count}"


def _share(least: Node, count: int) -> int | None:
    whole = number(least)
    if whole is not None:
        return int(whole)
    text = shown(least)
    return -int(-Fraction(text[:-1]) * count // 100) if text.endswith("%") and text[:-1].isdigit() else None


def _selected(budget: Object, side: System) -> int | None:
    """Return the minimum number of pods that the budget selects, or None when it is not known."""
    selector = budget.node.get("spec", "selector")
    for each in side.by_key.values():
        if (
            isinstance(selector, Map)
            and each.template
            and each.namespace == budget.namespace
            and selects(selector, each.pod_labels)
        ):
            scaler = autoscaler(each, side)
            least = number(scaler.node.get("spec", "minReplicas")) if scaler else None
            count = replicas(each)
            return int(least) if least is not None else (count if count is not None else 1)
    return None
