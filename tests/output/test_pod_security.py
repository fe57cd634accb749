"""Every pod passes the level that its namespace enforces, and the checker that says so can say no."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.conftest import Sandbox, rows
from tests.output.manifests import ENVS, WORKLOADS, Manifests, committed, containers, identity, pod, read
from tests.output.pod_security import CONTROLS, violations
from tests.test_stack import WORKER, add_values, rendered

EVERYTHING = """
database: {runs_in: cluster and rds}
cache: {runs_in: cluster}
services:
  worker: {migration: "db:migrate"}
"""


def pods(manifests: Manifests) -> dict[str, Any]:
    return {identity(each): pod(each) for each in manifests.all(*WORKLOADS)}


@pytest.mark.parametrize("env", ENVS)
def test_every_pod_is_restricted(env: str) -> None:
    assert {name: violations(each) for name, each in pods(committed(env)).items() if violations(each)} == {}


def test_so_are_those_of_a_third_service_and_of_its_migration(project: Sandbox) -> None:
    add_values(project, "prod", WORKER)
    add_values(project, "prod", EVERYTHING)
    found = pods(read(rendered(project)))
    assert {"Deployment/oet-worker", "Job/oet-worker-migration", "Deployment/redis"} <= set(found)
    assert [name for name, each in found.items() if violations(each)] == []


@pytest.mark.parametrize("env", ENVS)
def test_the_namespace_enforces_it_as_the_clusters_own_version_knows_it(env: str) -> None:
    manifests = committed(env)
    (namespace,) = manifests.all("Namespace")
    labels = namespace["metadata"]["labels"]
    for mode in ("enforce", "audit", "warn"):
        assert labels[f"pod-security.kubernetes.io/{mode}"] == "restricted"
        version = f"v{manifests.cluster['cluster_version']}"
        assert labels[f"pod-security.kubernetes.io/{mode}-version"] == version


@pytest.mark.parametrize("env", ENVS)
def test_beyond_restricted_nothing_is_written_but_to_volumes_and_no_token_is_there(env: str) -> None:
    manifests = committed(env)
    for workload in manifests.all(*WORKLOADS):
        assert pod(workload)["spec"]["automountServiceAccountToken"] is False, identity(workload)
        for container in containers(workload):
            assert container["securityContext"]["readOnlyRootFilesystem"] is True, identity(workload)
    for account in manifests.all("ServiceAccount"):
        assert account["automountServiceAccountToken"] is False


# One pod for each control that breaks it and no other. The path leads to what is set; `c` is the first container.
BREAKS: list[tuple[str, str, Any]] = [
    ("HostProcess", "spec.securityContext.windowsOptions", {"hostProcess": True}),
    ("HostProcess", "c.securityContext.windowsOptions", {"hostProcess": True}),
    ("Host Namespaces", "spec.hostNetwork", True),
    ("Host Namespaces", "spec.hostPID", True),
    ("Host Namespaces", "spec.hostIPC", True),
    ("Privileged Containers", "c.securityContext.privileged", True),
    ("Host Ports", "c.ports", [{"containerPort": 80, "hostPort": 80}]),
    ("Host Probes / Lifecycle Hooks", "c.livenessProbe", {"httpGet": {"port": 80, "host": "10.0.0.1"}}),
    ("Host Probes / Lifecycle Hooks", "c.lifecycle", {"preStop": {"tcpSocket": {"port": 1, "host": "a"}}}),
    ("AppArmor", "c.securityContext.appArmorProfile", {"type": "Unconfined"}),
    (
        "AppArmor",
        "metadata.annotations",
        {f"{'container.apparmor.security.beta.kubernetes.io'}/a": "unconfined"},
    ),
    ("SELinux", "spec.securityContext.seLinuxOptions", {"type": "spc_t"}),
    ("SELinux", "c.securityContext.seLinuxOptions", {"role": "sysadm_r"}),
    ("/proc Mount Type", "c.securityContext.procMount", "Unmasked"),
    ("Sysctls", "spec.securityContext.sysctls", [{"name": "kernel.msgmax", "value": "1"}]),
    ("Volume Types", "spec.volumes", [{"name": "v", "nfs": {"server": "s", "path": "/"}}]),
    ("Privilege Escalation", "c.securityContext.allowPrivilegeEscalation", True),
    ("Privilege Escalation", "c.securityContext.allowPrivilegeEscalation", None),
    ("Running as Non-root", "c.securityContext.runAsNonRoot", False),
    ("Running as Non-root", "spec.securityContext.runAsNonRoot", None),
    ("Running as Non-root user", "spec.securityContext.runAsUser", 0),
    ("Running as Non-root user", "c.securityContext.runAsUser", 0),
    ("Seccomp", "spec.securityContext.seccompProfile", None),
    ("Seccomp", "c.securityContext.seccompProfile", {"type": "Unconfined"}),
    ("Capabilities", "c.securityContext.capabilities", {"drop": ["NET_RAW"]}),
    ("Capabilities", "c.securityContext.capabilities", None),
    ("Capabilities", "c.securityContext.capabilities", {"drop": ["ALL"], "add": ["CHOWN"]}),
]
BREAKS_TWO: list[tuple[set[str], str, Any]] = [
    ({"HostPath Volumes", "Volume Types"}, "spec.volumes", [{"name": "v", "hostPath": {"path": "/"}}]),
    (
        {"Capabilities (baseline)", "Capabilities"},
        "c.securityContext.capabilities",
        {"drop": ["ALL"], "add": ["SYS_ADMIN"]},
    ),
]


@rows("controls, path, value", [*(({control}, path, value) for control, path, value in BREAKS), *BREAKS_TWO])
@rows("group", ["containers", "initContainers"])
def test_each_control_fires(controls: set[str], path: str, value: Any, group: str) -> None:
    template = copy.deepcopy(pods(committed("prod"))["Deployment/oet-backend"])
    template["spec"]["initContainers"] = copy.deepcopy(template["spec"]["containers"])
    assert violations(template) == []
    first, *middle, last = path.split(".")
    node = template["spec"][group][0] if first == "c" else template[first]
    for part in middle:
        node = node.setdefault(part, {})
    if value is None:
        del node[last]
    else:
        node[last] = value
    assert set(violations(template)) == controls


def test_every_control_is_seen_to_fire() -> None:
    seen = {control for control, _, _ in BREAKS}.union(*(controls for controls, _, _ in BREAKS_TWO))
    assert seen == set(CONTROLS)


def test_a_pod_that_asks_for_nothing_is_not_restricted() -> None:
    assert violations({"spec": {"containers": [{"name": "a", "image": "a"}]}}) == [
        "Privilege Escalation",
        "Running as Non-root",
        "Seccomp",
        "Capabilities",
    ]
