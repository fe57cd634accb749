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

import re
from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, error, warning
from generator.findings.suggest import nearest
from generator.system import System
from generator.system.kubernetes import Object, selects

CODE = "checks/scaling"
ADVICE = "kubernetes.io, Horizontal Pod Autoscaling; Disruptions"
_METRICS = re.compile(
    r'^\s*(?:"?metrics-server"?\s*=|(?:addon_name|chart)\s*=\s*"metrics-server")', re.MULTILINE
)


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    scalers, budgets = system.kind("HorizontalPodAutoscaler"), system.kind("PodDisruptionBudget")
    if not scalers and not budgets:
        raise NotApplicableError("there is no autoscaler and no disruption budget")
    for scaler in scalers:
        yield from _scaler(system, scaler)
    yield from _metrics(system, scalers)
    for budget in budgets:
        yield from _budget(system, budget)


def copies(system: System, workload: Object) -> tuple[int, int]:
    """Return the lowest and the highest number of replicas of a workload."""
    for scaler in system.kind("HorizontalPodAutoscaler"):
        target = scaler.spec.map("scaleTargetRef")
        if (target.text("kind"), target.text("name")) == (workload.kind, workload.name):
            return _number(scaler.spec.text("minReplicas"), 1), _number(scaler.spec.text("maxReplicas"), 1)
    number = _number(workload.spec.text("replicas"), 1)
    return number, number


def _scaler(system: System, scaler: Object) -> Iterator[Finding]:
    target = scaler.spec.map("scaleTargetRef")
    wanted = (target.text("kind"), target.text("name"))
    own = next(
        (
            each
            for each in system.workloads
            if (each.kind, each.name) == wanted
            and each.namespace == scaler.namespace
            and system.may_meet(each, scaler)
        ),
        None,
    )
    lowest, most = _number(scaler.spec.text("minReplicas"), 1), _number(scaler.spec.text("maxReplicas"), 0)
    if lowest > most:
        note = Note("the minimum", scaler.spec.at_key("minReplicas"))
        message = f"maxReplicas of {scaler.identity} is {most}, less than minReplicas, {lowest}"
        yield error(
            CODE,
            message,
            scaler.spec.at_key("maxReplicas"),
            notes=(note,),
            hint=f"set it to {lowest} or more",
        )
    if own is None:
        if any((each.kind, each.name) == wanted for each in system.customs):
            return  # a custom resource that has replicas, such as a Rollout
        known = ", ".join(each.identity for each in system.kind("Deployment", "StatefulSet"))
        message = (
            f"{scaler.identity} scales {target.text('kind')}/{target.text('name')}, which does not exist"
        )
        notes = tuple(
            Note("possibly meant", each.at)
            for each in system.kind(target.text("kind"))
            if _has_same_name(each, scaler)
        )
        near = nearest(target.text("name"), [each.name for each in system.kind(target.text("kind"))])
        hint = near or (f"write one of {known}" if known else "add the workload")
        yield warning(CODE, message, target.at_key("name"), notes=notes, hint=hint)
        return
    if own.group not in (target.text("apiVersion").rpartition("/")[0], "extensions"):  # it is in `apps`, too
        note = Note("the workload", own.node.at_key("apiVersion"))
        message = (
            f"{scaler.identity} refers to {target.text('apiVersion')},"
            f" but {own.identity} has the apiVersion {own.version}"
        )
        yield error(CODE, message, target.at_key("apiVersion"), notes=(note,), hint=f"write {own.version}")
    if "replicas" in own.spec:
        note = Note("the autoscaler", scaler.spec.at_key("minReplicas"))
        message = f"{own.identity} sets replicas, but {scaler.identity} manages them"
        yield warning(CODE, message, own.spec.at_key("replicas"), notes=(note,), hint="remove replicas")
    yield from _requests(scaler, own)


def _has_same_name(each: Object, scaler: Object) -> bool:
    return each.name == scaler.name


def _requests(scaler: Object, own: Object) -> Iterator[Finding]:
    for metric in scaler.spec.maps("metrics"):
        resource = metric.map("resource")
        if resource.map("target").text("type") != "Utilization":
            continue
        name = resource.text("name")
        for container in own.containers:
            if name not in container.node.map("resources", "requests"):
                yield error(
                    CODE,
                    f"{scaler.identity} scales by the use of the requested {name}, but container"
                    f" {container.name} of {own.identity} has no {name} request",
                    resource.at_key("name"),
                    notes=(Note("the container", container.node.at_key("name")),),
                    hint=f"add {name} to its resources.requests",
                )


def _metrics(system: System, scalers: list[Object]) -> Iterator[Finding]:
    """Yield a warning if nothing in the tree of an EKS cluster installs the metrics that autoscalers read."""
    by_use = [
        each
        for each in scalers
        if any(metric.text("type") == "Resource" for metric in each.spec.maps("metrics"))
    ]
    clusters = system.terraform.clusters
    if by_use and clusters and not _installs_metrics(system):
        message = f"{by_use[0].identity} reads metrics, and nothing installs metrics-server in the cluster"
        note = Note("the cluster", clusters[0].at)
        hint = "add metrics-server to the add-ons of the cluster"
        yield warning(CODE, message, by_use[0].at, notes=(note,), hint=hint)


def _installs_metrics(system: System) -> bool:
    """Return whether Terraform names metrics-server as an add-on or chart, or any other file names it."""
    others = system.of_language("github", "kubernetes", "shell", "yaml")
    return any(_METRICS.search(each.text) for each in system.of_language("hcl")) or any(
        "metrics-server" in each.text for each in others
    )


def _budget(system: System, budget: Object) -> Iterator[Finding]:
    for own in system.kind("Deployment", "StatefulSet"):
        if not selects(budget.spec.map("selector"), own.pod_labels) or not budget.spec.map("selector"):
            continue
        lowest, _ = copies(system, own)
        least, most = budget.spec.text("minAvailable"), budget.spec.text("maxUnavailable")
        key = "minAvailable" if least else "maxUnavailable"
        blocks = least == "100%" or most in ("0", "0%") or (least.isdigit() and int(least) >= lowest)
        if blocks and system.may_meet(budget, own) and budget.namespace == own.namespace:
            yield warning(
                CODE,
                f"{budget.identity} lets no copy of {own.identity} be evicted:"
                f" {key} is {least or most} of {lowest} replicas",
                budget.spec.at_key(key),
                notes=(Note("the workload", own.at),),
                hint="set maxUnavailable to 1 instead",
            )


def _number(text: str, default: int) -> int:
    return int(text) if text.isdigit() else default
