"""A selector must match exactly the pods that it is meant for.

The selector of a workload must match its own pods; that of a Service should match the pods of exactly one workload,
and a Service that a route leads to needs one, or Endpoints;
that of a disruption budget, a network policy or a spread constraint, at least one pod. Pods that other tools or
repositories make are not known here, so that only a misspelled label is an error.

Why: labels and selectors are plain strings, and Kubernetes accepts any. A Service whose selector matches
nothing has no endpoints and reports no error; one that matches two workloads sends some requests to the wrong
program.

Bad:

    kind: Service
    spec:
      selector: {app: shop-bakend}

Good:

    kind: Service
    spec:
      selector: {app: shop-backend}
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error, error_if, warning
from generator.findings.suggest import nearest
from generator.languages.node import Leaf, Map, walk
from generator.system import System
from generator.system.graph.routes import ways
from generator.system.kubernetes import Object, selects

CODE = "checks/selectors"
ADVICE = "kubernetes.io, Labels and Selectors; Deployments: Selector"
_OWNERS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.workloads:
        raise NotApplicableError("there are no workloads")
    for each in system.manifests:
        yield from _empty(each)
    for each in system.kind(*_OWNERS):
        yield from _owner(system, each)
    services = [each for each in system.kind("Service") if each.spec.map("selector")]
    chosen = {id(one) for each in services for one in system.behind(each)}
    free = [each for each in system.kind(*_OWNERS) if id(each) not in chosen]
    for each in services:
        yield from _one_workload(system, each, free)
    yield from _without(system)
    for each in system.kind("PodDisruptionBudget"):
        yield from _some_pod(system, each, each.spec.map("selector"))
    for each in system.kind("NetworkPolicy"):
        yield from _some_pod(system, each, each.spec.map("podSelector"))
        yield from _peers(system, each)


def _empty(each: Object) -> Iterator[Finding]:
    """Yield a warning for each selector that is written without a value."""
    maps = (node for node in walk(each.node) if isinstance(node, Map))
    for node in maps:
        for key in ("matchLabels", "selector"):
            is_empty = key in node and isinstance(node.get(key), Leaf) and node.value(key) is None
            if is_empty and (key == "matchLabels" or each.kind == "Service"):
                message = f"{key} of {each.identity} has no labels"
                hint = "add a label, or write {} to select everything"
                yield warning(CODE, message, node.key_place(key), hint=hint)


def _without(system: System) -> Iterator[Finding]:
    """Yield a warning for each Service without a selector and without Endpoints that a route leads to."""
    unknown = system.unknown_files(broken=True)
    routed = {(way.namespace, way.service): way for way in ways(system)}
    given = {(each.namespace, _of_service(each)) for each in system.kind("Endpoints", "EndpointSlice")}
    for each in system.kind("Service"):
        key = each.namespace, each.name
        is_empty = not each.spec.map("selector") and each.spec.text("type") != "ExternalName"
        if is_empty and key in routed and key not in given and each.path not in unknown:
            message = f"{each.identity} has no selector and no Endpoints, so nothing answers for it"
            notes = tuple(Note("a route leads to it", at) for at in [routed[key].at] if at)
            yield warning(CODE, message, each.at, notes=notes, hint="add a selector")


def _of_service(each: Object) -> str:
    """Return the name of the Service that Endpoints or an EndpointSlice are of."""
    return each.name if each.kind == "Endpoints" else each.labels.get("kubernetes.io/service-name", "")


def _owner(system: System, owner: Object) -> Iterator[Finding]:
    selector = owner.spec.map("selector")
    if "selector" not in owner.spec:
        return  # apps/v1 refuses that; versions before it took the labels of the pods
    if not selects(selector, owner.pod_labels) or not selector:
        labels = owner.template.map("metadata", "labels")
        yield error(
            CODE,
            f"{owner.identity} does not select its own pods: {_labels_of(selector)} is not among {_labels(owner)}",
            owner.spec.at_key("selector"),
            notes=(Note("the labels of its pods", labels.at),),
            hint="write the same label in both places",
        )
        return
    for other in system.workloads:
        is_near = other.namespace == owner.namespace and system.may_meet(other, owner)
        if other is not owner and is_near and selects(selector, other.pod_labels):
            yield warning(
                CODE,
                f"{owner.identity} selects the pods of {other.identity} as well",
                _place(selector, owner),
                notes=(Note(f"the labels of the pods of {other.identity}", other.pod_spec.at),),
                hint="use different labels for the two",
            )
    for constraint in owner.pod_spec.maps("topologySpreadConstraints"):
        spread = constraint.map("labelSelector")
        if spread and not selects(spread, owner.pod_labels):
            yield warning(
                CODE,
                f"the pods of {owner.identity} are spread by {_labels_of(spread)}, a label that they do not have",
                _place(spread, owner),
                notes=(Note("the labels of its selector", _place(selector, owner)),),
                hint=f"write {_labels_of(selector)}",
            )


def _one_workload(system: System, service: Object, free: list[Object]) -> Iterator[Finding]:
    """Yield a finding unless a Service selects one workload; `free` are those that no Service selects."""
    selector = service.spec.map("selector")
    chosen = system.behind(service)
    own = [each for each in chosen if each.kind not in ("Job", "CronJob")]
    if len(own) == 1 and len(chosen) == 1:
        return
    near = "" if chosen else _misspelt(service, [each for each in free if system.may_meet(each, service)])
    if not chosen and not near and not _is_deployed_here(system, service):
        return
    selected = " and ".join(each.identity for each in chosen)
    notes = [
        Note(f"{each.identity} has {_labels(each)}", each.at)
        for each in chosen or _candidates(system, service)
    ]
    yield error_if(
        near,
        CODE,
        f"{service.identity} selects {f'the pods of {selected}' if selected else 'no pods'},"
        " expected the pods of one workload",
        selector.at_key(next(iter(selector))),
        notes=tuple(notes[:3]),
        hint=near or "write a label that only the pods of one workload have",
    )


def _misspelt(service: Object, free: list[Object]) -> str:
    """Return the hint for a selector of which one label is written like that of pods that nothing selects."""
    wanted = service.spec.map("selector").texts()
    for each in free:
        wrong = [key for key, value in wanted.items() if each.pod_labels.get(key) != value]
        near = nearest(wanted[wrong[0]], [each.pod_labels.get(wrong[0], "")]) if len(wrong) == 1 else ""
        if near and each.namespace == service.namespace:
            return near
    return ""


def _is_deployed_here(system: System, service: Object) -> bool:
    """Return whether a workload of the same file or name is in the tree, so that its pods would be, too."""
    return any(
        each.path == service.path or each.name == service.name
        for each in system.workloads
        if system.may_meet(each, service)
    )


def _candidates(system: System, service: Object) -> list[Object]:
    """Return the workloads that an object may refer to: those with a similar name, or else all."""
    named = [each for each in system.kind(*_OWNERS) if each.name and service.name.startswith(each.name)]
    return named or system.kind(*_OWNERS)


def _some_pod(system: System, owner: Object, selector: Map) -> Iterator[Finding]:
    known = [each.pod_labels for each in system.workloads]
    known += [labels.texts() for each in system.customs for labels in _label_maps(each)]
    if selector and not any(selects(selector, labels) for labels in known):
        notes = [
            Note(f"{each.identity} has {_labels(each)}", each.at) for each in _candidates(system, owner)[:3]
        ]
        yield warning(
            CODE,
            f"{owner.identity} selects pods with {_labels_of(selector)}, but no pod has that",
            _place(selector, owner),
            notes=tuple(notes),
            hint="write a label that pods have",
        )


def _label_maps(each: Object) -> Iterator[Map]:
    """Yield what labels a custom resource has and names, which its operator gives to the pods that it makes."""
    for node in walk(each.node):
        if isinstance(node, Map) and isinstance(node.get("labels"), Map):
            yield node.map("labels")


def _peers(system: System, policy: Object) -> Iterator[Finding]:
    """Yield a warning for each peer of a network policy that selects no pod of its namespace."""
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for rule in policy.spec.maps(direction):
            for peer in rule.maps(side):
                if "namespaceSelector" not in peer and peer.map("podSelector"):
                    yield from _some_pod(system, policy, peer.map("podSelector"))


def _place(selector: Map, owner: Object) -> Span:
    labels = selector.map("matchLabels")
    return labels.at_key(next(iter(labels))) if labels else selector.at if selector else owner.at


def _labels_of(selector: Map) -> str:
    labels = selector.map("matchLabels")
    return ", ".join(f"{key}: {labels.text(key)}" for key in labels) or "no label"


def _labels(each: Object) -> str:
    return ", ".join(f"{key}: {value}" for key, value in each.pod_labels.items()) or "no labels"
