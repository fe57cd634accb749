"""Every public address must lead to a service, through an Ingress and with a certificate.

The URLs in pods and in Compose are compared with the hosts of the Ingress. Each host of the Ingress needs a
backend, a TLS entry and a name in the certificate.

Why: the load balancer answers 404 for a host without a rule, and every browser warns about a host without a
certificate. A Service that no route leads to is unreachable.

Bad:

    NEXT_PUBLIC_API_URL: https://api.acme.com           # and no Ingress for that host

Good:

    rules: [{host: api.acme.com, http: …}]
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error, error_if, warning
from generator.findings.suggest import nearest
from generator.system import System
from generator.system.kubernetes import Object

CODE = "checks/hosts"
ADVICE = "kubernetes.io, Ingress"
_ADDRESS = re.compile(
    r"(?:^NEXT_PUBLIC_.*|.*_)(?:API|APP|BACKEND|FRONTEND|SERVER|SITE|BASE|PUBLIC)?_?(?:URL|HOST|ORIGIN)$"
)


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    addresses = list(_public_addresses(system))
    ingresses = system.kind("Ingress")
    if not addresses and not ingresses:
        raise NotApplicableError("there is no Ingress and no public address")
    hosts: dict[str, Span] = {}
    for ingress in ingresses:
        yield from _backends(system, ingress)
        yield from _tls(ingress)
        yield from _paths(ingress)
        for rule in ingress.spec.maps("rules"):
            host = rule.text("host")
            if host and host in hosts and hosts[host].path == rule.at_key("host").path:
                note = Note("the first rule", hosts[host])
                hint = "merge the rules, or change one of the hosts"
                yield warning(CODE, f"{host} has two rules", rule.at_key("host"), notes=(note,), hint=hint)
            hosts[host] = rule.at_key("host")
    for name, host, at in addresses:
        is_page = not hosts and name.startswith("NEXT_PUBLIC_")
        if host not in hosts and (is_page or _is_own(host, hosts)):
            notes = tuple(Note(f"an Ingress serves {each}", place) for each, place in hosts.items())
            hint = nearest(host, list(hosts)) or (
                f"use {' or '.join(hosts)}" if hosts else f"add an Ingress for {host}"
            )
            message = f"{name} is an address of {host}, which no Ingress serves"
            yield warning(CODE, message, at, notes=notes, hint=hint)
    yield from _certificate(system, hosts)


def _public_addresses(system: System) -> Iterator[tuple[str, str, Span]]:
    """Yield the public addresses in the environments of pods: those whose host is outside the cluster."""
    services = {each.name for each in system.kind("Service")}
    for container in system.containers:
        for name, entry in container.environment.items():
            try:
                parts = urlsplit(entry.text("value"))
                host = parts.hostname or ""
            except ValueError:
                continue
            is_inside = ".svc" in host or host in services or host.partition(".")[0] in services
            if parts.scheme in ("http", "https") and host and not is_inside and _ADDRESS.match(name):
                yield name, host, entry.at_key("value")


def _is_own(host: str, hosts: Iterable[str]) -> bool:
    """Return whether a host is of the same domain as one that an Ingress serves, or written like one."""
    domain = host.split(".")[-2:]
    return any(each.split(".")[-2:] == domain for each in hosts) or bool(nearest(host, hosts))


def _backends(system: System, ingress: Object) -> Iterator[Finding]:
    services: dict[tuple[str, str], list[Object]] = defaultdict(list)
    for each in system.kind("Service"):
        services[each.namespace, each.name].append(each)
    backends = [
        path.map("backend", "service")
        for rule in ingress.spec.maps("rules")
        for path in rule.map("http").maps("paths")
    ]
    backends += [ingress.spec.map("defaultBackend", "service")] if ingress.spec.map("defaultBackend") else []
    for backend in backends:
        name = backend.text("name")
        if not name:
            continue  # checks/api-rules
        own = [each for each in services.get((ingress.namespace, name), ()) if system.may_meet(each, ingress)]
        service = own[0] if own else None
        if service is None:
            near = (
                "" if (ingress.namespace, name) in services else nearest(name, [each for _, each in services])
            )
            notes = tuple(
                Note(f"{each.identity} exists", each.at) for several in services.values() for each in several
            )
            hint = near or "fix the name"
            yield error_if(
                near,
                CODE,
                f"{ingress.identity} routes to the Service {name}, which does not exist",
                backend.at_key("name"),
                notes=notes[:3],
                hint=hint,
            )
            continue
        port = backend.map("port")
        key = "number" if "number" in port else "name"
        known = {
            each.text("port" if key == "number" else "name"): each.at_key("port")
            for each in service.spec.maps("ports")
        }
        if port.text(key) not in known:
            notes = tuple(Note(f"{service.identity} has {each}", at) for each, at in known.items())
            message = (
                f"{ingress.identity} routes to port {port.text(key)}, which {service.identity} does not have"
            )
            yield error(CODE, message, port.at_key(key), notes=notes, hint=f"use {' or '.join(known)}")


def _paths(ingress: Object) -> Iterator[Finding]:
    """Yield a warning for a host of which only the page at / is served."""
    for rule in ingress.spec.maps("rules"):
        paths = rule.map("http").maps("paths")
        if len(paths) == 1 and paths[0].text("pathType") == "Exact" and paths[0].text("path") == "/":
            message = f"pathType is Exact, so {rule.text('host') or 'the host'} answers for / alone"
            yield warning(CODE, message, paths[0].at_key("pathType"), hint="write pathType: Prefix")


def _tls(ingress: Object) -> Iterator[Finding]:
    tls = {leaf.text: leaf.at for each in ingress.spec.maps("tls") for leaf in each.seq("hosts").leaves()}
    rules = {
        rule.text("host"): rule.at_key("host") for rule in ingress.spec.maps("rules") if rule.text("host")
    }
    if not tls:
        return
    for host, at in rules.items():
        if not any(_covers(each, host) for each in tls):
            note = Note(f"it has TLS for {', '.join(tls)}", next(iter(tls.values())))
            message = f"{ingress.identity} has a rule for {host}, but no TLS entry"
            hint = nearest(host, list(tls)) or f"add {host} to tls"
            yield warning(CODE, message, at, notes=(note,), hint=hint)
    for host, at in tls.items():
        if rules and host not in rules and not any(_covers(host, each) for each in rules):
            note = Note(f"it has rules for {', '.join(rules)}", next(iter(rules.values()), ingress.at))
            message = f"{ingress.identity} has a TLS entry for {host}, but no rule"
            hint = nearest(host, list(rules)) or f"add a rule for {host}, or remove it from tls"
            yield warning(CODE, message, at, notes=(note,), hint=hint)


def _certificate(system: System, hosts: dict[str, Span]) -> Iterator[Finding]:
    certificates = system.terraform.resources("aws_acm_certificate")
    for block in certificates:
        names = {system.terraform.text(block, "domain_name"): block.at_key("domain_name")}
        for name in system.terraform.texts(block, "subject_alternative_names"):
            names.setdefault(name, block.source.find(f'"{name}"', block.start))
        for host, at in hosts.items():
            if host and not any(_covers(name, host) for name in names):
                note = Note(f"this certificate covers {', '.join(names)}", block.at_key("domain_name"))
                message = f"no certificate covers {host}"
                hint = nearest(host, list(names)) or f"add {host} to subject_alternative_names"
                yield warning(CODE, message, at, notes=(note,), hint=hint)
        for name, at in names.items():
            if name and hosts and not any(_covers(name, host) for host in hosts):
                notes = tuple(Note(f"an Ingress serves {host}", place) for host, place in hosts.items())
                message = f"the certificate covers {name}, which no Ingress serves"
                hint = nearest(name, list(hosts)) or f"use {' or '.join(hosts)}"
                yield warning(CODE, message, at, notes=notes, hint=hint)


def _covers(name: str, host: str) -> bool:
    return name == host or (name.startswith("*.") and host.partition(".")[2] == name[2:])
