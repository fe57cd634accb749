"""How the fields of pods relate: handlers, sources of volumes, mounts, ports, resources, security, scheduling.

Source: pkg/apis/core/validation/validation.go of github.com/kubernetes/kubernetes, 1.35; the functions are named
below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from generator.languages.node import Map
from generator.system.api_server.formats import FORMATS
from generator.system.api_server.schema import Here, Refusal, Rules, go_value, is_absent, is_unknown
from generator.system.quantities import amount

_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_VARIABLE_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
_HOOKS = ("exec", "httpGet", "tcpSocket", "sleep")
_OVERCOMMITTED = frozenset(["cpu", "memory", "ephemeral-storage"])
_OF_VARIABLES = frozenset(
    "metadata.name metadata.namespace metadata.uid spec.nodeName spec.serviceAccountName status.hostIP status.hostIPs"
    " status.podIP status.podIPs".split()
)
_OF_FILES = frozenset(
    "metadata.name metadata.namespace metadata.uid metadata.labels metadata.annotations".split()
)
_SUBSCRIPT = re.compile(r"metadata\.(?:labels|annotations)\['[^']+'\]")
_OF_RESOURCES = re.compile(r"(?:limits|requests)\.(?:cpu|memory|ephemeral-storage|hugepages-\w+)")
_NO_COMPARISON = 35  # the last minor version in which Lt and Gt of tolerations are off by default
_RESOURCES = _OVERCOMMITTED | {"storage"}


def one_of(node: Map, here: Here, keys: Sequence[str], what: str, least: int = 1) -> Iterator[Refusal]:
    """Yield a refusal unless a part has one of `keys`; with `least` 0, it may have none."""
    present = [key for key in keys if isinstance(node.get(key), Map) or not is_absent(node.get(key))]
    if len(present) > 1:
        yield here.refuse(node, present[1], f"excludes {present[0]}: expected one {what}", "keep one of them")
    elif len(present) < least:
        yield here.refuse(node, "", f"has no {what}", f"add one of {', '.join(keys)}")


def unique(items: Sequence[Map], key: str, here: Here) -> Iterator[Refusal]:
    """Yield a refusal for each item with a value of `key` that an earlier item has."""
    seen: set[str] = set()
    for item in items:
        text = item.text(key)
        if text and text in seen and not is_unknown(text):
            yield here.refuse(item, key, f"is {text} in two items", "rename or remove one")
        seen.add(text)


def pod_spec(spec: Map, here: Here) -> Iterator[Refusal]:
    """ValidatePodSpec."""
    containers = [*spec.maps("initContainers"), *spec.maps("containers")]
    yield from unique(containers, "name", here._replace(path=f"{here.path}.containers[]"))
    volumes = spec.maps("volumes")
    yield from unique(volumes, "name", here._replace(path=f"{here.path}.volumes[]"))
    names = {each.text("name") for each in volumes}
    names |= {each.text("metadata", "name") for each in here.each.spec.maps("volumeClaimTemplates")}
    for container in containers:
        yield from _mounts(container, names, here)
    for container in spec.maps("initContainers"):
        yield from _starts(container, here._replace(path=f"{here.path}.initContainers[]"))
    yield from _host_ports(spec, here)
    yield from _sleeps(spec, here)
    yield from _spreads(spec, here._replace(path=f"{here.path}.topologySpreadConstraints[]"))
    settings = here._replace(path=f"{here.path}.securityContext.sysctls[]")
    yield from unique(spec.map("securityContext").maps("sysctls"), "name", settings)
    if spec.text("dnsPolicy") == "None" and not spec.seq("dnsConfig", "nameservers"):
        fact = "is None, which needs dnsConfig with nameservers"
        yield here.refuse(spec, "dnsPolicy", fact, "add dnsConfig.nameservers")
    if spec.value("hostPID") is True and spec.value("shareProcessNamespace") is True:
        yield here.refuse(spec, "shareProcessNamespace", "excludes hostPID", "keep one of them")
    if len(spec.seq("dnsConfig", "nameservers")) > 3:
        yield here.refuse(spec.map("dnsConfig"), "nameservers", "has more than 3 items", "keep at most 3")


def _starts(container: Map, here: Here) -> Iterator[Refusal]:
    """validateInitContainers."""
    for key in ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe"):
        if key in container and container.text("restartPolicy") != "Always":
            yield here.refuse(container, key, "needs restartPolicy: Always", "remove it")


def _mounts(container: Map, names: set[str], here: Here) -> Iterator[Refusal]:
    """ValidateVolumeMounts."""
    at = here._replace(path=f"{here.path}.containers[].volumeMounts[]")
    yield from unique(container.maps("volumeMounts"), "mountPath", at)
    for mount in container.maps("volumeMounts"):
        name = mount.text("name")
        if name not in names and not (is_unknown(name) or any(map(is_unknown, names))):
            hint = "add it to the volumes of the pod, or correct the name"
            yield at.refuse(mount, "name", f"is {name or 'missing'}: the pod has no such volume", hint)
        is_shared = mount.text("mountPropagation") == "Bidirectional"
        if is_shared and container.value("securityContext", "privileged") is not True:
            fact = "is Bidirectional, which needs a privileged container"
            yield at.refuse(mount, "mountPropagation", fact, "write HostToContainer")
        is_recursive = mount.text("recursiveReadOnly") not in ("", "Disabled")
        if is_recursive and mount.value("readOnly") is not True:
            yield at.refuse(mount, "recursiveReadOnly", "needs readOnly: true", "add readOnly: true")
        if (
            "subPath" in mount
            and not is_absent(mount.get("subPath"))
            and not is_absent(mount.get("subPathExpr"))
        ):
            yield at.refuse(mount, "subPathExpr", "excludes subPath", "keep one of them")


def _host_ports(spec: Map, here: Here) -> Iterator[Refusal]:
    """checkHostPortConflicts, validateHostNetwork."""
    at = here._replace(path=f"{here.path}.containers[].ports[]")
    on_host = spec.value("hostNetwork") is True
    seen: set[tuple[int, str, str]] = set()
    for port in (port for container in spec.maps("containers") for port in container.maps("ports")):
        number = go_number(port, "hostPort")
        if not number:
            continue
        if on_host and number != go_number(port, "containerPort"):
            fact = "differs from containerPort, which hostNetwork does not allow"
            yield at.refuse(port, "hostPort", fact, "remove it")
        key = (number, port.text("protocol") or "TCP", port.text("hostIP"))
        if key in seen:
            yield at.refuse(port, "hostPort", f"is {number} in two items", "remove one")
        seen.add(key)


def _sleeps(spec: Map, here: Here) -> Iterator[Refusal]:
    """validateSleepAction."""
    most = go_number(spec, "terminationGracePeriodSeconds")
    most = 30 if most is None else most
    for container in spec.maps("containers"):
        for hook in ("postStart", "preStop"):
            seconds = go_number(container, "lifecycle", hook, "sleep", "seconds")
            if seconds is not None and seconds > most:
                at = here._replace(path=f"{here.path}.containers[].lifecycle.{hook}.sleep")
                fact = f"is {seconds}, more than terminationGracePeriodSeconds ({most})"
                yield at.refuse(container.map("lifecycle", hook, "sleep"), "seconds", fact, f"write {most}")


def _spreads(spec: Map, here: Here) -> Iterator[Refusal]:
    """validateSpreadConstraintNotRepeat, validateMatchLabelKeysInTopologySpread."""
    seen: set[tuple[str, str]] = set()
    for each in spec.maps("topologySpreadConstraints"):
        key = (each.text("topologyKey"), each.text("whenUnsatisfiable"))
        if key in seen and not any(map(is_unknown, key)):
            fact = f"is {key[0]} in two items with whenUnsatisfiable: {key[1]}"
            yield here.refuse(each, "topologyKey", fact, "remove one")
        seen.add(key)
        labels = each.map("labelSelector", "matchLabels")
        for label in each.seq("matchLabelKeys").texts():
            if label in labels:
                yield here.refuse(each, "matchLabelKeys", f"has {label}, as labelSelector has", "remove one")


def container(node: Map, here: Here) -> Iterator[Refusal]:
    """validateContainerCommon."""
    if node.seq("restartPolicyRules") and "restartPolicy" not in node:
        yield here.refuse(
            node, "restartPolicy", "is missing, which restartPolicyRules need", "add restartPolicy"
        )
    ports = here._replace(path=f"{here.path}.ports[]")
    yield from unique(node.maps("ports"), "name", ports)
    for name in ("livenessProbe", "startupProbe"):
        probe = node.map(name)
        if go_number(probe, "successThreshold") not in (None, 0, 1):
            at = here._replace(path=f"{here.path}.{name}")
            yield at.refuse(
                probe, "successThreshold", f"is {probe.text('successThreshold')}, expected 1", "remove it"
            )
    ready = node.map("readinessProbe")
    if not is_absent(ready.get("terminationGracePeriodSeconds")):
        at = here._replace(path=f"{here.path}.readinessProbe")
        yield at.refuse(
            ready, "terminationGracePeriodSeconds", "is not allowed in a readiness probe", "remove it"
        )


def go_number(node: Map, *path: str) -> int | None:
    """Return the whole number at a path, or None."""
    leaf = node.leaf(*path)
    value = go_value(leaf) if leaf else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def probe(node: Map, here: Here) -> Iterator[Refusal]:
    """validateHandler."""
    yield from one_of(node, here, _HANDLERS, "handler")


def lifecycle(node: Map, here: Here) -> Iterator[Refusal]:
    """validateLifecycleHandler."""
    yield from one_of(node, here, _HOOKS, "handler")


def variable(node: Map, here: Here) -> Iterator[Refusal]:
    """ValidateEnv."""
    if not is_absent(node.get("value")) and "valueFrom" in node:
        yield here.refuse(node, "valueFrom", "excludes value", "keep one of them")


def variable_source(node: Map, here: Here) -> Iterator[Refusal]:
    """ValidateEnvVarValueFrom."""
    yield from one_of(node, here, _VARIABLE_SOURCES, "source")
    yield from _field(node, here, _OF_VARIABLES)


def _field(node: Map, here: Here, fields: frozenset[str]) -> Iterator[Refusal]:
    """validateObjectFieldSelector, validateContainerResourceFieldSelector."""
    path, resource = node.text("fieldRef", "fieldPath"), node.text("resourceFieldRef", "resource")
    if path and path not in fields and not _SUBSCRIPT.fullmatch(path) and not is_unknown(path):
        at = here._replace(path=f"{here.path}.fieldRef")
        yield at.refuse(
            node.map("fieldRef"), "fieldPath", f"is {path}, which is no field for this", "correct it"
        )
    if resource and not _OF_RESOURCES.fullmatch(resource) and not is_unknown(resource):
        at = here._replace(path=f"{here.path}.resourceFieldRef")
        fact = f"is {resource}, expected limits.cpu, requests.memory and the like"
        yield at.refuse(node.map("resourceFieldRef"), "resource", fact, "correct it")


def whole_source(node: Map, here: Here) -> Iterator[Refusal]:
    """ValidateEnvFrom."""
    yield from one_of(node, here, ("configMapRef", "secretRef"), "source")


def volume(node: Map, here: Here) -> Iterator[Refusal]:
    """ValidateVolumes; a volume without a type is an emptyDir."""
    yield from one_of(node, here, [key for key in node if key != "name"], "type", least=0)


def resources(node: Map, here: Here) -> Iterator[Refusal]:
    """ValidateResourceRequirements."""
    requests, limits = node.map("requests"), node.map("limits")
    for name, value in requests.entries.items():
        wanted, most = amount(value), amount(limits.get(name))
        at = here._replace(path=f"{here.path}.requests")
        if wanted is None or most is None:
            if name not in _OVERCOMMITTED and "/" in name and wanted is not None:
                yield at.refuse(requests, name, "needs an equal limit", f"add limits.{name}")
        elif wanted > most:
            fact = f"is {requests.text(name)}, more than its limit of {limits.text(name)}"
            hint = f"request at most {limits.text(name)}, or raise the limit to {requests.text(name)}"
            yield at.refuse(requests, name, fact, hint)
        elif wanted != most and name not in _OVERCOMMITTED:
            yield at.refuse(requests, name, "differs from its limit", f"write {limits.text(name)}")
    for part in (requests, limits):
        for name, value in part.entries.items():
            size = amount(value)
            if "/" in name and size is not None and size % 1:
                fact = f"is {part.text(name)}, expected a whole number"
                yield here.refuse(part, name, fact, "write a whole number")
            if "/" not in name and name not in _RESOURCES and not name.startswith("hugepages-"):
                yield here.refuse(
                    part, name, "is no resource of containers", "write cpu, memory or ephemeral-storage"
                )


def security(node: Map, here: Here) -> Iterator[Refusal]:
    """ValidateSecurityContext."""
    added = node.seq("capabilities", "add").texts()
    if node.value("allowPrivilegeEscalation") is False and (
        node.value("privileged") is True or "CAP_SYS_ADMIN" in added
    ):
        fact = "is false, which excludes privileged and CAP_SYS_ADMIN"
        yield here.refuse(node, "allowPrivilegeEscalation", fact, "remove one of them")


def profile(node: Map, here: Here) -> Iterator[Refusal]:
    """validateSeccompProfileField, ValidateAppArmorProfileField."""
    is_local = node.text("type") == "Localhost"
    path = node.text("localhostProfile")
    if is_local and here.by.endswith("validateSeccompProfileField") and not FORMATS["inner-path"].fits(path):
        fact = f"is {path}, expected {FORMATS['inner-path'].expected}"
        yield here.refuse(node, "localhostProfile", fact, "write a path below the folder of the profiles")
    if is_local == is_absent(node.get("localhostProfile")) and node.text("type"):
        fact = "is missing" if is_local else "is only allowed with the type Localhost"
        yield here.refuse(node, "localhostProfile", fact, "add it" if is_local else "remove it")


def toleration(node: Map, here: Here) -> Iterator[Refusal]:
    """ValidateTolerations."""
    operator = node.text("operator") or "Equal"
    if is_absent(node.get("key")) and operator != "Exists":
        yield here.refuse(
            node, "operator", f"is {operator}, expected Exists because key is empty", "write Exists"
        )
    if operator == "Exists" and not is_absent(node.get("value")):
        yield here.refuse(node, "value", "is not allowed with the operator Exists", "remove it")
    if operator in ("Gt", "Lt") and here.minor is not None and here.minor <= _NO_COMPARISON:
        yield here.refuse(node, "operator", f"is {operator}, expected Exists or Equal", "write Equal")
    if "tolerationSeconds" in node and node.text("effect") != "NoExecute":
        yield here.refuse(node, "tolerationSeconds", "needs the effect NoExecute", "write effect: NoExecute")


def spread(node: Map, here: Here) -> Iterator[Refusal]:
    """validateMinDomains."""
    if node.seq("matchLabelKeys") and "labelSelector" not in node:
        yield here.refuse(node, "matchLabelKeys", "needs labelSelector", "add labelSelector")
    if "minDomains" in node and node.text("whenUnsatisfiable") == "ScheduleAnyway":
        yield here.refuse(node, "minDomains", "needs whenUnsatisfiable: DoNotSchedule", "remove it")


def node_term(node: Map, here: Here) -> Iterator[Refusal]:
    """ValidateNodeFieldSelectorRequirement."""
    for each in node.maps("matchFields"):
        at = here._replace(path=f"{here.path}.matchFields[]")
        if each.text("key") != "metadata.name":
            yield at.refuse(
                each, "key", f"is {each.text('key')}, expected metadata.name", "write metadata.name"
            )
        elif len(each.seq("values")) != 1:
            yield at.refuse(each, "values", "has not exactly one item", "keep one value")


def requirement(node: Map, here: Here) -> Iterator[Refusal]:
    """ValidateLabelSelectorRequirement, ValidateNodeSelectorRequirement."""
    operator, count = node.text("operator"), len(node.seq("values"))
    if operator in ("In", "NotIn") and not count:
        yield here.refuse(node, "values", f"is missing with the operator {operator}", "add values")
    elif operator in ("Exists", "DoesNotExist") and count:
        yield here.refuse(node, "values", f"is not allowed with the operator {operator}", "remove it")
    elif operator in ("Gt", "Lt") and count != 1:
        yield here.refuse(node, "values", f"has {count} items, expected one", "keep one value")


def projected(node: Map, here: Here) -> Iterator[Refusal]:
    """validateProjectionSources."""
    seen: set[str] = set()
    for number, source in enumerate(node.maps("sources")):
        at = here._replace(path=f"{here.path}.sources[{number}]")
        yield from one_of(source, at, list(source), "type", least=0)
        for kind in source:
            part = source.map(kind)
            for item in (part, *part.maps("items")):
                path = item.text("path")
                if path and path in seen and not is_unknown(path):
                    fact = f"is {path} in two sources"
                    yield at._replace(path=f"{at.path}.{kind}").refuse(item, "path", fact, "rename one")
                seen.add(path)


def downward_file(node: Map, here: Here) -> Iterator[Refusal]:
    """validateDownwardAPIVolumeFile."""
    yield from one_of(node, here, ("fieldRef", "resourceFieldRef"), "source")
    yield from _field(node, here, _OF_FILES)
    if "resourceFieldRef" in node and is_absent(node.get("resourceFieldRef", "containerName")):
        at = here._replace(path=f"{here.path}.resourceFieldRef")
        yield at.refuse(node.map("resourceFieldRef"), "containerName", "is missing", "add containerName")


RULES: Rules = {
    "core.v1.PodSpec": pod_spec,
    "core.v1.Container": container,
    "core.v1.Probe": probe,
    "core.v1.LifecycleHandler": lifecycle,
    "core.v1.EnvVar": variable,
    "core.v1.EnvVarSource": variable_source,
    "core.v1.EnvFromSource": whole_source,
    "core.v1.Volume": volume,
    "core.v1.DownwardAPIVolumeFile": downward_file,
    "core.v1.ProjectedVolumeSource": projected,
    "core.v1.ResourceRequirements": resources,
    "core.v1.SecurityContext": security,
    "core.v1.SeccompProfile": profile,
    "core.v1.AppArmorProfile": profile,
    "core.v1.Toleration": toleration,
    "core.v1.TopologySpreadConstraint": spread,
    "core.v1.NodeSelectorRequirement": requirement,
    "meta.v1.LabelSelectorRequirement": requirement,
    "core.v1.NodeSelectorTerm": node_term,
}
