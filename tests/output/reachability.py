"""Who may connect to whom, by the NetworkPolicies alone.

As Kubernetes documents it: a pod that no policy selects is open; one that policies select may do what any of them
allows; a connection needs the leave of both its ends. As AWS's agent does it, an IP block also holds for pods in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from itertools import product

from tests.output.manifests import WORKLOADS, Manifests, Object, matches, pod

NAMESPACE_LABEL = "kubernetes.io/metadata.name"


@dataclass(frozen=True)
class Endpoint:
    """A pod, or with no namespace something outside of the cluster."""

    name: str
    address: str
    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


def reachable(
    policies: Sequence[Object],
    endpoints: Sequence[Endpoint],
    ports: Iterable[tuple[str, int]],
    namespace: str,
) -> set[str]:
    """Return every connection that is allowed and has an end in `namespace`, as `source -> target TCP 80`."""
    return {
        f"{source.name} -> {target.name} {protocol} {port}"
        for source, target, (protocol, port) in product(endpoints, endpoints, ports)
        if namespace in (source.namespace, target.namespace)
        and _allowed(policies, source, target, "Egress", protocol, port)
        and _allowed(policies, target, source, "Ingress", protocol, port)
    }


def _allowed(
    policies: Sequence[Object], own: Endpoint, other: Endpoint, direction: str, protocol: str, port: int
) -> bool:
    """Say whether `own` may take part: as the source for Egress, as the target for Ingress."""
    applying = [policy for policy in policies if _selects(policy, own, direction)]
    if not applying:
        return True
    peers = "to" if direction == "Egress" else "from"
    return any(
        _has_peer(rule.get(peers), other, own.namespace) and _has_port(rule.get("ports"), protocol, port)
        for policy in applying
        for rule in policy["spec"].get(direction.lower()) or []
    )


def _selects(policy: Object, endpoint: Endpoint, direction: str) -> bool:
    spec = policy["spec"]
    return (
        endpoint.namespace == policy["metadata"]["namespace"]
        and direction in spec["policyTypes"]
        and matches(spec["podSelector"], dict(endpoint.labels))
    )


def _has_peer(peers: list[Object] | None, other: Endpoint, namespace: str) -> bool:
    return not peers or any(_is_peer(peer, other, namespace) for peer in peers)


def _is_peer(peer: Object, other: Endpoint, namespace: str) -> bool:
    if "ipBlock" in peer:
        inside = _within(other.address, peer["ipBlock"]["cidr"])
        return inside and not any(_within(other.address, each) for each in peer["ipBlock"].get("except", []))
    if not other.namespace:
        return False
    if "namespaceSelector" in peer:
        if not matches(peer["namespaceSelector"], {NAMESPACE_LABEL: other.namespace}):
            return False
    elif other.namespace != namespace:
        return False
    return matches(peer.get("podSelector", {}), dict(other.labels))


def _within(address: str, block: str) -> bool:
    return ip_address(address) in ip_network(block)


def _has_port(ports: list[Object] | None, protocol: str, port: int) -> bool:
    return not ports or any(
        each.get("protocol", "TCP") == protocol and each.get("port", port) == port for each in ports
    )


def endpoints(manifests: Manifests) -> list[Endpoint]:
    """Return every workload's pod, and one of everything else that there is in and around a cluster."""
    return [*_pods(manifests), *_surroundings(manifests)]


def _pods(manifests: Manifests) -> Iterator[Endpoint]:
    prefix = f"{manifests.objects[0]['metadata']['labels']['app.kubernetes.io/part-of']}-"
    for number, each in enumerate(manifests.all(*WORKLOADS)):
        name = each["metadata"]["name"].removeprefix(prefix)
        labels = pod(each)["metadata"]["labels"]
        yield Endpoint(name, f"10.0.1.{10 + number}", manifests.namespace, labels)


def _surroundings(manifests: Manifests) -> Iterator[Endpoint]:
    everything = {
        "app": "oet-backend",
        "uses-database": "true",
        "uses-cache": "true",
        "uses-internet": "true",
    }
    yield Endpoint("any other pod", "10.0.2.30", manifests.namespace)
    yield Endpoint("dns", "10.0.2.31", "kube-system", {"k8s-app": "kube-dns"})
    yield Endpoint("kube-system", "10.0.2.32", "kube-system", {"k8s-app": "metrics-server"})
    yield Endpoint("other namespace", "10.0.2.33", "default", everything)
    yield Endpoint("false dns", "10.0.2.34", "default", {"k8s-app": "kube-dns"})
    yield Endpoint("load balancer", "10.0.102.7")
    yield Endpoint("private subnet", "10.0.3.200")
    yield Endpoint("rest of the network", "10.0.200.9")
    yield Endpoint("kubernetes", "172.20.0.1")
    yield Endpoint("metadata", "169.254.169.254")
    yield Endpoint("office", "192.168.7.7")
    yield Endpoint("internet", "93.184.216.34")
