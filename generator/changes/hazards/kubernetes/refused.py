"""States that the API server refuses whatever there was before, and fields that it keeps from before."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.diff import counterpart
from generator.changes.hazards.model import API_SERVER, Effect, Hazard, place
from generator.changes.hazards.pairs import both
from generator.system import Object, System
from generator.system.api_server import Refusal, refusals

_DEFAULTS = "https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg/apis/apps/v1/defaults.go"
_APPLY = "https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management"
# What the server drops itself when the type of a Service changes and these do not: dropTypeDependentFields.
_DROPPED = frozenset(
    "healthCheckNodePort allocateLoadBalancerNodePorts loadBalancerClass externalTrafficPolicy".split()
)
_DROPPED_WITHOUT_ADDRESS = frozenset("clusterIP clusterIPs ipFamilies ipFamilyPolicy".split())
_CREATED_ONLY = "metadata.annotations.kubernetes.io/ingress.class"


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each reason why the server refuses an object that is new or changes."""
    minor = new.cluster_minor
    unnamed = [each.node for each in old.manifests if not each.name]
    for now in new.manifests:
        was = old.by_key.get(new.key_of(now)) if now.name else None
        is_same = was.node == now.node if was else now.node in unnamed
        if is_same or now.path not in new.nodes or now.path in new.patches:
            continue
        for refusal in refusals(now, minor):
            if not (was and _is_accepted(refusal, was, now)):
                yield _refused(refusal, was, now)
    for was, now in both(old, new, "Deployment", "StatefulSet"):
        yield from _kept(was, now, new)


def _refused(refusal: Refusal, was: Object | None, now: Object) -> Hazard:
    return Hazard(
        "api-server",
        Effect.REFUSED,
        now.subject,
        f"the API server refuses it: {refusal.message}",
        place(counterpart(was.node, now.node, refusal.node)) if was else None,
        place(refusal.node),
        refusal.hint,
        refusal.source,
        API_SERVER,
    )


def _is_accepted(refusal: Refusal, was: Object, now: Object) -> bool:
    """Return whether the server accepts a state in an update that it refuses in a new object."""
    if refusal.path == _CREATED_ONLY:
        return True
    if was.kind != "Service" or was.spec.text("type") == now.spec.text("type"):
        return False
    if refusal.path == "spec.ports[].nodePort":
        ports = [[port.value("nodePort") for port in each.spec.maps("ports")] for each in (was, now)]
        return ports[0] == ports[1]
    field = refusal.path.removeprefix("spec.")
    has_address = now.spec.text("type") != "ExternalName"
    dropped = _DROPPED if has_address else _DROPPED | _DROPPED_WITHOUT_ADDRESS
    return field in dropped and was.spec.get(field) == now.spec.get(field)


def _kept(was: Object, now: Object, new: System) -> Iterator[Hazard]:
    """Yield a hazard when the server keeps a default of the old type that the new type does not allow."""
    name = "strategy" if was.kind == "Deployment" else "updateStrategy"
    before, after = was.spec.map(name), now.spec.map(name)
    if "rollingUpdate" in after:
        return
    if was.kind == "StatefulSet":
        if not before.text("type") and "rollingUpdate" not in before and after.text("type") == "OnDelete":
            message = (
                "the API server refuses it: spec.updateStrategy.rollingUpdate keeps its default, which the type "
                "OnDelete does not allow"
            )
            safe = "run `kubectl patch` with `rollingUpdate: null` and the type in one patch"
            yield _hazard(was, now, Effect.REFUSED, message, safe, f"{_DEFAULTS}#SetDefaults_StatefulSet")
        return
    is_whole = {"maxSurge", "maxUnavailable"} <= {*before.map("rollingUpdate")}
    if before.text("type") == "Recreate" or after.text("type") != "Recreate" or is_whole:
        return
    on_server = new.is_applied_on_server
    if on_server or not any(run.command.starts_with("kubectl", "apply") for run in new.runs):
        message = (
            "spec.strategy.rollingUpdate keeps its defaults with `kubectl apply --server-side`, and the API server "
            "refuses it with the type Recreate"
        )
        effect = Effect.REFUSED if on_server else Effect.UNKNOWN
        safe = "apply it once with `kubectl apply` without `--server-side`, which removes the field"
        yield _hazard(was, now, effect, message, safe, _APPLY)


def _hazard(was: Object, now: Object, effect: Effect, message: str, safe: str, source: str) -> Hazard:
    name = "strategy" if was.kind == "Deployment" else "updateStrategy"
    before, after = place(was.spec.get(name)), place(now.spec.get(name), now.node)
    by = API_SERVER if effect is Effect.REFUSED else ""
    return Hazard("api-server", effect, was.subject, message, before, after, safe, source, by)
