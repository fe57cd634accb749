"""An object must satisfy the API server's own validation, which goes beyond the schema.

Fields that exclude each other, fields that require each other, and values that only the server validates:
rollout, restart policy, probes, ports, environment variables, volumes, jobs, autoscalers, Ingress paths,
addresses.

Why: a schema describes fields and types only. The API server also rejects `value` together with `valueFrom`,
a Job with `restartPolicy: Always`, and two unnamed ports, and it does so in the middle of a deployment.

Bad:

    env: [{name: PORT, value: 8000}]

Good:

    env: [{name: PORT, value: "8000"}]
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence

from generator.checks.agreement import is_within
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error
from generator.languages.node import Map, Seq
from generator.system import Container, System
from generator.system.kubernetes import PROBES, Object

CODE = "checks/api-rules"
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_RESTART = {"Job": ("Never", "OnFailure"), "CronJob": ("Never", "OnFailure")}
_COUNTS = (
    "replicas",
    "backoffLimit",
    "activeDeadlineSeconds",
    "ttlSecondsAfterFinished",
    "revisionHistoryLimit",
)
_PERCENT = re.compile(r"\d+%?")
_PATH_TYPES = ("Exact", "Prefix", "ImplementationSpecific")
_ACCESS = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
_PULL = ("Always", "IfNotPresent", "Never")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    documents = list(_documents(system))
    if not system.manifests and not documents:
        raise NotApplicableError("there are no manifests")
    for document in documents:
        yield from _identity(document)
    for each in system.workloads:
        yield from _workload(each)
    for container in system.containers:
        yield from _container(container)
        yield from _probes(container)
    for each in system.manifests:
        yield from _KINDS[each.kind](each) if each.kind in _KINDS else ()


def _documents(system: System) -> Iterator[Map]:
    """Yield each document of a manifest file that has only one of the keys `kind` and `apiVersion`."""
    for source in system.of_language("kubernetes"):
        whole = system.documents[source.path].node
        for document in whole.maps() if isinstance(whole, Seq) else ():
            is_kustomization = Object(source, document).is_kustomization
            if ("kind" in document) != ("apiVersion" in document) and not is_kustomization:
                yield document


def _identity(document: Map) -> Iterator[Finding]:
    missing, present = ("kind", "apiVersion") if "apiVersion" in document else ("apiVersion", "kind")
    yield _problem(
        f"the document has {present} but no {missing}", document.key_place(present), f"add {missing}"
    )


def _problem(message: str, at: Span, hint: str, *notes: Note) -> Finding:
    return error(CODE, message, at, notes=notes, hint=hint)


def _not_one_of(holder: Map, key: str, allowed: tuple[str, ...], what: str) -> Iterator[Finding]:
    text = holder.text(key)
    if key in holder and text not in allowed:
        yield _problem(
            f"{what} is {text or 'empty'}, expected {' or '.join(allowed)}",
            holder.at_key(key),
            f"write {allowed[0]}",
        )


def _workload(each: Object) -> Iterator[Finding]:
    spec = each.pod_spec
    if not each.containers:
        yield _problem(f"{each.identity} has no containers", each.at, "add containers to the pod spec")
    allowed = _RESTART.get(each.kind, ("Always",) if each.kind != "Pod" else ("Always", "Never", "OnFailure"))
    yield from _not_one_of(spec, "restartPolicy", allowed, f"restartPolicy of {each.identity}")
    if each.kind in _RESTART and "restartPolicy" not in spec:
        message = f"{each.identity} has no restartPolicy, and the default Always is not allowed"
        yield _problem(message, each.at, "set restartPolicy: Never")
    if each.kind in ("Deployment", "StatefulSet", "DaemonSet") and not each.spec.map("selector"):
        hint = "add selector.matchLabels with the labels of its pods"
        yield _problem(f"{each.identity} has no selector", each.at, hint)
    yield from _unique_names(
        [container.node for container in each.all_containers], f"containers of {each.identity}"
    )
    yield from _unique_names(spec.maps("volumes"), f"volumes of {each.identity}")
    for volume in spec.maps("volumes"):
        sources = [key for key in volume if key != "name"]
        if len(sources) != 1:
            message = f"the volume {volume.text('name')} has {len(sources)} types, expected one"
            yield _problem(message, volume.at_key("name"), "keep one type, for example emptyDir: {}")
    yield from _strategy(each)
    yield from _counts(spec, ("terminationGracePeriodSeconds", "activeDeadlineSeconds"))
    yield from _counts(each.spec, _COUNTS)
    for constraint in spec.maps("topologySpreadConstraints"):
        yield from _spread(constraint)


def _unique_names(named: Sequence[Map], what: str) -> Iterator[Finding]:
    seen: dict[str, Span] = {}
    for each in named:
        name = each.text("name")
        if name in seen:
            note = Note("the first one is here", seen[name])
            yield _problem(f"two {what} have the name {name}", each.at_key("name"), "rename one", note)
        seen[name] = each.at_key("name")


def _spread(constraint: Map) -> Iterator[Finding]:
    allowed = ("DoNotSchedule", "ScheduleAnyway")
    yield from _not_one_of(constraint, "whenUnsatisfiable", allowed, "whenUnsatisfiable")
    key = constraint.text("topologyKey")
    if "/" not in key:
        message = f"topologyKey is {key or 'empty'}, expected a label of nodes"
        yield _problem(message, constraint.at_key("topologyKey"), "write kubernetes.io/hostname")
    if constraint.text("maxSkew") in ("", "0"):
        yield _problem("maxSkew must be 1 or more", constraint.at_key("maxSkew"), "write maxSkew: 1")


def _strategy(each: Object) -> Iterator[Finding]:
    strategy = each.spec.map("strategy" if each.kind == "Deployment" else "updateStrategy")
    kinds = ("RollingUpdate", "Recreate") if each.kind == "Deployment" else ("RollingUpdate", "OnDelete")
    yield from _not_one_of(strategy, "type", kinds, f"the strategy of {each.identity}")
    rolling = strategy.map("rollingUpdate")
    if strategy.text("type") == "Recreate" and "rollingUpdate" in strategy:
        yield _problem(
            "the strategy Recreate does not allow rollingUpdate",
            strategy.key_place("rollingUpdate"),
            "remove rollingUpdate",
        )
    for key in ("maxSurge", "maxUnavailable"):
        if key in rolling and not _PERCENT.fullmatch(rolling.text(key)):
            yield _problem(
                f"{key} is {rolling.text(key)}, expected a number or a percentage",
                rolling.at_key(key),
                "write 1 or 25%",
            )
    if rolling.text("maxSurge") in ("0", "0%") and rolling.text("maxUnavailable") in ("0", "0%"):
        yield _problem(
            "maxSurge and maxUnavailable are both 0, so no pod can be replaced",
            rolling.at_key("maxSurge"),
            "set maxSurge to 25%",
        )


def _counts(holder: Map, keys: tuple[str, ...]) -> Iterator[Finding]:
    for key in keys:
        if key in holder and not _is_number(holder, key, 0):
            yield _problem(
                f"{key} is {holder.text(key) or 'empty'}, expected a whole number of 0 or more",
                holder.at_key(key),
                "write a whole number",
            )


def _is_number(holder: Map, key: str, least: int) -> bool:
    number = holder.value(key)
    return isinstance(number, int) and not isinstance(number, bool) and number >= least


def _container(container: Container) -> Iterator[Finding]:
    data = container.node
    yield from _not_one_of(data, "imagePullPolicy", _PULL, "imagePullPolicy")
    for entry in data.maps("env"):
        yield from _variable(entry)
    seen: dict[tuple[str, str], Span] = {}
    for port in data.maps("ports"):
        yield from _port(port, "containerPort")
        number = (port.text("containerPort"), port.text("protocol") or "TCP")
        if number in seen:
            note = Note("the first one is here", seen[number])
            yield _problem(
                f"port {number[0]} is listed twice", port.at_key("containerPort"), "remove one", note
            )
        seen[number] = port.at_key("containerPort")
    for mount in data.maps("volumeMounts"):
        path = mount.text("mountPath")
        if not path.startswith("/") or ":" in path:
            hint = "write a path that starts with / and has no colon"
            message = f"mountPath is {path or 'empty'}, expected an absolute path without a colon"
            yield _problem(message, mount.at_key("mountPath"), hint)


def _variable(entry: Map) -> Iterator[Finding]:
    name, sources = entry.text("name"), entry.map("valueFrom")
    if "value" in entry and "valueFrom" in entry:
        yield _problem(
            f"{name} has both value and valueFrom", entry.key_place("valueFrom"), "keep one of them"
        )
    if "value" in entry and not isinstance(entry.value("value"), str):
        text = entry.text("value")
        message = f"{name} is {text or 'empty'}, expected a string"
        yield _problem(message, entry.at_key("value"), f'quote the value: "{text}"')
    if "valueFrom" in entry and len(sources) != 1:
        yield _problem(
            f"valueFrom of {name} has {len(sources)} sources, expected one", entry.at_key("name"), "keep one"
        )
    for key in ("secretKeyRef", "configMapKeyRef"):
        reference = sources.map(key)
        if reference and not (reference.text("name") and reference.text("key")):
            yield _problem(f"{key} of {name} has no name or no key", reference.at, "add name and key")


def _port(holder: Map, key: str) -> Iterator[Finding]:
    number = holder.value(key)
    if key in holder and (not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 65536):
        yield _problem(
            f"{key} is {holder.text(key) or 'empty'}, expected a number from 1 to 65535",
            holder.at_key(key),
            "write a port number without quotes",
        )
    yield from _not_one_of(holder, "protocol", ("TCP", "UDP", "SCTP"), "protocol")


def _probes(container: Container) -> Iterator[Finding]:
    hooks = container.node.map("lifecycle")
    for name in PROBES:
        probe = container.node.map(name)
        handlers = [kind for kind in _HANDLERS if kind in probe]
        if name in container.node and len(handlers) != 1:
            yield _problem(
                f"{name} of {container.what} has {len(handlers)} handlers, expected one",
                container.node.key_place(name),
                "keep one of httpGet, exec, tcpSocket and grpc",
            )
        for key in ("periodSeconds", "timeoutSeconds", "failureThreshold", "successThreshold"):
            if key in probe and not _is_number(probe, key, 1):
                yield _problem(
                    f"{key} is {probe.text(key) or 'empty'}, expected a whole number of 1 or more",
                    probe.at_key(key),
                    "write 1 or more",
                )
        yield from _counts(probe, ("initialDelaySeconds",))
        if name != "readinessProbe" and probe.text("successThreshold") not in ("", "1"):
            yield _problem(
                f"successThreshold of a {name} must be 1", probe.at_key("successThreshold"), "remove it"
            )
        yield from _http(probe.map("httpGet"))
        if "exec" in probe and not probe.map("exec").seq("command"):
            yield _problem(
                f"exec in {name} of {container.what} has no command", probe.key_place("exec"), "add command"
            )
    for name in ("postStart", "preStop"):
        handlers = [kind for kind in (*_HANDLERS, "sleep") if kind in hooks.map(name)]
        if name in hooks and len(handlers) != 1:
            yield _problem(
                f"{name} of {container.what} has {len(handlers)} handlers, expected one",
                hooks.key_place(name),
                "keep one of exec, httpGet and sleep",
            )


def _http(get: Map) -> Iterator[Finding]:
    if get and not get.text("path").startswith("/") and "path" in get:
        yield _problem(
            f"the path {get.text('path')} does not start with a slash",
            get.at_key("path"),
            f"write /{get.text('path')}",
        )
    if get and "port" not in get:
        yield _problem("httpGet has no port", get.at, "add port")
    yield from _not_one_of(get, "scheme", ("HTTP", "HTTPS"), "scheme")


def _service(each: Object) -> Iterator[Finding]:
    ports = each.spec.maps("ports")
    kinds = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
    yield from _not_one_of(each.spec, "type", kinds, f"the type of {each.identity}")
    if not ports and each.spec.text("clusterIP") != "None" and each.spec.text("type") != "ExternalName":
        yield _problem(f"{each.identity} has no ports", each.at, "add ports")
    seen: dict[tuple[str, str], Span] = {}
    for port in ports:
        yield from _port(port, "port")
        if isinstance(port.value("targetPort"), int):
            yield from _port(port, "targetPort")
        if len(ports) > 1 and "name" not in port:
            yield _problem(
                f"{each.identity} has several ports, and this port has no name",
                port.at_key("port"),
                "add a name to each port",
            )
        key = (port.text("port"), port.text("protocol") or "TCP")
        if key in seen:
            note = Note("the first one is here", seen[key])
            yield _problem(
                f"port {key[0]} of {each.identity} is listed twice", port.at_key("port"), "remove one", note
            )
        seen[key] = port.at_key("port")


def _ingress(each: Object) -> Iterator[Finding]:
    if not each.spec.maps("rules") and not each.spec.map("defaultBackend"):
        yield _problem(f"{each.identity} has neither rules nor a default backend", each.at, "add rules")
    for rule in each.spec.maps("rules"):
        host = rule.text("host")
        if "host" in rule and not re.fullmatch(
            r"(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", host
        ):
            yield _problem(
                f"host is {host or 'empty'}, expected a domain name",
                rule.at_key("host"),
                "write the domain name without https:// and port",
            )
        for path in rule.map("http").maps("paths"):
            yield from _not_one_of(path, "pathType", _PATH_TYPES, "pathType")
            if "pathType" not in path:
                yield _problem("the path has no pathType", path.at_key("path"), "add pathType: Prefix")
            if path.text("pathType") != "ImplementationSpecific" and not path.text("path").startswith("/"):
                yield _problem(
                    f"the path {path.text('path') or ''} does not start with a slash",
                    path.at_key("path"),
                    "write /",
                )
            port = path.map("backend", "service", "port")
            if (
                path.map("backend", "service")
                and len([key for key in ("number", "name") if key in port]) != 1
            ):
                yield _problem(
                    "the port of the backend must have either a number or a name",
                    path.at,
                    "write port: {number: 80}",
                )


def _scaler(each: Object) -> Iterator[Finding]:
    for key in ("minReplicas", "maxReplicas"):
        if key in each.spec and not _is_number(each.spec, key, 1):
            yield _problem(
                f"{key} is {each.spec.text(key) or 'empty'}, expected a whole number of 1 or more",
                each.spec.at_key(key),
                "write 1 or more",
            )
    if "maxReplicas" not in each.spec:
        yield _problem(f"{each.identity} has no maxReplicas", each.at, "add maxReplicas")
    for metric in each.spec.maps("metrics"):
        target = metric.map("resource", "target")
        if target.text("type") == "Utilization" and "averageUtilization" not in target:
            yield _problem(
                "a target of type Utilization needs averageUtilization",
                target.at,
                "add averageUtilization: 70",
            )


def _budget(each: Object) -> Iterator[Finding]:
    keys = [key for key in ("minAvailable", "maxUnavailable") if key in each.spec]
    if len(keys) != 1:
        yield _problem(
            f"{each.identity} has {' and '.join(keys) or 'no minAvailable or maxUnavailable'}, expected one",
            each.at,
            "write only maxUnavailable: 1",
        )
    for key in keys:
        if not _PERCENT.fullmatch(each.spec.text(key)):
            yield _problem(
                f"{key} is {each.spec.text(key)}, expected a number or a percentage",
                each.spec.at_key(key),
                "write 1 or 25%",
            )


def _policy(each: Object) -> Iterator[Finding]:
    for leaf in each.spec.seq("policyTypes").leaves():
        if leaf.text not in ("Ingress", "Egress"):
            yield _problem(f"unknown policy type {leaf.text}", leaf.at, "write Ingress or Egress")
    for side, peers in (("ingress", "from"), ("egress", "to")):
        for rule in each.spec.maps(side):
            for port in rule.maps("ports"):
                if isinstance(port.value("port"), int):
                    yield from _port(port, "port")
            for peer in rule.maps(peers):
                block = peer.map("ipBlock")
                if block and len(peer) > 1:
                    yield _problem(
                        "a peer cannot combine ipBlock with selectors",
                        peer.key_place("ipBlock"),
                        "write two peers",
                    )
                yield from _block(block) if block else ()


def _block(block: Map) -> Iterator[Finding]:
    try:
        whole = ipaddress.ip_network(block.text("cidr"))
    except ValueError:
        yield _problem(
            f"cidr is {block.text('cidr') or 'empty'}, expected an address range",
            block.at_key("cidr"),
            "write, for example, 10.0.1.0/24",
        )
        return
    for leaf in block.seq("except").leaves():
        try:
            inside = ipaddress.ip_network(leaf.text)
        except ValueError:
            yield _problem(f"{leaf.text} is not an address range", leaf.at, "write, for example, 10.0.0.0/16")
            continue
        if not is_within(inside, whole) or inside == whole:
            note = Note("the range", block.at_key("cidr"))
            yield _problem(
                f"the exception {leaf.text} is not inside {whole}", leaf.at, f"write a part of {whole}", note
            )


def _claim(each: Object) -> Iterator[Finding]:
    modes = each.spec.seq("accessModes").leaves()
    if not modes:
        yield _problem(f"{each.identity} has no accessModes", each.at, "add accessModes: [ReadWriteOnce]")
    for mode in modes:
        if mode.text not in _ACCESS:
            yield _problem(f"unknown access mode {mode.text}", mode.at, f"write one of {', '.join(_ACCESS)}")


def _config(each: Object) -> Iterator[Finding]:
    data = each.node.map("data")
    for key in data:
        if not isinstance(data.value(key), str):
            yield _problem(
                f"the value of {key} is not a string, as a ConfigMap requires",
                data.at_key(key),
                "quote the value, or write a block with |",
            )


def _storage(each: Object) -> Iterator[Finding]:
    yield from _not_one_of(
        each.node, "volumeBindingMode", ("WaitForFirstConsumer", "Immediate"), "volumeBindingMode"
    )
    yield from _not_one_of(each.node, "reclaimPolicy", ("Delete", "Retain"), "reclaimPolicy")
    if not each.node.text("provisioner"):
        yield _problem(f"{each.identity} has no provisioner", each.at, "add provisioner: ebs.csi.aws.com")
    parameters = each.node.map("parameters")
    for key in parameters:
        if not isinstance(parameters.value(key), str):
            yield _problem(
                f"the value of {key} is not a string",
                parameters.at_key(key),
                f'quote the value: "{parameters.text(key)}"',
            )


_KINDS = {
    "Service": _service,
    "Ingress": _ingress,
    "HorizontalPodAutoscaler": _scaler,
    "PodDisruptionBudget": _budget,
    "NetworkPolicy": _policy,
    "PersistentVolumeClaim": _claim,
    "ConfigMap": _config,
    "StorageClass": _storage,
}
