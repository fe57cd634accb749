"""What the containers ask for, and whether the machines have it."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest

from tests.conftest import rows
from tests.output.manifests import ENVS, Manifests, Object, committed, containers, identity, pod

_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12} | {
    f"{letter}i": 1024 ** (power + 1) for power, letter in enumerate("KMGT")
}


def quantity(text: str) -> Fraction:
    """Return a Kubernetes quantity as a number."""
    found = re.fullmatch(r"([0-9.]+)([a-zA-Z]*)", str(text))
    assert found, f"{text} is no quantity"
    number, unit = found.groups()
    return Fraction(number) / 1000 if unit == "m" else Fraction(number) * _UNITS[unit]


@dataclass(frozen=True)
class Size:
    cpu: Fraction
    memory: Fraction

    def __le__(self, other: Size) -> bool:
        return self.cpu <= other.cpu and self.memory <= other.memory

    def __sub__(self, other: Size) -> Size:
        return Size(self.cpu - other.cpu, self.memory - other.memory)


def size(amounts: dict[str, str]) -> Size:
    return Size(quantity(amounts["cpu"]), quantity(amounts["memory"]))


# What pods can have of a machine, as EKS reports it, and the most pods that it holds.
ALLOCATABLE = {"t3.medium": (size({"cpu": "1930m", "memory": "3388360Ki"}), 17)}

# What the system asks for, as of November 2026. On each machine: aws-node and its network policy agent
# (aws/amazon-vpc-cni-k8s, charts/aws-vpc-cni/values.yaml), kube-proxy (the EKS add-on), ebs-csi-node
# (kubernetes-sigs/aws-ebs-csi-driver, charts/aws-ebs-csi-driver/values.yaml), eks-pod-identity-agent, which asks for
# nothing (aws/eks-pod-identity-agent, charts/eks-pod-identity-agent/values.yaml).
ON_EACH = [
    {"cpu": "50m", "memory": "0"},
    {"cpu": "100m", "memory": "0"},
    {"cpu": "30m", "memory": "120Mi"},
    {"cpu": "0", "memory": "0"},
]
# Twice in the cluster: coredns, metrics-server (the EKS add-ons) and ebs-csi-controller (the chart above).
ONCE = [
    {"cpu": "100m", "memory": "70Mi"},
    {"cpu": "100m", "memory": "200Mi"},
    {"cpu": "60m", "memory": "240Mi"},
] * 2
# The same of amazon-cloudwatch-observability: fluent-bit, and once its manager; the agent is in terraform/addons.tf
# (aws-observability/helm-charts, charts/amazon-cloudwatch-observability/values.yaml).
CLOUDWATCH_ON_EACH = [{"cpu": "50m", "memory": "25Mi"}]
CLOUDWATCH_AGENT = {"cpu": "250m", "memory": "128Mi"}  # unless terraform/addons.tf asks for something else
CLOUDWATCH_ONCE = [{"cpu": "100m", "memory": "64Mi"}]
# The pods of the charts that scripts/bootstrap-cluster.sh installs; a chart without `resources` asks for nothing.
CHARTS = {"aws-load-balancer-controller": 2, "cluster-autoscaler": 1}

# How long a pod may have to wait: for a new machine, for its image, and for two good answers to the load balancer.
MACHINE, IMAGE, BALANCER = 180, 60, 60


@dataclass(frozen=True)
class Workload:
    """The request of one pod, the fewest and the most copies, and the copies beside them during a rollout."""

    name: str
    request: Size
    fewest: int
    most: int
    surge: Fraction

    def beside(self, copies: int) -> int:
        return math.ceil(copies * self.surge)


def workloads(manifests: Manifests) -> Iterator[Workload]:
    scaled = {
        each["spec"]["scaleTargetRef"]["name"]: (each["spec"]["minReplicas"], each["spec"]["maxReplicas"])
        for each in manifests.all("HorizontalPodAutoscaler")
    }
    for each in manifests.all("Deployment"):
        spec, name = each["spec"], each["metadata"]["name"]
        fewest, most = scaled.get(name) or (spec["replicas"], spec["replicas"])
        strategy = spec.get("strategy", {"rollingUpdate": {"maxSurge": "25%"}})
        share = strategy.get("rollingUpdate", {}).get("maxSurge", "0%").removesuffix("%")
        yield Workload(name, request(each), fewest, most, Fraction(int(share), 100))
    for each in manifests.all("Job"):
        yield Workload(each["metadata"]["name"], request(each), 0, 1, Fraction(0))


def request(each: Object) -> Size:
    """Return what a pod asks for: its containers together, or the largest of those that run before them."""
    spec = pod(each)["spec"]
    parts = [size(container["resources"]["requests"]) for container in spec["containers"]]
    before = [size(container["resources"]["requests"]) for container in spec.get("initContainers", [])]
    return Size(
        max([sum((part.cpu for part in parts), Fraction()), *(part.cpu for part in before)]),
        max([sum((part.memory for part in parts), Fraction()), *(part.memory for part in before)]),
    )


def system_pods(manifests: Manifests) -> list[Size]:
    """Return what the pods ask for that the cluster runs once, whatever its size."""
    script = (manifests.root / "scripts" / "bootstrap-cluster.sh").read_text("utf-8")
    charts = []
    for name, pods in CHARTS.items():
        command = script.partition(f"helm upgrade --install {name} ")[2].partition("--wait")[0]
        asked = dict(re.findall(r"resources\.requests\.(cpu|memory)=(\S+)", command))
        charts += [size({"cpu": "0", "memory": "0"} | asked)] * pods
    return [*map(size, ONCE), *map(size, [] if manifests.all("ConfigMap") else CLOUDWATCH_ONCE), *charts]


def daemons(manifests: Manifests) -> list[Size]:
    """Return what the pods ask for that run on every machine."""
    if manifests.all("ConfigMap"):  # no agent runs
        return [*map(size, ON_EACH)]
    asked = re.search(
        r'requests = \{ cpu = "(\w+)", memory = "(\w+)" \}',
        (manifests.root / "terraform" / "addons.tf").read_text("utf-8"),
    )
    agent = {"cpu": asked[1], "memory": asked[2]} if asked else CLOUDWATCH_AGENT
    return [*map(size, [*ON_EACH, *CLOUDWATCH_ON_EACH, agent])]


class Nodes:
    """Machines of one kind with the pods that run on each of them, to which others are added."""

    def __init__(self, manifests: Manifests, count: int) -> None:
        (kind,) = manifests.cluster["eks_managed_node_groups"]["main"]["instance_types"]
        whole, places = ALLOCATABLE[kind]
        for daemon in daemons(manifests):
            whole, places = whole - daemon, places - 1
        self._rooms = [(whole, places)] * count

    def add(self, wanted: Size) -> bool:
        """Put a pod on the machine with the most room, as the scheduler does, and say whether there was one."""
        fits = [number for number, (room, left) in enumerate(self._rooms) if wanted <= room and left]
        if not fits:
            return False
        index = max(fits, key=lambda number: self._rooms[number][0].cpu)
        room, left = self._rooms[index]
        self._rooms[index] = (room - wanted, left - 1)
        return True


def group(manifests: Manifests) -> Any:
    return manifests.cluster["eks_managed_node_groups"]["main"]


def waiting(manifests: Manifests, count: int, order: random.Random, *, most: bool = False) -> list[str]:
    """Return the pods of a deploy that find no room on `count` machines, when all others run.

    One service is deployed at a time: its migration, then the copies beside the running ones.
    """
    services = list(workloads(manifests))
    copies = {each.name: each.most if most and each.fewest else each.fewest for each in services}
    running = [(each.name, each.request) for each in services for _ in range(copies[each.name])]
    running += [("system", each) for each in system_pods(manifests)]
    order.shuffle(running)
    jobs = [each for each in services if not each.fewest]
    found = set()
    for deployed in services:
        nodes = Nodes(manifests, count)
        beside = [deployed] * deployed.beside(copies[deployed.name])
        added = [(each.name, each.request) for each in [*jobs, *beside]]
        found |= {name for name, wanted in [*running, *added] if not nodes.add(wanted)}
    return sorted(found)


def orders() -> Iterator[random.Random]:
    """Yield different orders in which the pods may have come to their machines."""
    return (random.Random(seed) for seed in range(50))


@pytest.mark.parametrize("env", ENVS)
def test_no_container_asks_for_more_than_it_may_have(env: str) -> None:
    for each in committed(env).all("Deployment", "Job"):
        for container in containers(each):
            resources = container["resources"]
            assert size(resources["requests"]) <= size(resources["limits"]), identity(each)


@pytest.mark.parametrize("env", [env for env in ENVS if env != "spec"])
def test_a_deploy_finds_room_on_the_fewest_machines(env: str) -> None:
    manifests = committed(env)
    for order in orders():
        assert waiting(manifests, group(manifests)["min_size"], order) == []


def test_a_deploy_of_spec_waits_for_a_machine_as_the_document_has_it() -> None:
    """Its node group may shrink to one machine; the time limits include the wait, and the group may grow."""
    manifests = committed("spec")
    assert group(manifests)["min_size"] == 1
    assert "oet-backend" in waiting(manifests, 1, random.Random(0))
    assert waiting(manifests, 3, random.Random(0)) == []


@pytest.mark.parametrize("env", ENVS)
def test_the_fewest_copies_fit_on_the_machines_to_begin_with(env: str) -> None:
    manifests = committed(env)
    for order in orders():
        pods = [each.request for each in workloads(manifests) for _ in range(each.fewest)]
        pods += system_pods(manifests)
        order.shuffle(pods)
        nodes = Nodes(manifests, group(manifests)["desired_size"])
        assert all(nodes.add(each) for each in pods)


@pytest.mark.parametrize("env", ENVS)
def test_a_deploy_of_the_most_copies_fits_on_the_most_machines(env: str) -> None:
    manifests = committed(env)
    for order in orders():
        assert waiting(manifests, group(manifests)["max_size"], order, most=True) == []


@pytest.mark.parametrize("env", ENVS)
def test_the_time_limits_include_the_wait_for_a_machine(env: str) -> None:
    """A limit that is too short ends the deploy of a good version: the arithmetic in environments/base.yaml."""
    manifests = committed(env)
    for job in manifests.all("Job"):
        assert job["spec"]["activeDeadlineSeconds"] >= MACHINE + IMAGE + 600
    limits = [
        int(found)
        for workflow in sorted((manifests.root / ".github" / "workflows").glob("*.yml"))
        for found in re.findall(r"deployment/oet-\S+ --timeout=(\d+)s", workflow.read_text("utf-8"))
    ]
    assert bool(limits) == (env != "dev")
    starts = {
        each["metadata"]["name"]: probe["periodSeconds"] * probe["failureThreshold"]
        for each in manifests.all("Deployment")
        for container in containers(each)
        if (probe := container.get("startupProbe"))
    }
    for each in (each for each in workloads(manifests) if each.name in starts and each.surge):
        waves = math.ceil(each.most / each.beside(each.most))
        needed = MACHINE + IMAGE + waves * (starts[each.name] + BALANCER)
        assert all(limit >= needed for limit in limits), each.name


def test_more_copies_need_more_machines() -> None:
    manifests = committed("prod")
    assert waiting(manifests, 2, random.Random(0)) != []
    nodes = Nodes(manifests, 10)
    assert sum(nodes.add(size({"cpu": "1", "memory": "1Gi"})) for _ in range(20)) == 10
    assert not Nodes(manifests, 1).add(size({"cpu": "2", "memory": "1Gi"}))


@pytest.mark.parametrize("env", ENVS)
def test_no_service_keeps_a_machine_from_being_stopped(env: str) -> None:
    """The cluster autoscaler takes an emptyDir for data that must not be lost, unless it is told otherwise."""
    key = "cluster-autoscaler.kubernetes.io/safe-to-evict"
    for each in committed(env).all("Deployment"):
        told = pod(each)["metadata"].get("annotations", {}).get(key)
        assert (told == "true") == each["metadata"]["name"].startswith("oet-"), identity(each)


@pytest.mark.parametrize("env", ["dev", "spec"])
def test_the_cache_stays_below_its_limit(env: str) -> None:
    """Redis needs memory beside its keys; at its limit the kernel would kill it, and every key with it."""
    (redis,) = (each for each in committed(env).all("Deployment") if identity(each) == "Deployment/redis")
    (container,) = containers(redis)
    arguments = container["args"]
    keys = arguments[arguments.index("--maxmemory") + 1]
    most = quantity(keys.removesuffix("mb") + "Mi")
    assert most <= Fraction(8, 10) * quantity(container["resources"]["limits"]["memory"])


@rows(
    "text, number",
    [
        ("500m", Fraction(1, 2)),
        ("1", 1),
        ("0.5", Fraction(1, 2)),
        ("1Ki", 1024),
        ("1k", 1000),
        ("2Gi", 2**31),
    ],
)
def test_quantities_are_read_as_kubernetes_does(text: str, number: Fraction) -> None:
    assert quantity(text) == number
