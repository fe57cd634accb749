"""The ways into a cluster: which host leads to which Service, in the words of each kind of object."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from generator.findings import Span
from generator.languages.node import leaves
from generator.system import Object, System

_GATEWAY_ROUTES = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute")
_TRAEFIK_HOSTS = re.compile(r"Host(?:SNI)?\(\s*`([^`]+)`")


class Way(NamedTuple):
    """A host, "" for any, the Service or Knative Service that it leads to, and the gateways that it arrives at.

    `at` is the line that names the host, or that of the object.
    """

    host: str
    namespace: str
    service: str
    gateways: tuple[str, ...] = ()
    at: Span | None = None


def ways(system: System) -> Iterator[Way]:
    """Yield every way from a host to a Service."""
    for each in system.by_key.values():
        if each.kind in _GATEWAY_ROUTES or each.kind in _OWN:
            named = {leaf.text: leaf.at for leaf in leaves(each.node)}
            for way in _ways(each, system):
                yield way._replace(at=named.get(way.host, each.at))


def _ways(each: Object, system: System) -> Iterator[Way]:
    if each.kind in _GATEWAY_ROUTES:
        return _gateway_route(each, system)
    return _OWN[each.kind](each)


def _traefik(each: Object) -> Iterator[Way]:
    for route in each.spec.maps("routes"):
        hosts = _TRAEFIK_HOSTS.findall(route.text("match")) or [""]
        for service in route.maps("services"):
            if service.text("kind") in ("", "Service"):
                yield from _each(hosts, each, service.text("name"), service.text("namespace"))


def _openshift(each: Object) -> Iterator[Way]:
    if each.group == "route.openshift.io":
        yield Way(each.spec.text("host"), each.namespace, each.spec.text("to", "name"))


def _istio(each: Object) -> Iterator[Way]:
    for rule in (rule for kind in ("http", "tls", "tcp") for rule in each.spec.maps(kind)):
        for to in rule.maps("route"):
            name, *rest = to.text("destination", "host").split(".")
            yield from _each(each.spec.seq("hosts").texts(), each, name, *rest[:1])


def _each(hosts: list[str], each: Object, service: str, namespace: str = "") -> Iterator[Way]:
    return (Way(host, namespace or each.namespace, service) for host in hosts)


def _ingress(each: Object) -> Iterator[Way]:
    default = each.spec.text("defaultBackend", "service", "name")
    if default:
        yield Way("", each.namespace, default)
    for rule in each.spec.maps("rules"):
        for path in rule.maps("http", "paths"):
            yield Way(rule.text("host"), each.namespace, path.text("backend", "service", "name"))


def _gateway_route(each: Object, system: System) -> Iterator[Way]:
    parents = [parent for parent in each.spec.maps("parentRefs") if parent.text("kind") in ("", "Gateway")]
    keys = [(parent.text("namespace") or each.namespace, parent.text("name")) for parent in parents]
    gateways = [gateway for gateway in system.kind("Gateway") if (gateway.namespace, gateway.name) in keys]
    hosts = each.spec.seq("hostnames").texts() or [
        host for gateway in gateways for host in listener_hosts(gateway)
    ]
    named = tuple(gateway_key(gateway) for gateway in gateways)
    for rule in each.spec.maps("rules"):
        for backend in rule.maps("backendRefs"):
            if backend.text("kind") in ("", "Service"):
                namespace = backend.text("namespace") or each.namespace
                for host in dict.fromkeys(hosts or [""]):
                    yield Way(host, namespace, backend.text("name"), named)


def listener_hosts(gateway: Object) -> Iterator[str]:
    """Yield the hosts that a Gateway listens for."""
    hosts = (each.text("hostname") for each in gateway.spec.maps("listeners"))
    yield from dict.fromkeys(host for host in hosts if host)


def gateway_key(gateway: Object) -> str:
    """Return the key of a Gateway in the graph."""
    return f"Gateway/{gateway.namespace}/{gateway.name}"


_OWN: Mapping[str, Callable[[Object], Iterator[Way]]] = {
    "Ingress": _ingress,
    "IngressRoute": _traefik,
    "Route": _openshift,
    "VirtualService": _istio,
}
