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
from generator.checks.rule import Context, NotApplicable
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
        raise NotApplicable("there are no manifests")
    for document in documents:
        yield from _identified(document)
    for each in system.workloads:
        yield from _workload(each)
    for container in system.containers:
        yield from _container(container)
        yield from _probes(container)
    for each in system.manifests:
        yield from _KINDS[each.kind](each) if each.kind in _KINDS else ()


def _documents(system: System) -> Iterator[Map]:
    """Yield the documents of manifest files that are no objects, because one of the two keys is missing."""
    for source in system.of_language("kubernetes"):
        whole = system.documents[source.path].node
        for document in whole.maps() if isinstance(whole, Seq) else ():
            is_kustomization = Object(source, document).is_kustomization
            if ("kind" in document) != ("apiVersion" in document) and not is_kustomization:
                yield document


def _identified(document: Map) -> Iterator[Finding]:
    missing, present = ("kind", "apiVersion") if "apiVersion" in document else ("apiVersion", "kind")
    yield _wrong(
        f"the document has {present} and no {missing}", document.key_place(present), f"add {missing}"
    )


def _wrong(message: str, at: Span, hint: str, *notes: Note) -> Finding:
    return error(CODE, message, at, notes=notes, hint=hint)


def _not_one_of(holder: Map, key: str, allowed: tuple[str, ...], what: str) -> Iterator[Finding]:
    text = holder.text(key)
    if key in holder and text not in allowed:
        yield _wrong(
            f"{what} is {text or 'nothing'}, expected {' or '.join(allowed)}",
            holder.at_key(key),
            f"write {allowed[0]}",
        )


def _workload(each: Object) -> Iterator[Finding]:
    spec = each.pod_spec
    if not each.containers:
        yield _wrong(f"{each.identity} has no containers", each.at, "add containers to its pods")
    allowed = _RESTART.get(each.kind, ("Always",) if each.kind != "Pod" else ("Always", "Never", "OnFailure"))
    yield from _not_one_of(spec, "restartPolicy", allowed, f"restartPolicy of {each.identity}")
    if each.kind in _RESTART and "restartPolicy" not in spec:
        message = f"{each.identity} says no restartPolicy, and Always is refused"
        yield _wrong(message, each.at, "set restartPolicy: Never")
    if each.kind in ("Deployment", "StatefulSet", "DaemonSet") and not each.spec.map("selector"):
        hint = "add selector.matchLabels with the labels of its pods"
        yield _wrong(f"{each.identity} has no selector", each.at, hint)
    yield from _once([container.node for container in each.all_containers], f"containers of {each.identity}")
    yield from _once(spec.maps("volumes"), f"volumes of {each.identity}")
    for volume in spec.maps("volumes"):
        sources = [key for key in volume if key != "name"]
        if len(sources) != 1:
            message = f"the volume {volume.text('name')} is of {len(sources)} kinds, expected one"
            yield _wrong(message, volume.at_key("name"), "keep one, as emptyDir: {}")
    yield from _strategy(each)
    yield from _numbers(spec, ("terminationGracePeriodSeconds", "activeDeadlineSeconds"))
    yield from _numbers(each.spec, _COUNTS)
    for constraint in spec.maps("topologySpreadConstraints"):
        yield from _spread(constraint)


def _once(named: Sequence[Map], what: str) -> Iterator[Finding]:
    seen: dict[str, Span] = {}
    for each in named:
        name = each.text("name")
        if name in seen:
            note = Note("the first", seen[name])
            yield _wrong(f"two {what} are called {name}", each.at_key("name"), "rename one", note)
        seen[name] = each.at_key("name")


def _spread(constraint: Map) -> Iterator[Finding]:
    allowed = ("DoNotSchedule", "ScheduleAnyway")
    yield from _not_one_of(constraint, "whenUnsatisfiable", allowed, "whenUnsatisfiable")
    key = constraint.text("topologyKey")
    if "/" not in key:
        message = f"{key or 'nothing'} is no label that nodes have"
        yield _wrong(message, constraint.at_key("topologyKey"), "write kubernetes.io/hostname")
    if constraint.text("maxSkew") in ("", "0"):
        yield _wrong("maxSkew must be 1 or more", constraint.at_key("maxSkew"), "write maxSkew: 1")


def _strategy(each: Object) -> Iterator[Finding]:
    strategy = each.spec.map("strategy" if each.kind == "Deployment" else "updateStrategy")
    kinds = ("RollingUpdate", "Recreate") if each.kind == "Deployment" else ("RollingUpdate", "OnDelete")
    yield from _not_one_of(strategy, "type", kinds, f"the strategy of {each.identity}")
    rolling = strategy.map("rollingUpdate")
    if strategy.text("type") == "Recreate" and "rollingUpdate" in strategy:
        yield _wrong("Recreate takes no rollingUpdate", strategy.key_place("rollingUpdate"), "remove it")
    for key in ("maxSurge", "maxUnavailable"):
        if key in rolling and not _PERCENT.fullmatch(rolling.text(key)):
            yield _wrong(
                f"{key} is {rolling.text(key)}, expected a number or a share",
                rolling.at_key(key),
                "write 1 or 25%",
            )
    if rolling.text("maxSurge") in ("0", "0%") and rolling.text("maxUnavailable") in ("0", "0%"):
        yield _wrong(
            "maxSurge and maxUnavailable are both 0, so nothing can ever change",
            rolling.at_key("maxSurge"),
            "set maxSurge to 25%",
        )


def _numbers(holder: Map, keys: tuple[str, ...]) -> Iterator[Finding]:
    for key in keys:
        if key in holder and not _is_number(holder, key, 0):
            yield _wrong(
                f"{key} is {holder.text(key) or 'nothing'}, expected a number from 0 on",
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
            note = Note("the first", seen[number])
            yield _wrong(f"port {number[0]} stands twice", port.at_key("containerPort"), "remove one", note)
        seen[number] = port.at_key("containerPort")
    for mount in data.maps("volumeMounts"):
        path = mount.text("mountPath")
        if not path.startswith("/") or ":" in path:
            hint = "write a path that begins with /, without a colon"
            yield _wrong(f"mountPath is {path or 'nothing'}", mount.at_key("mountPath"), hint)


def _variable(entry: Map) -> Iterator[Finding]:
    name, sources = entry.text("name"), entry.map("valueFrom")
    if "value" in entry and "valueFrom" in entry:
        yield _wrong(
            f"{name} has a value and a valueFrom", entry.key_place("valueFrom"), "keep one of the two"
        )
    if "value" in entry and not isinstance(entry.value("value"), str):
        what = entry.text("value") or "nothing"
        message = f"{name} is {what}, and Kubernetes takes only texts"
        yield _wrong(message, entry.at_key("value"), f'write "{what}" in quotes')
    if "valueFrom" in entry and len(sources) != 1:
        yield _wrong(
            f"{name} comes from {len(sources)} sources, expected one", entry.at_key("name"), "keep one"
        )
    for key in ("secretKeyRef", "configMapKeyRef"):
        reference = sources.map(key)
        if reference and not (reference.text("name") and reference.text("key")):
            yield _wrong(f"{key} of {name} lacks its name or its key", reference.at, "write name: and key:")


def _port(holder: Map, key: str) -> Iterator[Finding]:
    number = holder.value(key)
    if key in holder and (not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 65536):
        yield _wrong(
            f"{key} is {holder.text(key) or 'nothing'}, expected a number from 1 to 65535",
            holder.at_key(key),
            "write a port, without quotes",
        )
    yield from _not_one_of(holder, "protocol", ("TCP", "UDP", "SCTP"), "protocol")


def _probes(container: Container) -> Iterator[Finding]:
    hooks = container.node.map("lifecycle")
    for name in PROBES:
        probe = container.node.map(name)
        handlers = [kind for kind in _HANDLERS if kind in probe]
        if name in container.node and len(handlers) != 1:
            yield _wrong(
                f"{name} of {container.what} asks in {len(handlers)} ways, expected one",
                container.node.key_place(name),
                "keep one of httpGet, exec, tcpSocket and grpc",
            )
        for key in ("periodSeconds", "timeoutSeconds", "failureThreshold", "successThreshold"):
            if key in probe and not _is_number(probe, key, 1):
                yield _wrong(
                    f"{key} is {probe.text(key) or 'nothing'}, expected a number from 1 on",
                    probe.at_key(key),
                    "write 1 or more",
                )
        yield from _numbers(probe, ("initialDelaySeconds",))
        if name != "readinessProbe" and probe.text("successThreshold") not in ("", "1"):
            yield _wrong(
                f"successThreshold of a {name} must be 1", probe.at_key("successThreshold"), "remove it"
            )
        yield from _http(probe.map("httpGet"))
        if "exec" in probe and not probe.map("exec").seq("command"):
            yield _wrong(
                f"{name} of {container.what} runs no command", probe.key_place("exec"), "add command"
            )
    for name in ("postStart", "preStop"):
        if name in hooks and len([kind for kind in (*_HANDLERS, "sleep") if kind in hooks.map(name)]) != 1:
            yield _wrong(
                f"{name} of {container.what} does not do one thing",
                hooks.key_place(name),
                "keep one of exec, httpGet and sleep",
            )


def _http(get: Map) -> Iterator[Finding]:
    if get and not get.text("path").startswith("/") and "path" in get:
        yield _wrong(
            f"the path {get.text('path')} does not begin with a slash",
            get.at_key("path"),
            f"write /{get.text('path')}",
        )
    if get and "port" not in get:
        yield _wrong("httpGet says no port", get.at, "add port")
    yield from _not_one_of(get, "scheme", ("HTTP", "HTTPS"), "scheme")


def _service(each: Object) -> Iterator[Finding]:
    ports = each.spec.maps("ports")
    kinds = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
    yield from _not_one_of(each.spec, "type", kinds, f"the type of {each.identity}")
    if not ports and each.spec.text("clusterIP") != "None" and each.spec.text("type") != "ExternalName":
        yield _wrong(f"{each.identity} has no ports", each.at, "add ports")
    seen: dict[tuple[str, str], Span] = {}
    for port in ports:
        yield from _port(port, "port")
        if isinstance(port.value("targetPort"), int):
            yield from _port(port, "targetPort")
        if len(ports) > 1 and "name" not in port:
            yield _wrong(
                f"{each.identity} has several ports, and this one has no name",
                port.at_key("port"),
                "give each a name",
            )
        key = (port.text("port"), port.text("protocol") or "TCP")
        if key in seen:
            note = Note("the first", seen[key])
            yield _wrong(
                f"port {key[0]} of {each.identity} stands twice", port.at_key("port"), "remove one", note
            )
        seen[key] = port.at_key("port")


def _ingress(each: Object) -> Iterator[Finding]:
    if not each.spec.maps("rules") and not each.spec.map("defaultBackend"):
        yield _wrong(f"{each.identity} has neither rules nor a default backend", each.at, "add rules")
    for rule in each.spec.maps("rules"):
        host = rule.text("host")
        if "host" in rule and not re.fullmatch(
            r"(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", host
        ):
            yield _wrong(
                f"{host or 'nothing'} is no host",
                rule.at_key("host"),
                "write a domain name, without https:// and port",
            )
        for path in rule.map("http").maps("paths"):
            yield from _not_one_of(path, "pathType", _PATH_TYPES, "pathType")
            if "pathType" not in path:
                yield _wrong("the path says no pathType", path.at_key("path"), "add pathType: Prefix")
            if path.text("pathType") != "ImplementationSpecific" and not path.text("path").startswith("/"):
                yield _wrong(
                    f"the path {path.text('path') or ''} does not begin with a slash",
                    path.at_key("path"),
                    "write /",
                )
            port = path.map("backend", "service", "port")
            if (
                path.map("backend", "service")
                and len([key for key in ("number", "name") if key in port]) != 1
            ):
                yield _wrong(
                    "the backend says its port by number or by name, one of the two",
                    path.at,
                    "write port: {number: 80}",
                )


def _scaler(each: Object) -> Iterator[Finding]:
    for key in ("minReplicas", "maxReplicas"):
        if key in each.spec and not _is_number(each.spec, key, 1):
            yield _wrong(
                f"{key} is {each.spec.text(key) or 'nothing'}, expected a number from 1 on",
                each.spec.at_key(key),
                "write 1 or more",
            )
    if "maxReplicas" not in each.spec:
        yield _wrong(f"{each.identity} says no maxReplicas", each.at, "add maxReplicas")
    for metric in each.spec.maps("metrics"):
        target = metric.map("resource", "target")
        if target.text("type") == "Utilization" and "averageUtilization" not in target:
            yield _wrong(
                "a target of the type Utilization needs averageUtilization",
                target.at,
                "add averageUtilization: 70",
            )


def _budget(each: Object) -> Iterator[Finding]:
    keys = [key for key in ("minAvailable", "maxUnavailable") if key in each.spec]
    if len(keys) != 1:
        yield _wrong(
            f"{each.identity} says {' and '.join(keys) or 'neither minAvailable nor maxUnavailable'}",
            each.at,
            "keep maxUnavailable: 1",
        )
    for key in keys:
        if not _PERCENT.fullmatch(each.spec.text(key)):
            yield _wrong(
                f"{key} is {each.spec.text(key)}, expected a number or a share",
                each.spec.at_key(key),
                "write 1 or 25%",
            )


def _policy(each: Object) -> Iterator[Finding]:
    for leaf in each.spec.seq("policyTypes").leaves():
        if leaf.text not in ("Ingress", "Egress"):
            yield _wrong(f"no policy is of the type {leaf.text}", leaf.at, "write Ingress or Egress")
    for side, peers in (("ingress", "from"), ("egress", "to")):
        for rule in each.spec.maps(side):
            for port in rule.maps("ports"):
                if isinstance(port.value("port"), int):
                    yield from _port(port, "port")
            for peer in rule.maps(peers):
                block = peer.map("ipBlock")
                if block and len(peer) > 1:
                    yield _wrong(
                        "ipBlock stands alone, without selectors",
                        peer.key_place("ipBlock"),
                        "make two peers of it",
                    )
                yield from _block(block) if block else ()


def _block(block: Map) -> Iterator[Finding]:
    try:
        whole = ipaddress.ip_network(block.text("cidr"))
    except ValueError:
        yield _wrong(
            f"{block.text('cidr') or 'nothing'} is no range of addresses",
            block.at_key("cidr"),
            "write, for example, 10.0.1.0/24",
        )
        return
    for leaf in block.seq("except").leaves():
        try:
            inside = ipaddress.ip_network(leaf.text)
        except ValueError:
            yield _wrong(f"{leaf.text} is no range of addresses", leaf.at, "write, for example, 10.0.0.0/16")
            continue
        if not is_within(inside, whole) or inside == whole:
            note = Note("the whole range", block.at_key("cidr"))
            yield _wrong(
                f"{leaf.text} is no part of {whole}", leaf.at, "except what is inside of the range", note
            )


def _claim(each: Object) -> Iterator[Finding]:
    modes = each.spec.seq("accessModes").leaves()
    if not modes:
        yield _wrong(f"{each.identity} says no accessModes", each.at, "add accessModes: [ReadWriteOnce]")
    for mode in modes:
        if mode.text not in _ACCESS:
            yield _wrong(
                f"there is no access mode {mode.text}", mode.at, f"write one of {', '.join(_ACCESS)}"
            )


def _config(each: Object) -> Iterator[Finding]:
    data = each.node.map("data")
    for key in data:
        if not isinstance(data.value(key), str):
            yield _wrong(
                f"{key} is no text, and a ConfigMap holds only texts",
                data.at_key(key),
                "write it in quotes, or as a block with |",
            )


def _storage(each: Object) -> Iterator[Finding]:
    yield from _not_one_of(
        each.node, "volumeBindingMode", ("WaitForFirstConsumer", "Immediate"), "volumeBindingMode"
    )
    yield from _not_one_of(each.node, "reclaimPolicy", ("Delete", "Retain"), "reclaimPolicy")
    if not each.node.text("provisioner"):
        yield _wrong(f"{each.identity} names no provisioner", each.at, "add provisioner: ebs.csi.aws.com")
    parameters = each.node.map("parameters")
    for key in parameters:
        if not isinstance(parameters.value(key), str):
            yield _wrong(
                f"{key} is no text", parameters.at_key(key), f'write "{parameters.text(key)}" in quotes'
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
