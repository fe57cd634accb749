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

from generator.checks.rule import NotApplicable
from generator.findings import Finding, Note, Span, error
from generator.languages.dockerfile.instructions import environment, pairs
from generator.system.former import Component, Container, Parsed
from generator.system.former.manifests import PROBES, Manifest, image_parts, selects
from generator.system.former.manifests import environment as variables
from generator.system.former.nodes import Map
from generator.values.layers import Values

CODE = "checks/ports"
# The variable that tells the program of an image where to listen, by the image.
_LISTENS = {"postgres": "PGPORT"}
_OPTIONS = ("-p", "--port")


def check(tree: Parsed, values: Values) -> Iterator[Finding]:
    if not tree.containers and not tree.dockerfiles:
        raise NotApplicable("there are no containers")
    for component in tree.components:
        for container in component.serving:
            yield from _image(component, container)
            yield from _told(component, container)
    for container in tree.containers:
        yield from _probes(container)
        yield from _options(container)
    for service in tree.kind("Service"):
        yield from _service(tree, service)


def ports(container: Container) -> dict[str, Span]:
    """Return the ports of a container, as they are written."""
    return {port.text("containerPort"): port.at("containerPort") for port in container.data.each("ports")}


def _image(component: Component, container: Container) -> Iterator[Finding]:
    listens = ports(container)
    exposed = {
        word.partition("/")[0]: each
        for each in component.dockerfile.final()
        if each.keyword == "EXPOSE"
        for word in each.texts
    }
    for port, each in exposed.items():
        if port not in listens and "$" not in port:
            notes = [Note(f"{container.what} has {port}", at) for port, at in listens.items()]
            yield error(
                CODE,
                f"the image exposes {port}, and {container.what} has {_list(listens) or 'no port'}",
                each.where(port),
                notes=tuple(notes) or (Note("the container", container.data.at("name")),),
                hint=f"make them one number: {_list(listens) or port}",
            )
    for port, at in listens.items():
        if not exposed:
            note = Note("the image", component.dockerfile.source.span(1))
            hint = f"add EXPOSE {port} to the Dockerfile"
            yield error(
                CODE, f"{container.what} has {port}, and its image exposes none", at, notes=(note,), hint=hint
            )


def _told(component: Component, container: Container) -> Iterator[Finding]:
    """Check PORT, which the pod may set, or the image."""
    listens = ports(container)
    instructions = component.dockerfile.final()
    in_image = environment(instructions).get("PORT")
    in_pod = variables(container.data).get("PORT")
    if not listens:
        return
    first, at = next(iter(listens.items()))
    for text, place in (
        (
            dict(pairs(in_image)).get("PORT", "") if in_image else "",
            in_image.where("PORT") if in_image else None,
        ),
        (in_pod.text("value") if in_pod else "", in_pod.at("value") if in_pod else None),
    ):
        if place and text not in listens and "$" not in text:
            yield error(
                CODE,
                f"PORT is {text}, and {container.what} has {_list(listens)}",
                place,
                notes=(Note("the port of the container", at),),
                hint=f"set PORT to {first}",
            )
    if not in_image and not in_pod:
        note = Note("its image sets none either", component.dockerfile.source.span(1))
        yield error(
            CODE,
            f"nothing tells the program of {container.what} to listen on {first}: PORT is not set",
            at,
            notes=(note,),
            hint=f"set PORT to {first}, in the image or in the pod",
        )


def _probes(container: Container) -> Iterator[Finding]:
    listens = ports(container)
    named = {port.text("name") for port in container.data.each("ports")}
    hooks = container.data.sub("lifecycle")
    asked = [(name, container.data.sub(name)) for name in PROBES]
    asked += [(name, hooks.sub(name)) for name in ("postStart", "preStop")]
    for name, probe in asked:
        for kind in ("httpGet", "tcpSocket", "grpc"):
            handler = probe.sub(kind)
            port = handler.text("port")
            if port and port not in listens and port not in named:
                yield error(
                    CODE,
                    f"{name} asks port {port}, and {container.what} has {_list(listens) or 'no port'}",
                    handler.at("port"),
                    notes=tuple(Note("the port of the container", at) for at in listens.values())
                    or (Note("the container", container.data.at("name")),),
                    hint=f"ask {_list(listens)}" if listens else "give the container its ports:",
                )


def _options(container: Container) -> Iterator[Finding]:
    """Check what the program is told on its command line, and what commands in probes ask."""
    listens = ports(container)
    if not listens:
        return
    lists = [(container.data, "command"), (container.data, "args")]
    lists += [(container.data.sub(probe, "exec"), "command") for probe in PROBES]
    for holder, key in lists:
        words = list(holder.listed(key).texts())
        for (option, _), (port, at) in itertools.pairwise(words):
            if option in _OPTIONS and port.isdigit() and port not in listens:
                note = Note("the port of the container", next(iter(listens.values())))
                message = f"{option} {port} stands here, and {container.what} has {_list(listens)}"
                yield error(CODE, message, at, notes=(note,), hint=f"write {_list(listens)}")
    variable = _LISTENS.get(image_parts(container.image)[1].rpartition("/")[2], "")
    entry = variables(container.data).get(variable)
    if entry is not None and entry.text("value") not in listens:
        note = Note("the port of the container", next(iter(listens.values())))
        message = f"{variable} is {entry.text('value')}, and {container.what} has {_list(listens)}"
        yield error(CODE, message, entry.at("value"), notes=(note,), hint=f"set it to {_list(listens)}")


def _service(tree: Parsed, service: Manifest) -> Iterator[Finding]:
    selector = service.spec.sub("selector")
    wrapped = Map(selector.source, selector.line)
    wrapped["matchLabels"] = selector
    chosen = [each for each in tree.containers if selector and selects(wrapped, each.workload.pod_labels)]
    known = {text: at for each in chosen for text, at in _named_ports(each)}
    for port in service.spec.each("ports"):
        key = "targetPort" if "targetPort" in port else "port"
        if chosen and port.text(key) not in known:
            notes = [
                Note(f"{each.what} has {_list(ports(each)) or 'no port'}", each.data.at("name"))
                for each in chosen
            ]
            numbers = _list({text: at for each in chosen for text, at in ports(each).items()})
            yield error(
                CODE,
                f"{service.identity} sends to port {port.text(key)}, where no container of its pods listens",
                port.at(key),
                notes=tuple(notes),
                hint=f"set targetPort to {numbers}" if numbers else "give the container its ports:",
            )


def _named_ports(container: Container) -> Iterator[tuple[str, Span]]:
    for port in container.data.each("ports"):
        yield port.text("containerPort"), port.at("containerPort")
        if port.text("name"):
            yield port.text("name"), port.at("name")


def _list(found: dict[str, Span]) -> str:
    return ", ".join(sorted(found, key=lambda port: (not re.fullmatch(r"\d+", port), len(port), port)))
