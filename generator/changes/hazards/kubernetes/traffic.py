"""Ways in that are no more: hosts and paths of an Ingress, ports and pods of a Service."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.diff import Map, changes
from generator.changes.hazards.kubernetes.pairs import both
from generator.changes.hazards.model import Effect, Hazard, place, shown
from generator.changes.hazards.system import Object, System

_INGRESS = "https://kubernetes.io/docs/concepts/services-networking/ingress/#the-ingress-resource"
_SERVICE = "https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service"


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each way in that is no more."""
    for was, now in both(old, new, "Ingress"):
        yield from _hosts(was, now)
    for was, now in both(old, new, "Service"):
        yield from _ports(was, now)
        yield from _selector(was, now)


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
                f"{host or 'any host'}{path} is served no longer",
                place(was.path, node),
                place(now.path, now.node.get("spec", "rules") or now.node),
                "serve the old and the new name side by side until nobody asks for the old one",
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
                f"port {port.text('port')} is no more: what connects to it fails until it uses "
                f"{', '.join(sorted(after)) or 'another Service'}",
                place(was.path, port),
                place(now.path, now.node.get("spec", "ports") or now.node),
                "offer both ports until everything uses the new one",
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
            f"its selector {change.path[-1]} changes from {shown(change.old)} to {shown(change.new)}: until pods "
            "with the new label are ready, nothing answers",
            place(was.path, change.old or was.node),
            place(now.path, change.new or now.node),
            "give the pods both labels first, change the selector when all have them, then drop the old label",
            _SERVICE,
        )
        return
