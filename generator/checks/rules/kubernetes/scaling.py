"""Only one setting may control the number of replicas, and a disruption budget must allow a node to be drained.

Why: an autoscaler and `replicas` overwrite each other with every apply. An autoscaler has no effect if its
workload does not exist or requests no CPU. A budget that requires every replica blocks every node upgrade.

Bad:

    kind: Deployment
    spec: {replicas: 3}          # with a HorizontalPodAutoscaler for it

Good:

    kind: Deployment
    spec: {}                     # minReplicas of the autoscaler is the number
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.rule import NotApplicable
from generator.findings import Finding, Note, error
from generator.system.former import Parsed
from generator.system.former.manifests import Manifest, selects
from generator.values.layers import Values

CODE = "checks/scaling"


def check(tree: Parsed, values: Values) -> Iterator[Finding]:
    scalers, budgets = tree.kind("HorizontalPodAutoscaler"), tree.kind("PodDisruptionBudget")
    if not scalers and not budgets:
        raise NotApplicable("there is no autoscaler and no disruption budget")
    for scaler in scalers:
        yield from _scaler(tree, scaler)
    for budget in budgets:
        yield from _budget(tree, budget)


def copies(tree: Parsed, workload: Manifest) -> tuple[int, int]:
    """Return the fewest and the most copies of a workload."""
    for scaler in tree.kind("HorizontalPodAutoscaler"):
        target = scaler.spec.sub("scaleTargetRef")
        if (target.text("kind"), target.text("name")) == (workload.kind, workload.name):
            return _number(scaler.spec.text("minReplicas"), 1), _number(scaler.spec.text("maxReplicas"), 1)
    number = _number(workload.spec.text("replicas"), 1)
    return number, number


def _scaler(tree: Parsed, scaler: Manifest) -> Iterator[Finding]:
    target = scaler.spec.sub("scaleTargetRef")
    own = next(
        (
            each
            for each in tree.workloads
            if (each.kind, each.name) == (target.text("kind"), target.text("name"))
        ),
        None,
    )
    fewest, most = _number(scaler.spec.text("minReplicas"), 1), _number(scaler.spec.text("maxReplicas"), 0)
    if fewest > most:
        note = Note("the fewest", scaler.spec.at("minReplicas"))
        message = f"{scaler.identity} has at most {most} copies, and at least {fewest}"
        yield error(
            CODE, message, scaler.spec.at("maxReplicas"), notes=(note,), hint=f"set it to {fewest} or more"
        )
    if own is None:
        known = ", ".join(each.identity for each in tree.kind("Deployment", "StatefulSet"))
        message = f"{scaler.identity} scales {target.text('kind')}/{target.text('name')}, which is not there"
        notes = tuple(
            Note("it may have meant", each.at)
            for each in tree.kind(target.text("kind"))
            if _near(each, scaler)
        )
        yield error(CODE, message, target.at("name"), notes=notes, hint=f"there is {known}")
        return
    if own.version != target.text("apiVersion"):
        note = Note("the workload", own.data.at("apiVersion"))
        message = (
            f"{scaler.identity} asks for {target.text('apiVersion')}, and {own.identity} is of {own.version}"
        )
        yield error(CODE, message, target.at("apiVersion"), notes=(note,), hint=f"write {own.version}")
    if "replicas" in own.spec:
        note = Note("the autoscaler", scaler.spec.at("minReplicas"))
        message = f"{own.identity} has replicas, and {scaler.identity} sets them too"
        yield error(CODE, message, own.spec.at("replicas"), notes=(note,), hint="take replicas out")
    yield from _requests(scaler, own)


def _near(each: Manifest, scaler: Manifest) -> bool:
    return each.name == scaler.name


def _requests(scaler: Manifest, own: Manifest) -> Iterator[Finding]:
    for metric in scaler.spec.each("metrics"):
        resource = metric.sub("resource")
        if resource.sub("target").text("type") != "Utilization":
            continue
        name = resource.text("name")
        for container in own.containers:
            if name not in container.sub("resources", "requests"):
                yield error(
                    CODE,
                    f"{scaler.identity} measures the share of the requested {name}, and container"
                    f" {container.text('name')} of {own.identity} requests none",
                    resource.at("name"),
                    notes=(Note("the container", container.at("name")),),
                    hint=f"add {name} to its resources.requests",
                )


def _budget(tree: Parsed, budget: Manifest) -> Iterator[Finding]:
    for own in tree.kind("Deployment", "StatefulSet"):
        if not selects(budget.spec.sub("selector"), own.pod_labels) or not budget.spec.sub("selector"):
            continue
        fewest, _ = copies(tree, own)
        least, most = budget.spec.text("minAvailable"), budget.spec.text("maxUnavailable")
        key = "minAvailable" if least else "maxUnavailable"
        blocks = least == "100%" or most in ("0", "0%") or (least.isdigit() and int(least) >= fewest)
        if blocks:
            yield error(
                CODE,
                f"{budget.identity} lets no copy of {own.identity} go: {key} is {least or most} of {fewest}",
                budget.spec.at(key),
                notes=(Note("the workload", own.at),),
                hint="set maxUnavailable to 1 instead",
            )


def _number(text: str, default: int) -> int:
    return int(text) if text.isdigit() else default
