"""Entry points that are removed, moved or opened: hosts, paths and load balancers, ports and pods of a Service."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.diff import changes, path_text
from generator.changes.hazards.model import Effect, Hazard, place, shown
from generator.changes.hazards.pairs import ROLLED, both
from generator.languages.node import Map, Node
from generator.system import Object, System
from generator.system.kubernetes import ingress_class

_INGRESS = "https://kubernetes.io/docs/concepts/services-networking/ingress/#the-ingress-resource"
_ADDRESS = "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/"
_PUBLISHED = (
    "https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types"
)
_ALB = {
    "scheme": "internal",
    "group.name": "",
    "load-balancer-name": "",
}  # what decides the balancer; defaults
_SERVICE = "https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service"


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each entry point that is removed, or moves before the pods do."""
    for was, now in both(old, new, "Ingress"):
        yield from _hosts(was, now)
        yield from _moved(was, now)
    for was, now in both(old, new, "Service"):
        yield from _ports(was, now)
        yield from _type(was, now)
        yield from _selector(was, now)
        yield from _targets(was, now, old, new)


def _routes(each: Object) -> dict[tuple[str, str], Map]:
    return {
        (rule.text("host"), path.text("path")): path
        for rule in each.node.maps("spec", "rules")
        for path in rule.maps("http", "paths")
    }


def _hosts(was: Object, now: Object) -> Iterator[Hazard]:
    after = _routes(now)
    for (host, path), node in _routes(was).items():
        if (host, path) not in after:
            yield Hazard(
                "way-in",
                Effect.OUTAGE,
                was.subject,
                f"{host or 'any host'}{path} is no longer served",
                place(node),
                place(now.node.get("spec", "rules"), now.node),
                "serve both names until no client uses the old one",
                _INGRESS,
            )


def _moved(was: Object, now: Object) -> Iterator[Hazard]:
    """Yield a hazard where another load balancer takes over what an Ingress serves."""
    for what, before, after, node in _balancer(was, now):
        if before != after:
            steps = f"{what} changes from {before or 'nothing'} to {after or 'nothing'}"
            message = f"{steps}: another load balancer serves it, with another address, and DNS leads to the old one"
            safe = "create a second Ingress with the new setting, move the DNS records, then remove this one"
            places = place(was.node), place(node, now.node)
            yield Hazard("way-in", Effect.OUTAGE, was.subject, message, *places, safe, _ADDRESS)
            return


def _balancer(was: Object, now: Object) -> Iterator[tuple[str, str, str, Node | None]]:
    """Yield what decides the load balancer of an Ingress: before, after, and where it is set."""
    before, after = ingress_class(was), ingress_class(now)
    if before and after:  # what a default class is, is not known
        yield "the class", before, after, now.node.get("spec", "ingressClassName")
    if "alb" in (before, after):
        own, other = (each.metadata.map("annotations") for each in (was, now))
        for name, default in _ALB.items():
            key = f"alb.ingress.kubernetes.io/{name}"
            yield name, own.text(key) or default, other.text(key) or default, other.get(key)


def _type(was: Object, now: Object) -> Iterator[Hazard]:
    """Yield a hazard for a Service that is reachable from outside of the cluster on one side only."""
    before, after = (each.spec.text("type") or "ClusterIP" for each in (was, now))
    places = place(was.node), place(now.spec.get("type"), now.node)
    if before == after or "ExternalName" in (before, after):
        return
    if before == "LoadBalancer":
        message = "its load balancer is deleted, with its address"
        safe = "create a second Service, move the clients and the DNS records, then change this one"
        yield Hazard("way-in", Effect.OUTAGE, was.subject, message, *places, safe, _PUBLISHED)
    elif after == "LoadBalancer" and not _is_internal(now):
        message = "gets a load balancer, by which it is reached from outside of the cluster"
        safe = "make sure that it may be; most providers have an annotation that keeps it in the network"
        yield Hazard("way-in", Effect.WIDENED, was.subject, message, *places, safe, _PUBLISHED)
    elif "NodePort" in (before, after) and after != "LoadBalancer":
        opens = after == "NodePort"
        message = f"{'opens' if opens else 'closes'} a port on each node"
        safe = "make sure that the nodes may be reached" if opens else "make sure that no client uses it"
        effect = Effect.WIDENED if opens else Effect.OUTAGE
        yield Hazard("way-in", effect, was.subject, message, *places, safe, _PUBLISHED)


def _is_internal(service: Object) -> bool:
    """Return whether an annotation keeps the load balancer of a Service in the network; by its provider's name."""
    notes = service.metadata.map("annotations").texts()
    values = [text.lower() for name, text in notes.items() if "internal" in name or name.endswith("-scheme")]
    return any(text in ("true", "internal", "0.0.0.0/0") for text in values) or "Internal" in notes.values()


def _ports(was: Object, now: Object) -> Iterator[Hazard]:
    after = {port.text("port") for port in now.node.maps("spec", "ports")}
    for port in was.node.maps("spec", "ports"):
        if port.text("port") not in after:
            yield Hazard(
                "way-in",
                Effect.OUTAGE,
                was.subject,
                f"port {port.text('port')} is removed: clients that connect to it fail until they use "
                f"{', '.join(sorted(after)) or 'another Service'}",
                place(port),
                place(now.node.get("spec", "ports"), now.node),
                "serve both ports until every client uses the new one",
                _SERVICE,
            )


def _selector(was: Object, now: Object) -> Iterator[Hazard]:
    for change in changes(
        was.node.map("spec", "selector"), now.node.map("spec", "selector"), ("spec", "selector")
    ):
        yield Hazard(
            "way-in",
            Effect.OUTAGE,
            was.subject,
            f"{path_text(change.path)} changes from {shown(change.old)} to {shown(change.new)}: no pod answers until "
            "pods with the new label are ready",
            place(change.old, was.node),
            place(change.new, now.node),
            "give the pods both labels first, change the selector when all have them, then remove the old label",
            _SERVICE,
        )
        return


def _targets(was: Object, now: Object, old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard where a Service sends requests to a port that only the new pods have."""
    before = {each.text("port"): each for each in was.node.maps("spec", "ports")}
    there, then = _ports_behind(was, old), _ports_behind(now, new)
    for port in now.node.maps("spec", "ports"):
        own = before.get(port.text("port"), port)
        gone, came = _target(own), _target(port)
        if gone in there and came not in there and came in then:
            message = (
                f"port {port.text('port')} leads to {came} at once, but the pods of before have {gone}: none answers "
                "until the new ones are ready"
            )
            safe = "in three applies: name the port of the container, use the name as targetPort, change the number"
            places = place(own, was.node), place(port, now.node)
            yield Hazard("way-in", Effect.OUTAGE, was.subject, message, *places, safe, _SERVICE)


def _target(port: Map) -> str:
    return port.text("targetPort") or port.text("port")


def _ports_behind(service: Object, system: System) -> set[str]:
    """Return the numbers and names of the ports of the pods that a Service leads to."""
    pods = (each for each in system.behind(service) if each.kind in ROLLED)
    ports = (port for each in pods for one in each.containers for port in one.node.maps("ports"))
    return {port.text(key) for port in ports for key in ("containerPort", "name")}
