"""What the containers ask for, and whether the machines have it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import pytest

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

# What the system asks for. On each machine: aws-node, kube-proxy, ebs-csi-node; once: coredns, metrics-server and
# ebs-csi-controller, two of each. Source: the add-ons' manifests and charts as of August 2026.
ON_EACH = [{"cpu": "50m", "memory": "0"}, {"cpu": "100m", "memory": "0"}, {"cpu": "30m", "memory": "120Mi"}]
ONCE = [
    {"cpu": "100m", "memory": "70Mi"},
    {"cpu": "100m", "memory": "200Mi"},
    {"cpu": "60m", "memory": "240Mi"},
] * 2
# The same of amazon-cloudwatch-observability: cloudwatch-agent and fluent-bit, and once its operator.
CLOUDWATCH_ON_EACH = [{"cpu": "250m", "memory": "128Mi"}, {"cpu": "50m", "memory": "25Mi"}]
CLOUDWATCH_ONCE = [{"cpu": "100m", "memory": "64Mi"}]


@dataclass(frozen=True)
class Workload:
    """The request of one pod, the fewest and the most copies, and the copies beside them during a rollout."""

    request: Size
    fewest: int
    most: int
    surge: int


def workloads(manifests: Manifests) -> Iterator[Workload]:
    scaled = {
        each["spec"]["scaleTargetRef"]["name"]: (each["spec"]["minReplicas"], each["spec"]["maxReplicas"])
        for each in manifests.all("HorizontalPodAutoscaler")
    }
    for each in manifests.all("Deployment"):
        spec = each["spec"]
        fewest, most = scaled.get(each["metadata"]["name"]) or (spec["replicas"], spec["replicas"])
        strategy = spec.get("strategy", {"rollingUpdate": {"maxSurge": "25%"}})
        share = strategy.get("rollingUpdate", {}).get("maxSurge", "0%").removesuffix("%")
        yield Workload(request(each), fewest, most, math.ceil(most * int(share) / 100))
    for each in manifests.all("Job"):
        yield Workload(request(each), 0, 1, 1)


def request(each: Object) -> Size:
    parts = [size(container["resources"]["requests"]) for container in containers(each)]
    return Size(
        sum((part.cpu for part in parts), Fraction()), sum((part.memory for part in parts), Fraction())
    )


def machines_needed(requests: list[Size], manifests: Manifests) -> int:
    """Fill machines with pods, the largest first, each into the first machine that has room."""
    (kind,) = manifests.cluster["eks_managed_node_groups"]["main"]["instance_types"]
    whole, places = ALLOCATABLE[kind]
    with_addon = not manifests.all("ConfigMap")
    for daemon in ON_EACH + (CLOUDWATCH_ON_EACH if with_addon else []):
        whole, places = whole - size(daemon), places - 1
    requests = [*requests, *map(size, ONCE + (CLOUDWATCH_ONCE if with_addon else []))]
    rooms: list[tuple[Size, int]] = []
    for wanted in sorted(requests, key=lambda each: (each.cpu, each.memory), reverse=True):
        assert wanted <= whole, "no machine has room for it"
        for index, (room, left) in enumerate(rooms):
            if wanted <= room and left:
                rooms[index] = (room - wanted, left - 1)
                break
        else:
            rooms.append((whole - wanted, places - 1))
    return len(rooms)


@pytest.mark.parametrize("env", ENVS)
def test_no_container_asks_for_more_than_it_may_have(env: str) -> None:
    for each in committed(env).all("Deployment", "Job"):
        for container in containers(each):
            resources = container["resources"]
            assert size(resources["requests"]) <= size(resources["limits"]), identity(each)


def at_first(manifests: Manifests) -> int:
    """Return the machines that the fewest copies need."""
    return machines_needed(
        [each.request for each in workloads(manifests) for _ in range(each.fewest)], manifests
    )


def at_most(manifests: Manifests) -> int:
    """Return the machines that the most copies need while everything is migrated and rolled out at once."""
    every = [each.request for each in workloads(manifests) for _ in range(each.most + each.surge)]
    return machines_needed(every, manifests)


@pytest.mark.parametrize("env", ENVS)
def test_the_fewest_copies_fit_on_the_machines_to_begin_with(env: str) -> None:
    manifests = committed(env)
    assert at_first(manifests) <= manifests.cluster["eks_managed_node_groups"]["main"]["desired_size"]


@pytest.mark.parametrize("env", ENVS)
def test_the_most_copies_fit_on_the_most_machines(env: str) -> None:
    manifests = committed(env)
    assert at_most(manifests) <= manifests.cluster["eks_managed_node_groups"]["main"]["max_size"]


def test_more_copies_need_more_machines() -> None:
    manifests = committed("prod")
    assert at_first(manifests) == 2
    assert at_most(manifests) > 2
    many = [size({"cpu": "1", "memory": "1Gi"})] * 20
    assert machines_needed(many, manifests) > 10
    with pytest.raises(AssertionError, match="no machine has room"):
        machines_needed([size({"cpu": "2", "memory": "1Gi"})], manifests)


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


@pytest.mark.parametrize(
    ("text", "number"),
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
