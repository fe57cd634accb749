"""A pod must comply with the Pod Security level of its namespace, start, and not be able to take over its node.

Checked: the level `restricted` where a namespace enforces it; `runAsNonRoot` with the user 0; privileged containers
and folders of the node, but in a DaemonSet, which is for the node, and where a namespace enforces `privileged`.

Why: the API server rejects pods that do not comply. For a Deployment only its ReplicaSet gets the error, and
the rollout hangs. The kubelet does not start as root what must not be root. Who gets into a pod that has the socket
of the container runtime has the node.

Bad:

    securityContext: {runAsNonRoot: false}

Good:

    securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error, warning
from generator.languages.node import Map
from generator.system.kubernetes import PROBES, Object

# Source: kubernetes.io, "Pod Security Standards", as of Kubernetes 1.35.
CODE = "checks/pod-security"
ADVICE = "kubernetes.io, Pod Security Standards: Baseline; Volumes: hostPath"
_ENFORCE = "pod-security.kubernetes.io/enforce"
_SECCOMP = ("RuntimeDefault", "Localhost")
_VOLUMES = frozenset(
    "configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret".split()
)
_SYSCTLS = frozenset(
    "kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.ip_unprivileged_port_start net.ipv4.tcp_syncookies"
    " net.ipv4.ping_group_range net.ipv4.ip_local_reserved_ports net.ipv4.tcp_keepalive_time net.ipv4.tcp_fin_timeout"
    " net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes".split()
)
_SELINUX = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")

Violation = tuple[str, Span, str]


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.workloads:
        raise NotApplicableError("there are no workloads")
    labels = {each.name: each.metadata.map("labels") for each in system.kind("Namespace")}
    for workload in system.workloads:
        own = labels.get(workload.namespace, Map())
        if own.text(_ENFORCE) == "restricted":
            yield from _restricted(
                workload, Note("the namespace enforces the level restricted", own.at_key(_ENFORCE))
            )
            continue
        yield from _root(workload)
        if own.text(_ENFORCE) != "privileged" and workload.kind != "DaemonSet":
            yield from _on_the_node(workload)


def _restricted(workload: Object, note: Note) -> Iterator[Finding]:
    containers = (each for c in workload.all_containers for each in _container(workload, c.node))
    for what, at, hint in (*_pod(workload), *containers):
        message = f"{workload.identity} violates the level restricted: {what}"
        yield error(CODE, message, at, notes=(note,), hint=hint)


def _root(workload: Object) -> Iterator[Finding]:
    """Yield an error for each place that makes containers root which must not be root."""
    whole, seen = workload.pod_spec.map("securityContext"), set()
    for container in workload.all_containers:
        own = container.node.map("securityContext")
        user, proof = ((own if key in own else whole) for key in ("runAsUser", "runAsNonRoot"))
        at = user.at_key("runAsUser")
        if user.value("runAsUser") == 0 and proof.value("runAsNonRoot") is True and at not in seen:
            seen.add(at)
            message = (
                f"{container.what} does not start: runAsNonRoot is true, and runAsUser is 0, which is root"
            )
            notes = (Note("runAsNonRoot", proof.at_key("runAsNonRoot")),)
            yield error(CODE, message, at, notes=notes, hint="write 1000 or more, or remove runAsNonRoot")


def _on_the_node(workload: Object) -> Iterator[Finding]:
    """Yield a warning for what lets a pod change its node."""
    for container in workload.all_containers:
        own = container.node.map("securityContext")
        if own.value("privileged") is True:
            message = f"{container.what} is privileged: it may do on its node what root may"
            hint = "remove it, and add the capabilities that it needs"
            yield warning(CODE, message, own.at_key("privileged"), hint=hint)
    for volume in workload.pod_spec.maps("volumes"):
        path = volume.text("hostPath", "path")
        if path:
            message = (
                f"{workload.identity} mounts {path} of its node, which is not safe and differs between nodes"
            )
            hint = "use an emptyDir or a PersistentVolumeClaim, or a DaemonSet for what each node has"
            yield warning(CODE, message, volume.at_key("hostPath", "path"), hint=hint)


def _pod(workload: Object) -> Iterator[Violation]:
    spec = workload.pod_spec
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.value(key) is True:
            yield f"{key} is true", spec.at_key(key), "remove it"
    for volume in spec.maps("volumes"):
        for key in volume:
            if key != "name" and key not in _VOLUMES:
                yield (
                    f"a volume has the type {key}",
                    volume.key_place(key),
                    "use another type, for example emptyDir",
                )
    yield from _context(spec.map("securityContext"))


def _context(context: Map) -> Iterator[Violation]:
    """Yield the violations in the security context of a pod or a container."""
    if context.value("runAsUser") == 0:
        yield "runAsUser is 0, which is root", context.at_key("runAsUser"), "write 1000 or more"
    if "runAsNonRoot" in context and context.value("runAsNonRoot") is not True:
        yield "runAsNonRoot is not true", context.at_key("runAsNonRoot"), "write true"
    profile = context.map("seccompProfile")
    if "seccompProfile" in context and profile.text("type") not in _SECCOMP:
        yield f"seccompProfile is {profile.text('type')}", profile.at_key("type"), "write RuntimeDefault"
    armor = context.map("appArmorProfile")
    if "appArmorProfile" in context and armor.text("type") not in _SECCOMP:
        yield f"appArmorProfile is {armor.text('type')}", armor.at_key("type"), "write RuntimeDefault"
    for each in context.maps("sysctls"):
        if each.text("name") not in _SYSCTLS:
            yield f"the sysctl {each.text('name')} is set", each.at_key("name"), "remove it"
    linux = context.map("seLinuxOptions")
    if linux.text("type") not in _SELINUX or linux.text("user") or linux.text("role"):
        yield "seLinuxOptions sets a type, user or role that is not allowed", linux.at, "remove it"
    if context.value("windowsOptions", "hostProcess") is True:
        yield "hostProcess is true", context.at_key("windowsOptions", "hostProcess"), "remove it"


def _container(workload: Object, container: Map) -> Iterator[Violation]:
    own, whole = container.map("securityContext"), workload.pod_spec.map("securityContext")
    at = container.key_place("securityContext") if own else container.at_key("name")
    yield from _context(own)
    yield from _privileges(own, at)
    for key, wanted in (("runAsNonRoot", "true"), ("seccompProfile", "{type: RuntimeDefault}")):
        if key not in own and key not in whole:
            yield f"{key} is not set", at, f"set {key}: {wanted} in the pod"
    for port in container.maps("ports"):
        if port.value("hostPort"):
            yield f"hostPort is {port.text('hostPort')}", port.at_key("hostPort"), "remove it"
    hooks = container.map("lifecycle")
    probes = [(name, container.map(name)) for name in PROBES]
    for name, handler in (*probes, *((name, hooks.map(name)) for name in ("postStart", "preStop"))):
        for kind in ("httpGet", "tcpSocket"):
            if handler.map(kind).text("host"):
                yield f"{name} connects to another host", handler.map(kind).at_key("host"), "remove host"


def _privileges(own: Map, at: Span) -> Iterator[Violation]:
    if own.value("privileged") is True:
        yield "privileged is true", own.at_key("privileged"), "remove it"
    if own.value("allowPrivilegeEscalation") is not False:
        place = own.at_key("allowPrivilegeEscalation") if "allowPrivilegeEscalation" in own else at
        hint = "set allowPrivilegeEscalation: false in the container"
        yield "allowPrivilegeEscalation is not false", place, hint
    capabilities = own.map("capabilities")
    if "ALL" not in capabilities.seq("drop").texts():
        place = capabilities.key_place("drop") if "drop" in capabilities else at
        yield "not all capabilities are dropped", place, "set capabilities: {drop: [ALL]} in the container"
    for name in capabilities.seq("add").leaves():
        if name.text != "NET_BIND_SERVICE":
            yield f"the capability {name.text} is added", name.at, "remove it"
    if own.text("procMount") not in ("", "Default"):
        yield f"procMount is {own.text('procMount')}", own.at_key("procMount"), "remove it"
