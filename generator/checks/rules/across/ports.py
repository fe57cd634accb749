"""The port that a container listens on must be the same in every setting that refers to it.

Compared: the port of the container, `EXPOSE` and `PORT` of its image, `PORT` of the pod, its probes, and the
`targetPort` of its Service.

Why: Kubernetes does not compare these settings. A Service with another `targetPort` answers "connection
refused"; a probe of another port restarts a working program again and again; a program with another `PORT`
listens on a port that nothing connects to.

Bad:

    ports:
    - containerPort: 8000
    readinessProbe:
      httpGet: {path: /ready, port: 8080}

Good:

    ports:
    - containerPort: 8000
    readinessProbe:
      httpGet: {path: /ready, port: 8000}
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error_if, warning
from generator.languages.dockerfile.instructions import environment, pairs
from generator.system import Component, Container, System
from generator.system.api_server.schema import is_unknown
from generator.system.images import image_name
from generator.system.kubernetes import PROBES, Object

CODE = "checks/ports"
ADVICE = "kubernetes.io, Service: Port definitions; Configure Liveness, Readiness and Startup Probes"
# The variable that sets the port of a program, by its image.
_LISTENS = {"postgres": "PGPORT"}
_OPTIONS = ("-p", "--port")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.containers and not system.dockerfiles:
        raise NotApplicableError("there are no containers")
    for component in system.components:
        for container in component.serving:
            yield from _image(component, container)
            reads = any(system.component_of(program.source.path) is component for program in system.programs)
            yield from _port_variable(component, container, reads=reads)
    for container in system.containers:
        yield from _probes(system, container)
        yield from _options(container)
    for service in system.kind("Service"):
        yield from _service(system, service)


def ports(container: Container) -> dict[str, Span]:
    """Return the declared ports of a container, and their places."""
    return {port.text("containerPort"): port.at_key("containerPort") for port in container.node.maps("ports")}


def _image(component: Component, container: Container) -> Iterator[Finding]:
    listens = ports(container)
    exposed = {
        word.partition("/")[0]: each
        for each in component.dockerfile.final()
        if each.keyword == "EXPOSE"
        for word in each.texts
    }
    for port, each in exposed.items():
        if listens and not {*listens} & {*exposed} and "$" not in port:
            notes = [Note(f"{container.what} has port {port}", at) for port, at in listens.items()]
            yield warning(
                CODE,
                f"the image exposes port {port}, but {container.what} has {_ports(listens)}",
                each.where(port),
                notes=tuple(notes) or (Note("the container", container.node.at_key("name")),),
                hint=f"use the same port in both: {_list(listens) or port}",
            )
    for port, at in listens.items() if component.builds else ():
        if not exposed:
            note = Note("the image", component.dockerfile.source.span(1))
            hint = f"add EXPOSE {port} to the Dockerfile"
            yield warning(
                CODE,
                f"{container.what} has port {port}, but its image exposes no port",
                at,
                notes=(note,),
                hint=hint,
            )


def _is_argument(port: str, component: Component, container: Container) -> bool:
    """Return whether an argument of the container, or of the command of its image, has the port."""
    own = [leaf.text for name in ("command", "args") for leaf in container.node.seq(name).leaves()]
    of_image = [
        each.arguments for each in component.dockerfile.final() if each.keyword in ("CMD", "ENTRYPOINT")
    ]
    return any(re.search(rf"(?<!\d){port}(?!\d)", text) for text in (*own, *of_image))


def _port_variable(component: Component, container: Container, *, reads: bool) -> Iterator[Finding]:
    """Check the variable PORT of the pod and of the image."""
    listens = ports(container)
    instructions = component.dockerfile.final()
    in_image = environment(instructions).get("PORT")
    in_pod = container.environment.get("PORT")
    if not listens:
        return
    first, at = next(iter(listens.items()))
    for text, place in (
        (
            dict(pairs(in_image)).get("PORT", "") if in_image else "",
            in_image.where("PORT") if in_image else None,
        ),
        (in_pod.text("value") if in_pod else "", in_pod.at_key("value") if in_pod else None),
    ):
        if place and text not in listens and "$" not in text:
            yield warning(
                CODE,
                f"PORT is {text}, but {container.what} has {_ports(listens)}",
                place,
                notes=(Note("the port of the container", at),),
                hint=f"set PORT to {first}",
            )
    if reads and not in_image and not in_pod and not _is_argument(first, component, container):
        note = Note("its image does not set it either", component.dockerfile.source.span(1))
        yield warning(
            CODE,
            f"{container.what} has port {first}, but PORT is not set",
            at,
            notes=(note,),
            hint=f"set PORT to {first}, in the image or in the pod",
        )


def _is_closed(system: System, container: Container, port: str) -> bool:
    """Return whether a port is certainly closed: a name that no port has, or none that its image exposes."""
    exposed = {
        word.partition("/")[0]
        for component in system.components
        if any(each.node is container.node for each in component.containers)
        for each in component.dockerfile.final()
        if each.keyword == "EXPOSE"
        for word in each.texts
    }
    return not port.isdigit() or (bool(exposed) and port not in exposed)


def _probes(system: System, container: Container) -> Iterator[Finding]:
    listens = ports(container)
    named = {port.text("name") for port in container.node.maps("ports")}
    hooks = container.node.map("lifecycle")
    handlers = [(name, container.node.map(name)) for name in PROBES]
    handlers += [(name, hooks.map(name)) for name in ("postStart", "preStop")]
    for name, probe in handlers:
        for kind in ("httpGet", "tcpSocket", "grpc"):
            handler = probe.map(kind)
            port = handler.text("port")
            is_known = port in listens or port in named or is_unknown(port)
            if port and not is_known and (listens or not port.isdigit()):
                yield error_if(
                    _is_closed(system, container, port),
                    CODE,
                    f"{name} uses port {port}, but {container.what} has {_ports(listens)}",
                    handler.at_key("port"),
                    notes=tuple(Note("the port of the container", at) for at in listens.values())
                    or (Note("the container", container.node.at_key("name")),),
                    hint=f"use port {_list(listens)}" if listens else "add ports: to the container",
                )


def _options(container: Container) -> Iterator[Finding]:
    """Check the port options of the container's command and of commands in probes."""
    listens = ports(container)
    if not listens:
        return
    lists = [(container.node, "command"), (container.node, "args")]
    lists += [(container.node.map(probe, "exec"), "command") for probe in PROBES]
    for holder, key in lists:
        for option, port in itertools.pairwise(holder.seq(key).leaves()):
            if option.text in _OPTIONS and port.text.isdigit() and port.text not in listens:
                note = Note("the port of the container", next(iter(listens.values())))
                message = f"{option.text} is {port.text}, but {container.what} has {_ports(listens)}"
                yield warning(CODE, message, port.at, notes=(note,), hint=f"use port {_list(listens)}")
    variable = _LISTENS.get(image_name(container.image).repository.rpartition("/")[2], "")
    entry = container.environment.get(variable)
    if entry is not None and entry.text("value") not in listens:
        note = Note("the port of the container", next(iter(listens.values())))
        message = f"{variable} is {entry.text('value')}, but {container.what} has {_ports(listens)}"
        hint = f"set {variable} to {_list(listens)}"
        yield warning(CODE, message, entry.at_key("value"), notes=(note,), hint=hint)


def _service(system: System, service: Object) -> Iterator[Finding]:
    chosen = [container for each in system.behind(service) for container in each.all_containers]
    known = {text: at for each in chosen for text, at in _named_ports(each)}
    for port in service.spec.maps("ports"):
        key = "targetPort" if "targetPort" in port else "port"
        certain = bool(chosen) and all(_is_closed(system, each, port.text(key)) for each in chosen)
        if chosen and port.text(key) not in known and (known or certain) and not is_unknown(port.text(key)):
            notes = [
                Note(f"{each.what} has {_ports(ports(each))}", each.node.at_key("name")) for each in chosen
            ]
            numbers = _list({text: at for each in chosen for text, at in ports(each).items()})
            yield error_if(
                certain,
                CODE,
                f"{service.identity} forwards to port {port.text(key)}, which no container of its pods has",
                port.at_key(key),
                notes=tuple(notes),
                hint=f"set targetPort to {numbers}" if numbers else "add ports: to the container",
            )


def _named_ports(container: Container) -> Iterator[tuple[str, Span]]:
    for port in container.node.maps("ports"):
        yield port.text("containerPort"), port.at_key("containerPort")
        if port.text("name"):
            yield port.text("name"), port.at_key("name")


def _ports(found: dict[str, Span]) -> str:
    return f"port {_list(found)}" if found else "no port"


def _list(found: dict[str, Span]) -> str:
    return ", ".join(sorted(found, key=lambda port: (not re.fullmatch(r"\d+", port), len(port), port)))
