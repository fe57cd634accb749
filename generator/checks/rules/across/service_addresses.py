"""An address of a Service must have a port that the Service has.

Checked: addresses in the environment of pods and in ConfigMaps, and pairs such as `DB_HOST` and `DB_PORT`, where the
Service is in the output and has an address of its own.

Why: a Service forwards its own ports and no others. The client waits until its timeout, since nothing answers on the
port of its container (kubernetes.io, "Service", Port definitions).

Bad:

    env: [{name: API_URL, value: "http://api:8080"}]         # and Service/api has port 80

Good:

    env: [{name: API_URL, value: "http://api:80"}]
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from generator.checks.databases import default_port
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error_if
from generator.system import System
from generator.system.api_server.schema import is_unknown
from generator.system.kubernetes import Object

CODE = "checks/service-addresses"
ADVICE = "kubernetes.io, Service: Port definitions"
_ADDRESS = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://(?:[^/@\s]*@)?)?(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::(?P<port>\d+))?"
    r"(?P<path>[/?]\S*)?"
)


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    services = [each for each in system.kind("Service") if _has_address(each)]
    if not services:
        raise NotApplicableError("there is no Service with an address")
    unknown = system.unknown_files(broken=True)
    for holder, name, text, at in _values(system):
        found = _ADDRESS.fullmatch(text)
        if found and (found["scheme"] or found["port"]) and holder.path not in unknown:
            there = system.addressed(found["host"], holder)
            meant = [each for each in there if _has_address(each) and each.path not in unknown]
            port = found["port"] or default_port(found["scheme"])
            ports = [one.text("port") for each in meant for one in each.spec.maps("ports")]
            if meant and port and port not in ports and not any(map(is_unknown, ports)):
                notes = tuple(Note("the Service", each.at) for each in meant)
                message = (
                    f"{name} is an address of {meant[0].identity} with port {port}, which it does not have"
                )
                hint = f"write port {' or '.join(dict.fromkeys(ports))}"
                yield error_if(found["port"], CODE, message, at, notes=notes, hint=hint)


def _values(system: System) -> Iterator[tuple[Object, str, str, Span]]:
    """Yield the texts that programs read: the object that holds each, its name, and its place."""
    for container in system.containers:
        texts = {
            name: (entry.text("value"), entry.at_key("value"))
            for name, entry in container.environment.items()
            if entry.text("value")
        }
        yield from ((container.workload, name, *each) for name, each in [*texts.items(), *_joined(texts)])
    for each in system.kind("ConfigMap"):
        data = each.node.map("data")
        texts = {name: (data.text(name), data.at_key(name)) for name in data if data.text(name)}
        yield from ((each, name, *found) for name, found in [*texts.items(), *_joined(texts)])


def _joined(texts: Mapping[str, tuple[str, Span]]) -> Iterator[tuple[str, tuple[str, Span]]]:
    """Yield the addresses of which the host and the port are variables of their own, such as DB_HOST and DB_PORT."""
    for name, (host, _) in texts.items():
        port = f"{name.removesuffix('HOST')}PORT"
        if name.endswith("HOST") and port in texts and texts[port][0].isdigit():
            yield port, (f"{host}:{texts[port][0]}", texts[port][1])


def _has_address(service: Object) -> bool:
    """Return whether a Service forwards ports at an address of its own."""
    is_elsewhere = service.spec.text("clusterIP") == "None" or service.spec.text("type") == "ExternalName"
    return bool(service.spec.maps("ports")) and not is_elsewhere
