"""Names, labels and keys must have the form that Kubernetes requires.

Checked: the names of objects and containers, labels, the names of ports and environment variables, and the
keys of Secrets and ConfigMaps.

Why: the schema accepts any string as a name; the API server rejects it during the deployment with "a
lowercase RFC 1123 subdomain must consist of …". It also rejects a label value of more than 63 characters.

Bad:

    metadata: {name: shop_backend}

Good:

    metadata: {name: shop-backend}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Span, error
from generator.languages.node import Map, walk
from generator.system.kubernetes import Object

CODE = "checks/kubernetes-names"

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SERVICE = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_KEY = re.compile(
    r"(?:(?=.{1,253}/)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
)
_VALUE = re.compile(r"([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?")
_VARIABLE = re.compile(r"[A-Za-z_.-][A-Za-z0-9_.-]*")
_DATA_KEY = re.compile(r"[A-Za-z0-9_.-]{1,253}")
_PORT = re.compile(r"(?=.*[a-z])(?!.*--)[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?")
_IMAGE = re.compile(r"[A-Za-z0-9][\w./:@-]*(?::[\w][\w.-]{0,127})?")
_LABELS = frozenset(["Namespace", "Service"])  # their names are parts of a domain name

_DNS = "lowercase letters, digits and dashes, up to 63, with a letter or digit at both ends"


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.objects:
        raise NotApplicableError("there are no manifests")
    for each in system.objects:
        if not each.is_kustomization:
            yield from _name(each)
        if each.kind in ("ConfigMap", "Secret"):
            yield from _keys(each)
        yield from _labels(each)
    for container in system.containers:
        yield from _container(container.node)
    for workload in system.workloads:
        for volume in workload.pod_spec.maps("volumes"):
            if not _LABEL.fullmatch(volume.text("name")):
                yield _problem(volume.text("name"), "the name of a volume", _DNS, volume.at_key("name"))


def _keys(each: Object) -> Iterator[Finding]:
    for holder in (each.node.map("data"), each.node.map("stringData")):
        for key in holder:
            if not _DATA_KEY.fullmatch(key):
                wanted = "letters, digits, dots, dashes and underscores"
                yield _problem(key, "a key of data", wanted, holder.key_place(key))


def _problem(text: str, what: str, wanted: str, at: Span) -> Finding:
    message = f"{text!r} is not valid as {what}" if text else f"{what} is missing"
    return error(CODE, message, at, hint=f"use {wanted}")


def _name(each: Object) -> Iterator[Finding]:
    pattern = _SERVICE if each.kind == "Service" else _LABEL if each.kind in _LABELS else _SUBDOMAIN
    if not pattern.fullmatch(each.name):
        what = f"the name of a {each.kind}"
        wanted = _DNS if pattern is not _SUBDOMAIN else "lowercase letters, digits, dashes and dots"
        yield _problem(
            each.name, what, f"{wanted}{'; start with a letter' if each.kind == 'Service' else ''}", each.at
        )
    if each.namespace and not _LABEL.fullmatch(each.namespace):
        yield _problem(each.namespace, "a namespace", _DNS, each.metadata.at_key("namespace"))


def _labels(each: Object) -> Iterator[Finding]:
    # The schema in a CustomResourceDefinition describes fields of these names.
    whole = each.metadata if each.kind == "CustomResourceDefinition" else each.node
    for node in (node for node in walk(whole) if isinstance(node, Map)):
        for key in ("labels", "matchLabels", "annotations", "selector", "nodeSelector"):
            holder = node.map(key)
            if key == "selector" and (each.kind != "Service" or node is not each.spec):
                continue
            for name in holder:
                if not _KEY.fullmatch(name):
                    yield _problem(
                        name,
                        "the key of a label or annotation",
                        "a name of up to 63 characters, optionally with a domain and a slash before it",
                        holder.key_place(name),
                    )
                if key != "annotations" and not _VALUE.fullmatch(holder.text(name)):
                    yield _problem(
                        holder.text(name),
                        "the value of a label",
                        "up to 63 letters, digits, dots, dashes and underscores",
                        holder.at_key(name),
                    )
                if not isinstance(holder.value(name), str):
                    message = f"the value of {name} is {holder.text(name) or 'empty'}, expected a string"
                    yield error(
                        CODE, message, holder.at_key(name), hint=f'quote the value: "{holder.text(name)}"'
                    )


def _container(container: Map) -> Iterator[Finding]:
    if not _LABEL.fullmatch(container.text("name")):
        yield _problem(container.text("name"), "the name of a container", _DNS, container.at_key("name"))
    if not _IMAGE.fullmatch(container.text("image")):
        yield _problem(
            container.text("image"), "an image", "a name, a colon and a tag", container.at_key("image")
        )
    for entry in container.maps("env"):
        if not _VARIABLE.fullmatch(entry.text("name")):
            yield _problem(
                entry.text("name"),
                "the name of an environment variable",
                "letters, digits and underscores, without a digit at the start",
                entry.at_key("name"),
            )
    for port in container.maps("ports"):
        if "name" in port and not _PORT.fullmatch(port.text("name")):
            yield _problem(
                port.text("name"),
                "the name of a port",
                "up to 15 lowercase letters, digits and dashes",
                port.at_key("name"),
            )
