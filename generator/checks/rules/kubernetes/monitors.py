"""A monitor of Prometheus must select a Service or pods, and a port that they name.

Checked: ServiceMonitor and PodMonitor, where a Service or a workload of the tree has their labels, or labels that are
written like them.

Why: the operator makes no error of it: Prometheus has no targets, and the alerts about them never fire.

Bad:

    endpoints: [{port: metric}]        # and the Service has the port metrics

Good:

    endpoints: [{port: metrics}]
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.rule import SOURCE, Context, NotApplicableError
from generator.findings import Finding, Note, error
from generator.findings.suggest import nearest
from generator.languages.node import Map
from generator.system import System
from generator.system.kubernetes import Object, selects

CODE = "checks/monitors"
_SOURCE = Note(f"{SOURCE}prometheus-operator.dev, API reference: ServiceMonitor, PodMonitor")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    monitors = system.kind("ServiceMonitor", "PodMonitor")
    if not monitors:
        raise NotApplicableError("there is no monitor of Prometheus")
    for each in monitors:
        yield from _monitor(system, each)


def _monitor(system: System, monitor: Object) -> Iterator[Finding]:
    is_of_pods = monitor.kind == "PodMonitor"
    others = system.workloads if is_of_pods else system.kind("Service")
    near = [each for each in others if _is_near(monitor, each) and system.may_meet(each, monitor)]
    selector = monitor.spec.map("selector")
    chosen = [each for each in near if selects(selector, _labels(each))]
    if selector and not chosen:
        yield from _misspelt(monitor, selector.map("matchLabels"), near)
    names = [name for each in chosen for name in _ports(each)]
    for endpoint in monitor.spec.maps("podMetricsEndpoints" if is_of_pods else "endpoints"):
        port = endpoint.text("port")
        if chosen and port and port not in names:
            message = f"{monitor.identity} reads the port {port}, which {chosen[0].identity} does not have"
            hint = nearest(port, names) or (f"write {' or '.join(names)}" if names else f"name a port {port}")
            notes = (Note("what it selects", chosen[0].at), _SOURCE)
            yield error(CODE, message, endpoint.at_key("port"), notes=notes, hint=hint)


def _misspelt(monitor: Object, wanted: Map, near: list[Object]) -> Iterator[Finding]:
    """Yield an error where one label of the selector is written like that of an object."""
    for each in near:
        labels = _labels(each)
        wrong = [key for key in wanted if labels.get(key) != wanted.text(key)]
        hint = nearest(wanted.text(wrong[0]), [labels.get(wrong[0], "")]) if len(wrong) == 1 else ""
        if hint:
            message = f"{monitor.identity} selects {wrong[0]}: {wanted.text(wrong[0])}, which nothing has"
            notes = (Note("possibly meant", each.at), _SOURCE)
            yield error(CODE, message, wanted.at_key(wrong[0]), notes=notes, hint=hint)
            return


def _is_near(monitor: Object, each: Object) -> bool:
    """Return whether a monitor looks into the namespace of an object; one without any may be anywhere."""
    wanted = monitor.spec.map("namespaceSelector")
    names = wanted.seq("matchNames").texts() or [monitor.namespace]
    return wanted.value("any") is True or "" in (each.namespace, monitor.namespace) or each.namespace in names


def _labels(each: Object) -> dict[str, str]:
    return each.pod_labels if each.is_workload else each.labels


def _ports(each: Object) -> Iterator[str]:
    holders = [one.node for one in each.all_containers] if each.is_workload else [each.spec]
    yield from (name for holder in holders for port in holder.maps("ports") if (name := port.text("name")))
