"""A health check must request a path that the program serves.

The paths of probes, of the load balancer's health check and of Compose health checks are compared with the
routes in the TypeScript of the component.

Why: a probe of `/healthz` gets 404 from a program that serves `/health`, and the pod is restarted again and
again.

Bad:

    livenessProbe: {httpGet: {path: /healthz, port: 8000}}

Good:

    livenessProbe: {httpGet: {path: /health, port: 8000}}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.agreement import Statement
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, error
from generator.findings.suggest import nearest
from generator.languages.node import Map
from generator.system import Component, System
from generator.system.kubernetes import PROBES, Object

CODE = "checks/health-routes"
_ALB = "alb.ingress.kubernetes.io/healthcheck-path"
_URL = re.compile(r"https?://[^/\s]+(/[^\s?]*)")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    declared = False
    for component in system.components:
        programs = [each for each in system.programs if system.component_of(each.source.path) is component]
        routes = {route.name: route.at for program in programs for route in program.routes}
        declared |= bool(routes)
        for request in _requests(system, component) if routes else ():
            if request.text not in routes:
                notes = tuple(Note(f"the program serves {path}", at) for path, at in routes.items())
                hint = nearest(request.text, list(routes)) or f"use {' or '.join(routes)}"
                message = f"{request.what} requests {request.text}, which {component.name} does not serve"
                yield error(CODE, message, request.at, notes=notes, hint=hint)
    if not declared:
        raise NotApplicableError("no program declares the paths that it serves")


def _requests(system: System, component: Component) -> Iterator[Statement]:
    for container in component.serving:
        for name in PROBES:
            handler = container.node.map(name, "httpGet")
            if handler.text("path"):
                yield Statement(handler.text("path"), f"{name} of {container.what}", handler.at_key("path"))
        for service in system.kind("Service"):
            if container.workload in system.behind(service):
                yield from _load_balancer(service)
    for file in system.compose:
        for name in file.services:
            if file.services.text(name, "build", "context").removeprefix("./") == component.name:
                yield from _composed(name, file.services.map(name))


def _load_balancer(service: Object) -> Iterator[Statement]:
    annotations = service.metadata.map("annotations")
    if _ALB in annotations:
        what = f"the load balancer of {service.identity}"
        yield Statement(annotations.text(_ALB), what, annotations.at_key(_ALB))


def _composed(name: str, service: Map) -> Iterator[Statement]:
    for leaf in service.seq("healthcheck", "test").leaves():
        found = _URL.fullmatch(leaf.text)
        if found:
            yield Statement(found[1], f"the health check of {name}", leaf.at)
