"""The pods of a namespace that enforces the Pod Security level `restricted` must comply with it.

Why: the API server rejects pods that do not comply. For a Deployment only its ReplicaSet gets the error, and
the rollout hangs.

Bad:

    securityContext: {runAsNonRoot: false}

Good:

    securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.rule import NotApplicable
from generator.findings import Finding, Note, Span, error
from generator.system.former import Parsed
from generator.system.former.manifests import PROBES, Manifest
from generator.system.former.nodes import Map
from generator.values.layers import Values

# Source: kubernetes.io, "Pod Security Standards", as of Kubernetes 1.35.
CODE = "checks/pod-security"
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


def check(tree: Parsed, values: Values) -> Iterator[Finding]:
    restricted = {
        each.name: each.metadata.sub("labels").at(_ENFORCE)
        for each in tree.kind("Namespace")
        if each.metadata.sub("labels").text(_ENFORCE) == "restricted"
    }
    if not restricted:
        raise NotApplicable("no namespace asks for the level restricted")
    for workload in tree.workloads:
        if workload.namespace not in restricted:
            continue
        for what, at, hint in (
            *_pod(workload),
            *(each for c in workload.all_containers for each in _container(workload, c)),
        ):
            note = Note("the namespace asks for it", restricted[workload.namespace])
            yield error(CODE, f"{workload.identity} is not restricted: {what}", at, notes=(note,), hint=hint)


def _pod(workload: Manifest) -> Iterator[Violation]:
    spec = workload.pod_spec
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(key) is True:
            yield f"{key} is true", spec.at(key), "take it out"
    for volume in spec.each("volumes"):
        for key in volume:
            if key != "name" and key not in _VOLUMES:
                yield f"a volume is of the kind {key}", volume.key_at(key), "use another kind, as emptyDir"
    yield from _context(spec.sub("securityContext"))


def _context(context: Map) -> Iterator[Violation]:
    """Check what may stand in the context of a pod and in that of a container."""
    if context.get("runAsUser") == 0:
        yield "runAsUser is 0, which is root", context.at("runAsUser"), "write a number from 1000 on"
    if "runAsNonRoot" in context and context.get("runAsNonRoot") is not True:
        yield "runAsNonRoot is not true", context.at("runAsNonRoot"), "write true"
    profile = context.sub("seccompProfile")
    if "seccompProfile" in context and profile.text("type") not in _SECCOMP:
        yield f"seccompProfile is {profile.text('type')}", profile.at("type"), "write RuntimeDefault"
    armor = context.sub("appArmorProfile")
    if "appArmorProfile" in context and armor.text("type") not in _SECCOMP:
        yield f"appArmorProfile is {armor.text('type')}", armor.at("type"), "write RuntimeDefault"
    for each in context.each("sysctls"):
        if each.text("name") not in _SYSCTLS:
            yield f"the sysctl {each.text('name')} is set", each.at("name"), "take it out"
    linux = context.sub("seLinuxOptions")
    if linux.text("type") not in _SELINUX or linux.text("user") or linux.text("role"):
        yield "seLinuxOptions names another type, user or role", linux.here(), "take it out"
    if context.sub("windowsOptions").get("hostProcess") is True:
        yield "hostProcess is true", context.sub("windowsOptions").at("hostProcess"), "take it out"


def _container(workload: Manifest, container: Map) -> Iterator[Violation]:
    own, whole = container.sub("securityContext"), workload.pod_spec.sub("securityContext")
    at = container.key_at("securityContext") if own else container.at("name")
    yield from _context(own)
    yield from _privileges(own, at)
    for key, wanted in (("runAsNonRoot", "true"), ("seccompProfile", "{type: RuntimeDefault}")):
        if key not in own and key not in whole:
            yield f"nothing says {key}", at, f"set {key}: {wanted} in the pod"
    for port in container.each("ports"):
        if port.get("hostPort"):
            yield f"hostPort is {port.text('hostPort')}", port.at("hostPort"), "take it out"
    hooks = container.sub("lifecycle")
    asked = [(name, container.sub(name)) for name in PROBES]
    for name, handler in (*asked, *((name, hooks.sub(name)) for name in ("postStart", "preStop"))):
        for kind in ("httpGet", "tcpSocket"):
            if handler.sub(kind).text("host"):
                yield f"{name} asks another host", handler.sub(kind).at("host"), "take host out"


def _privileges(own: Map, at: Span) -> Iterator[Violation]:
    if own.get("privileged") is True:
        yield "privileged is true", own.at("privileged"), "take it out"
    if own.get("allowPrivilegeEscalation") is not False:
        place = own.at("allowPrivilegeEscalation") if "allowPrivilegeEscalation" in own else at
        hint = "set allowPrivilegeEscalation: false in the container"
        yield "allowPrivilegeEscalation is not false", place, hint
    capabilities = own.sub("capabilities")
    if "ALL" not in [text for text, _ in capabilities.listed("drop").texts()]:
        place = capabilities.key_at("drop") if "drop" in capabilities else at
        yield "not all capabilities are dropped", place, "set capabilities: {drop: [ALL]} in the container"
    for text, place in capabilities.listed("add").texts():
        if text != "NET_BIND_SERVICE":
            yield f"the capability {text} is added", place, "take it out"
    if own.text("procMount") not in ("", "Default"):
        yield f"procMount is {own.text('procMount')}", own.at("procMount"), "take it out"
