"""A route must lead to a port that its Service has, and begin at a listener that its Gateway has.

Checked: routes of the Gateway API and of Traefik, as far as the Service and the Gateway are in the output.

Why: the controller only writes "BackendNotFound", "NoMatchingParent" or "NotAllowedByListeners" into the status of
the route, and answers 500 or nothing at all (gateway-api.sigs.k8s.io, API reference: RouteConditionReason). A Service
without a port is refused.

Bad:

    kind: HTTPRoute
    spec: {rules: [{backendRefs: [{name: web, port: 8080}]}]}         # and Service/web has port 80

Good:

    spec: {rules: [{backendRefs: [{name: web, port: 80}]}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, error
from generator.findings.suggest import nearest
from generator.languages.node import Map, walk
from generator.system import System
from generator.system.api_server.schema import is_unknown
from generator.system.kubernetes import Object

CODE = "checks/routes"
_GATEWAY_API = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")
_TRAEFIK = ("IngressRoute", "IngressRouteTCP", "IngressRouteUDP")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    routes = system.kind(*_GATEWAY_API, *_TRAEFIK)
    if not routes:
        raise NotApplicableError("there are no routes")
    for route in routes:
        key = "backendRefs" if route.kind in _GATEWAY_API else "services"
        for node in walk(route.node):
            for backend in node.maps(key) if isinstance(node, Map) else ():
                if backend.text("kind") in ("", "Service") and not backend.text("group"):
                    yield from _backend(system, route, backend)
        for parent in route.spec.maps("parentRefs") if route.kind in _GATEWAY_API else ():
            if parent.text("kind") in ("", "Gateway"):
                yield from _parent(system, route, parent)


def _named(system: System, kind: str, route: Object, reference: Map) -> list[Object]:
    """Return the objects that a route may mean; none where a kustomization that is not known may change them."""
    namespace = reference.text("namespace") or route.namespace
    found = [
        each
        for each in system.kind(kind)
        if each.name == reference.text("name")
        and (each.namespace == namespace or "" in (each.namespace, namespace))
        and system.may_meet(each, route)
    ]
    unknown = system.unknown_files(broken=True)
    return [] if any(each.path in unknown for each in (*found, route)) else found


def _backend(system: System, route: Object, backend: Map) -> Iterator[Finding]:
    port, name = backend.text("port"), backend.text("name")
    if route.kind in _GATEWAY_API and "port" not in backend:
        message = f"{route.identity} names no port of the Service {name}"
        yield error(CODE, message, backend.at, hint="add port, which a Service needs")
        return
    services = [each for each in _named(system, "Service", route, backend) if each.spec.maps("ports")]
    keys = ("port",) if route.kind in _GATEWAY_API else ("port", "name")
    known = [each.text(key) for one in services for each in one.spec.maps("ports") for key in keys]
    if services and port and port not in known and not any(map(is_unknown, (port, *known))):
        notes = tuple(Note("the Service", each.at) for each in services)
        message = f"{route.identity} routes to port {port}, which Service/{name} does not have"
        hint = f"use {' or '.join(filter(None, dict.fromkeys(known)))}"
        yield error(CODE, message, backend.at_key("port"), notes=notes, hint=hint)


def _parent(system: System, route: Object, parent: Map) -> Iterator[Finding]:
    gateways = _named(system, "Gateway", route, parent)
    listeners = [(gateway, each) for gateway in gateways for each in gateway.spec.maps("listeners")]
    if not listeners or any(each.spec.map("selector") for each in gateways):  # those of Istio
        return
    notes = tuple(Note("the Gateway", each.at) for each in gateways)
    for key, own, what in (("sectionName", "name", "listener"), ("port", "port", "listener on port")):
        wanted, known = parent.text(key), [each.text(own) for _, each in listeners]
        if wanted and wanted not in known and not any(map(is_unknown, (wanted, *known))):
            message = f"{gateways[0].identity} has no {what} {wanted}"
            hint = nearest(wanted, known) or f"write {' or '.join(known)}"
            yield error(CODE, message, parent.at_key(key), notes=notes, hint=hint)
            return
    section = parent.text("sectionName")
    meant = [(gateway, each) for gateway, each in listeners if section in ("", each.text("name"))]
    if all(_refuses(gateway, each, route) for gateway, each in meant):
        message = f"{gateways[0].identity} accepts no routes of the namespace {route.namespace}"
        hint = "set allowedRoutes.namespaces of the listener, or move the route"
        yield error(CODE, message, parent.at, notes=notes, hint=hint)


def _refuses(gateway: Object, listener: Map, route: Object) -> bool:
    """Return whether a listener accepts routes of its own namespace alone, as it does by default."""
    of = listener.text("allowedRoutes", "namespaces", "from")
    is_other = bool(gateway.namespace and route.namespace) and gateway.namespace != route.namespace
    return is_other and of in ("", "Same")
