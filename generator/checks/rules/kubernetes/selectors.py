"""A selector must match exactly the pods that it is meant for.

The selector of a workload must match its own pods; that of a Service, the pods of exactly one workload; that
of a disruption budget, a network policy or a spread constraint, at least one pod.

Why: labels and selectors are plain strings, and Kubernetes accepts any. A Service whose selector matches
nothing has no endpoints and reports no error; one that matches two workloads sends some requests to the wrong
program.

Bad:

    kind: Service
    spec:
      selector: {app: oet-bakend}

Good:

    kind: Service
    spec:
      selector: {app: oet-backend}
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from generator.checks.rule import NotApplicable
from generator.findings import Finding, Note, Severity, Span, error
from generator.system.former import Parsed
from generator.system.former.manifests import Manifest, selects
from generator.system.former.nodes import Map, walk
from generator.values.layers import Values

CODE = "checks/selectors"
_OWNERS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")


def check(tree: Parsed, values: Values) -> Iterator[Finding]:
    if not tree.workloads:
        raise NotApplicable("there are no workloads")
    for each in tree.manifests:
        yield from _empty(each)
    for each in tree.kind(*_OWNERS):
        yield from _owner(tree, each)
    for each in tree.kind("Service"):
        if each.spec.sub("selector"):
            yield from _one_workload(tree, each)
    for each in tree.kind("PodDisruptionBudget"):
        yield from _some_pod(tree, each, each.spec.sub("selector"))
    for each in tree.kind("NetworkPolicy"):
        for found in _some_pod(tree, each, each.spec.sub("podSelector")):
            yield replace(found, severity=Severity.WARNING)  # it protects nobody, and breaks nothing
        yield from _peers(tree, each)


def _empty(each: Manifest) -> Iterator[Finding]:
    """A selector that is begun and names no label chooses everything, or nothing."""
    for found in walk(each.data):
        for key in ("matchLabels", "selector"):
            if key in found and not found[key] and (key == "matchLabels" or each.kind == "Service"):
                message = f"{key} of {each.identity} names no label"
                yield error(
                    CODE,
                    message,
                    found.key_at(key),
                    hint="name the label that is meant, or write {} where everything is",
                )


def _owner(tree: Parsed, owner: Manifest) -> Iterator[Finding]:
    selector = owner.spec.sub("selector")
    if not selects(selector, owner.pod_labels) or not selector:
        labels = owner.pod.sub("metadata", "labels") if owner.pod else selector
        yield error(
            CODE,
            f"{owner.identity} does not select its own pods: {_wanted(selector)} is not among {_labels(owner)}",
            _place(selector, owner),
            notes=(Note("the labels of its pods", labels.here()),),
            hint="write the same label in both places",
        )
        return
    for other in tree.workloads:
        if other is not owner and other.namespace == owner.namespace and selects(selector, other.pod_labels):
            yield error(
                CODE,
                f"{owner.identity} selects the pods of {other.identity} as well",
                _place(selector, owner),
                notes=(Note(f"the labels of the pods of {other.identity}", other.pod_spec.here()),),
                hint="give the two different labels",
            )
    for constraint in owner.pod_spec.each("topologySpreadConstraints"):
        spread = constraint.sub("labelSelector")
        if spread and not selects(spread, owner.pod_labels):
            yield error(
                CODE,
                f"the pods of {owner.identity} are spread by {_wanted(spread)}, which they do not have",
                _place(spread, owner),
                notes=(Note("the labels that its selector knows", _place(selector, owner)),),
                hint=f"write {_wanted(selector)}",
            )


def _one_workload(tree: Parsed, service: Manifest) -> Iterator[Finding]:
    selector = service.spec.sub("selector")
    wrapped = Map(selector.source, selector.line)
    wrapped["matchLabels"] = selector
    chosen = [each for each in tree.workloads if selects(wrapped, each.pod_labels)]
    own = [each for each in chosen if each.kind not in ("Job", "CronJob")]
    key = next(iter(selector))
    if len(own) != 1 or len(chosen) > 1:
        found = " and ".join(each.identity for each in chosen) or "no pods"
        notes = [
            Note(f"{each.identity} has {_labels(each)}", each.at) for each in chosen or _near(tree, service)
        ]
        yield error(
            CODE,
            f"{service.identity} leads to {found}, expected those of one workload",
            selector.at(key),
            notes=tuple(notes),
            hint="write a label that the pods of one workload have",
        )


def _near(tree: Parsed, service: Manifest) -> list[Manifest]:
    """Return the workloads that a Service may have meant: by its own name, or else all."""
    named = [each for each in tree.kind(*_OWNERS) if each.name and service.name.startswith(each.name)]
    return named or tree.kind(*_OWNERS)


def _some_pod(tree: Parsed, owner: Manifest, selector: Map) -> Iterator[Finding]:
    if selector and not any(selects(selector, each.pod_labels) for each in tree.workloads):
        notes = [Note(f"{each.identity} has {_labels(each)}", each.at) for each in _near(tree, owner)[:3]]
        yield error(
            CODE,
            f"{owner.identity} is for pods with {_wanted(selector)}, and there are none",
            _place(selector, owner),
            notes=tuple(notes),
            hint="write a label that pods have, or delete it",
        )


def _peers(tree: Parsed, policy: Manifest) -> Iterator[Finding]:
    """Check the pods that a network policy lets in or out, where they are those of the same namespace."""
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for rule in policy.spec.each(direction):
            for peer in rule.each(side):
                if "namespaceSelector" not in peer and peer.sub("podSelector"):
                    yield from _some_pod(tree, policy, peer.sub("podSelector"))


def _place(selector: Map, owner: Manifest) -> Span:
    labels = selector.sub("matchLabels")
    return labels.at(next(iter(labels))) if labels else selector.here() if selector else owner.at


def _wanted(selector: Map) -> str:
    labels = selector.sub("matchLabels")
    return ", ".join(f"{key}: {labels.text(key)}" for key in labels) or "no label"


def _labels(each: Manifest) -> str:
    return ", ".join(f"{key}: {value}" for key, value in each.pod_labels.items()) or "no labels"
