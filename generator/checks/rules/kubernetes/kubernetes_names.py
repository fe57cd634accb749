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

from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Span, error, warning
from generator.languages.node import Map, walk
from generator.system.api_server import is_stored
from generator.system.api_server.formats import FORMATS
from generator.system.api_server.objects import name_format
from generator.system.api_server.schema import is_unknown
from generator.system.kubernetes import Object

CODE = "checks/kubernetes-names"
ADVICE = "POSIX.1-2024, 8.1 Environment Variable Definition"
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
            if not _fits(volume.text("name"), "label"):
                yield _problem(volume.text("name"), "the name of a volume", _DNS, volume.at_key("name"))


def _fits(text: str, form: str) -> bool:
    return FORMATS[form].fits(text) or is_unknown(text)


def _keys(each: Object) -> Iterator[Finding]:
    for holder in (each.node.map("data"), each.node.map("stringData")):
        for key in holder:
            if not _fits(key, "data-key"):
                wanted = "letters, digits, dots, dashes and underscores"
                yield _problem(key, "a key of data", wanted, holder.key_place(key))


def _problem(text: str, what: str, wanted: str, at: Span) -> Finding:
    message = f"{text!r} is not valid as {what}" if text else f"{what} is missing"
    return error(CODE, message, at, hint=f"use {wanted}")


def _name(each: Object) -> Iterator[Finding]:
    form = name_format(each.kind) if each.is_builtin else "subdomain"
    is_unnamed = not each.name and (each.metadata.text("generateName") or not is_stored(each))
    if not _fits(each.name, form) and not is_unnamed:
        is_dns = form in ("label", "service-name")
        wanted = _DNS if is_dns else "lowercase letters, digits, dashes and dots"
        start = "; start with a letter" if form == "service-name" else ""
        yield _problem(each.name, f"the name of a {each.kind}", f"{wanted}{start}", each.at)
    if each.namespace and not _fits(each.namespace, "label"):
        yield _problem(each.namespace, "a namespace", _DNS, each.metadata.at_key("namespace"))


def _labels(each: Object) -> Iterator[Finding]:
    # Other kinds, and the schema in a CustomResourceDefinition, have fields of these names with another meaning.
    is_known = each.is_builtin and each.kind != "CustomResourceDefinition"
    whole = each.node if is_known else each.metadata
    for node in (node for node in walk(whole) if isinstance(node, Map)):
        for key in ("labels", "matchLabels", "annotations", "selector", "nodeSelector"):
            holder = node.map(key)
            if key == "selector" and (each.kind != "Service" or node is not each.spec):
                continue
            for name in holder:
                if not _fits(name, "qualified-name"):
                    yield _problem(
                        name,
                        "the key of a label or annotation",
                        "a name of up to 63 characters, optionally with a domain and a slash before it",
                        holder.key_place(name),
                    )
                if key != "annotations" and not _fits(holder.text(name), "label-value"):
                    yield _problem(
                        holder.text(name),
                        "the value of a label",
                        "up to 63 letters, digits, dots, dashes and underscores",
                        holder.at_key(name),
                    )
                if isinstance(holder.value(name), bool | int | float) and not is_unknown(holder.text(name)):
                    message = f"the value of {name} is {holder.text(name) or 'empty'}, expected a string"
                    yield error(
                        CODE, message, holder.at_key(name), hint=f'quote the value: "{holder.text(name)}"'
                    )


def _container(container: Map) -> Iterator[Finding]:
    if not _fits(container.text("name"), "label"):
        yield _problem(container.text("name"), "the name of a container", _DNS, container.at_key("name"))
    for entry in container.maps("env"):
        if not _fits(entry.text("name"), "variable"):
            yield _problem(
                entry.text("name"),
                "the name of an environment variable",
                "printable characters without =",
                entry.at_key("name"),
            )
        elif " " in entry.text("name"):
            message = f"no shell can read the variable {entry.text('name')!r}, which has a blank in its name"
            yield warning(CODE, message, entry.at_key("name"), hint="use letters, digits and underscores")
    for port in container.maps("ports"):
        if port.text("name") and not _fits(port.text("name"), "port-name"):
            yield _problem(
                port.text("name"),
                "the name of a port",
                "up to 15 lowercase letters, digits and dashes",
                port.at_key("name"),
            )
