"""The level `restricted` of the Pod Security Standards, control by control.

Written from https://kubernetes.io/docs/concepts/security/pod-security-standards/ as of Kubernetes 1.35. What is asked
of the newest version is asked of every version; Windows, which some controls leave out, is not in this system.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Spec = dict[str, Any]

_BASELINE_CAPABILITIES = frozenset(
    "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID"
    " SYS_CHROOT".split()
)
_SELINUX_TYPES = (None, "", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")
_SYSCTLS = frozenset(
    "kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.ip_unprivileged_port_start"
    " net.ipv4.tcp_syncookies net.ipv4.ping_group_range net.ipv4.ip_local_reserved_ports net.ipv4.tcp_keepalive_time"
    " net.ipv4.tcp_fin_timeout net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes".split()
)
_VOLUMES = frozenset(
    "configMap csi downwardAPI emptyDir ephemeral persistentVolumeClaim projected secret".split()
)
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"


def violations(template: Spec) -> list[str]:
    """Return the names of the controls that a pod, of which `template` holds metadata and spec, violates."""
    return [name for name, check in CONTROLS.items() if not check(template)]


def _all_containers(template: Spec) -> Iterator[Spec]:
    for group in ("initContainers", "containers", "ephemeralContainers"):
        yield from template["spec"].get(group, [])


def _contexts(template: Spec) -> list[Spec]:
    """Return the security context of the pod, and that of each container."""
    return [each.get("securityContext") or {} for each in (template["spec"], *_all_containers(template))]


def _container_contexts(template: Spec) -> list[Spec]:
    return _contexts(template)[1:]


def _host_process(template: Spec) -> bool:
    return not any(
        (context.get("windowsOptions") or {}).get("hostProcess") for context in _contexts(template)
    )


def _host_namespaces(template: Spec) -> bool:
    return not any(template["spec"].get(key) for key in ("hostNetwork", "hostPID", "hostIPC"))


def _privileged(template: Spec) -> bool:
    return not any(context.get("privileged") for context in _container_contexts(template))


def _baseline_capabilities(template: Spec) -> bool:
    return all(_added(context) <= _BASELINE_CAPABILITIES for context in _container_contexts(template))


def _added(context: Spec) -> set[str]:
    return set((context.get("capabilities") or {}).get("add") or [])


def _host_path(template: Spec) -> bool:
    return not any("hostPath" in volume for volume in template["spec"].get("volumes", []))


def _host_ports(template: Spec) -> bool:
    return not any(
        port.get("hostPort") for each in _all_containers(template) for port in each.get("ports", [])
    )


def _host_probes(template: Spec) -> bool:
    handlers = [
        each[probe]
        for each in _all_containers(template)
        for probe in ("livenessProbe", "readinessProbe", "startupProbe")
        if probe in each
    ]
    for each in _all_containers(template):
        handlers += (each.get("lifecycle") or {}).values()
    return not any(
        (handler.get(kind) or {}).get("host") for handler in handlers for kind in ("httpGet", "tcpSocket")
    )


def _app_armor(template: Spec) -> bool:
    annotations = template.get("metadata", {}).get("annotations") or {}
    old = [value for key, value in annotations.items() if key.startswith(_APPARMOR)]
    types = [(context.get("appArmorProfile") or {}).get("type") for context in _contexts(template)]
    return all(value == "runtime/default" or value.startswith("localhost/") for value in old) and all(
        kind in (None, "RuntimeDefault", "Localhost") for kind in types
    )


def _selinux(template: Spec) -> bool:
    options = [context.get("seLinuxOptions") or {} for context in _contexts(template)]
    return all(
        each.get("type") in _SELINUX_TYPES and not each.get("user") and not each.get("role")
        for each in options
    )


def _proc_mount(template: Spec) -> bool:
    return all(context.get("procMount") in (None, "Default") for context in _container_contexts(template))


def _sysctls(template: Spec) -> bool:
    return all(
        each["name"] in _SYSCTLS for context in _contexts(template) for each in context.get("sysctls", [])
    )


def _volume_types(template: Spec) -> bool:
    return all(set(volume) - {"name"} <= _VOLUMES for volume in template["spec"].get("volumes", []))


def _privilege_escalation(template: Spec) -> bool:
    return all(context.get("allowPrivilegeEscalation") is False for context in _container_contexts(template))


def _inherited(template: Spec, key: str) -> list[Any]:
    """Return what holds for each container: its own setting, or else the pod's."""
    whole, *own = _contexts(template)
    return [context.get(key, whole.get(key)) for context in own]


def _non_root(template: Spec) -> bool:
    return all(value is True for value in _inherited(template, "runAsNonRoot"))


def _non_root_user(template: Spec) -> bool:
    return all(context.get("runAsUser") != 0 for context in _contexts(template))


def _seccomp(template: Spec) -> bool:
    allowed = ("RuntimeDefault", "Localhost")
    own = [(context.get("seccompProfile") or {}).get("type") for context in _contexts(template)]
    effective = [(profile or {}).get("type") for profile in _inherited(template, "seccompProfile")]
    return all(kind in (None, *allowed) for kind in own) and all(kind in allowed for kind in effective)


def _capabilities(template: Spec) -> bool:
    contexts = _container_contexts(template)
    return all(
        "ALL" in ((context.get("capabilities") or {}).get("drop") or [])
        and _added(context) <= {"NET_BIND_SERVICE"}
        for context in contexts
    )


CONTROLS: dict[str, Callable[[Spec], bool]] = {
    "HostProcess": _host_process,
    "Host Namespaces": _host_namespaces,
    "Privileged Containers": _privileged,
    "Capabilities (baseline)": _baseline_capabilities,
    "HostPath Volumes": _host_path,
    "Host Ports": _host_ports,
    "Host Probes / Lifecycle Hooks": _host_probes,
    "AppArmor": _app_armor,
    "SELinux": _selinux,
    "/proc Mount Type": _proc_mount,
    "Sysctls": _sysctls,
    "Volume Types": _volume_types,
    "Privilege Escalation": _privilege_escalation,
    "Running as Non-root": _non_root,
    "Running as Non-root user": _non_root_user,
    "Seccomp": _seccomp,
    "Capabilities": _capabilities,
}
