"""An object must satisfy the schema and the validation of the API server, which refuses it otherwise.

Checked for every kind of Kubernetes' stable API, by the version of the cluster that Terraform names: unknown fields
and wrong types; ranges, required fields, the formats of names, labels, ports, addresses, amounts and schedules;
fields that exclude or require each other, such as handlers of probes, types of volumes, rollouts, selectors and
labels, the ports of Services, Ingress paths, metrics of autoscalers, peers of network policies.

Why: the API server refuses `value` together with `valueFrom`, a Job with `restartPolicy: Always`, and two unnamed
ports, and it does so in the middle of a deployment. An item of a list whose key another one has is dropped by the
next `kubectl apply`, and refused by `kubectl apply --server-side` and Flux ("duplicate entries for key").

Bad:

    env: [{name: PORT, value: 8000}]

Good:

    env: [{name: PORT, value: "8000"}]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error, error_if
from generator.languages.node import Map, Seq
from generator.system import System
from generator.system.api_server import refusals
from generator.system.api_server.schema import is_unknown
from generator.system.kubernetes import Object

CODE = "checks/api-rules"
ADVICE = "kubernetes.io, Server-Side Apply: Merge strategy; github.com/kubernetes/kubernetes, pkg/api/pod/warnings.go"
# The keys of lists that the validation itself allows to repeat: the first names the item. Of env, `kubectl apply`
# keeps the last one, which checks/environment-variables reports.
_OF_PODS = {"hostAliases": ("ip",), "imagePullSecrets": ("name",), "resourceClaims": ("name",)}
_OF_CONTAINERS = {"ports": ("containerPort", "protocol"), "env": ("name",)}
_DEFAULTS = {"protocol": "TCP"}


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
    for workload in system.workloads:
        yield from _repeated(system, workload.pod_spec, workload.identity, _OF_PODS)
    for container in system.containers:
        yield from _repeated(system, container.node, container.what, _OF_CONTAINERS)


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


def _repeated(
    system: System, holder: Map, what: str, lists: Mapping[str, tuple[str, ...]]
) -> Iterator[Finding]:
    """Yield a finding for each item with the key of another one, by which the server knows it."""
    on_server = system.is_applied_on_server
    for name, keys in lists.items():
        seen: dict[tuple[str, ...], Span] = {}
        for item in holder.maps(name) if on_server or name != "env" else ():
            key = tuple(item.text(each) or _DEFAULTS.get(each, "") for each in keys)
            at = item.at_key(keys[0])
            if key in seen and not any(map(is_unknown, key)):
                note = Note("the first one is here", seen[key])
                message = f"{name} of {what} has {key[0]} twice"
                message += (
                    ": server-side apply refuses it" if on_server else ", and apply may drop one of them"
                )
                yield error_if(on_server, CODE, message, at, notes=(note,), hint="remove one, or join them")
            seen[key] = at
