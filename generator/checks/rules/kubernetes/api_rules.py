"""An object must satisfy the schema and the validation of the API server, which refuses it otherwise.

Checked for every kind of Kubernetes' stable API, by the version of the cluster that Terraform names: unknown fields
and wrong types; ranges, required fields, the formats of names, labels, ports, addresses, amounts and schedules;
fields that exclude or require each other, such as handlers of probes, types of volumes, rollouts, selectors and
labels, the ports of Services, Ingress paths, metrics of autoscalers, peers of network policies.

Why: the API server refuses `value` together with `valueFrom`, a Job with `restartPolicy: Always`, and two unnamed
ports, and it does so in the middle of a deployment.

Bad:

    env: [{name: PORT, value: 8000}]

Good:

    env: [{name: PORT, value: "8000"}]
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error, warning
from generator.languages.node import Map, Seq
from generator.system import Container, System
from generator.system.api_server import refusals
from generator.system.kubernetes import Object

CODE = "checks/api-rules"
ADVICE = "kubernetes.io, PodSpec v1 core: ports is a list by containerPort and protocol"


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    documents = list(_documents(system))
    if not system.manifests and not documents:
        raise NotApplicableError("there are no manifests")
    for document in documents:
        yield from _identity(document)
    minor = system.cluster_minor
    for each in system.manifests:
        if each.path not in system.patches:
            for refusal in refusals(each, minor):
                note = Note(f"refused by the API server: {refusal.source}")
                yield error(CODE, refusal.message, refusal.at, notes=(note,), hint=refusal.hint)
    for container in system.containers:
        yield from _ports(container)


def _documents(system: System) -> Iterator[Map]:
    """Yield each document of a manifest file that has only one of the keys `kind` and `apiVersion`."""
    for source in system.of_language("kubernetes"):
        whole = system.documents[source.path].node
        for document in whole.maps() if isinstance(whole, Seq) else ():
            is_kustomization = Object(source, document).is_kustomization
            if ("kind" in document) != ("apiVersion" in document) and not is_kustomization:
                yield document


def _identity(document: Map) -> Iterator[Finding]:
    missing, present = ("kind", "apiVersion") if "apiVersion" in document else ("apiVersion", "kind")
    message = f"the document has {present} but no {missing}"
    yield error(CODE, message, document.key_place(present), hint=f"add {missing}")


def _ports(container: Container) -> Iterator[Finding]:
    """Yield a warning for each port that is listed twice: the server identifies it by number and protocol."""
    seen: dict[tuple[str, str], Span] = {}
    for port in container.node.maps("ports"):
        number = (port.text("containerPort"), port.text("protocol") or "TCP")
        if number in seen:
            note = Note("the first one is here", seen[number])
            message = f"port {number[0]} is listed twice"
            yield warning(CODE, message, port.at_key("containerPort"), notes=(note,), hint="remove one")
        seen[number] = port.at_key("containerPort")
