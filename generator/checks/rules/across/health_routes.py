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

from generator.checks.agreement import Said
from generator.checks.rule import NotApplicable
from generator.findings import Finding, Note, error
from generator.findings.suggest import nearest
from generator.system.former import Component, Parsed
from generator.system.former.manifests import PROBES, Manifest
from generator.system.former.nodes import Map
from generator.values.layers import Values

CODE = "checks/health-routes"
_ALB = "alb.ingress.kubernetes.io/healthcheck-path"
_URL = re.compile(r"https?://[^/\s]+(/[^\s?]*)")


def check(tree: Parsed, values: Values) -> Iterator[Finding]:
    answered = False
    for component in tree.components:
        programs = [each for each in tree.programs if tree.component_of(each.source.path) is component]
        routes = {route.name: route.at for program in programs for route in program.routes}
        answered |= bool(routes)
        for asks in _asked(tree, component) if routes else ():
            if asks.text not in routes:
                notes = tuple(Note(f"the program answers {path}", at) for path, at in routes.items())
                hint = nearest(asks.text, list(routes)) or f"ask for {' or '.join(routes)}"
                message = f"{asks.what} asks for {asks.text}, which {component.name} does not answer"
                yield error(CODE, message, asks.at, notes=notes, hint=hint)
    if not answered:
        raise NotApplicable("no program says which paths it answers")


def _asked(tree: Parsed, component: Component) -> Iterator[Said]:
    for container in component.serving:
        for name in PROBES:
            handler = container.data.sub(name, "httpGet")
            if handler.text("path"):
                yield Said(handler.text("path"), f"{name} of {container.what}", handler.at("path"))
        for service in tree.kind("Service"):
            yield from _load_balancer(service, container.workload.pod_labels)
    for _, document in tree.compose:
        services = document.sub("services")
        for name in services:
            if services.sub(name, "build").text("context").removeprefix("./") == component.name:
                yield from _composed(name, services.sub(name))


def _load_balancer(service: Manifest, labels: dict[str, str]) -> Iterator[Said]:
    selector, annotations = service.spec.sub("selector"), service.metadata.sub("annotations")
    is_own = selector and all(labels.get(key) == selector.text(key) for key in selector)
    if is_own and _ALB in annotations:
        what = f"the load balancer of {service.identity}"
        yield Said(annotations.text(_ALB), what, annotations.at(_ALB))


def _composed(name: str, service: Map) -> Iterator[Said]:
    for text, at in service.sub("healthcheck").listed("test").texts():
        found = _URL.fullmatch(text)
        if found:
            yield Said(found[1], f"the health check of {name}", at)
