"""Entry points that are removed or moved: hosts and paths of an Ingress, ports and pods of a Service."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.diff import changes, path_text
from generator.changes.hazards.model import Effect, Hazard, place, shown
from generator.changes.hazards.pairs import ROLLED, both
from generator.languages.node import Map
from generator.system import Object, System

_INGRESS = "https://kubernetes.io/docs/concepts/services-networking/ingress/#the-ingress-resource"
_SERVICE = "https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service"


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each entry point that is removed, or moves before the pods do."""
    for was, now in both(old, new, "Ingress"):
        yield from _hosts(was, now)
    for was, now in both(old, new, "Service"):
        yield from _ports(was, now)
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
