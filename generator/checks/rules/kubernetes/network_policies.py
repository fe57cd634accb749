"""Where traffic is denied by default, every required connection must be allowed, in both directions, and no
other.

Required: DNS; and from the load balancer's subnets to the port of each service that an Ingress routes to. The
addresses must be those of Terraform's network.

Why: "default deny" without a rule for DNS blocks everything, because every connection starts with a name
lookup. A policy for the wrong subnet or port causes a timeout that does not point to the policy.

Bad:

    policyTypes: [Ingress, Egress]               # and no rule for port 53

Good:

    egress: [{ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]}]
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from generator.checks.agreement import is_within
from generator.checks.rule import NotApplicable
from generator.findings import Finding, Note, Span, error
from generator.system.former import Parsed
from generator.system.former.manifests import Manifest, selects
from generator.system.former.nodes import Map
from generator.values.layers import Values

CODE = "checks/network-policies"


def check(tree: Parsed, values: Values) -> Iterator[Finding]:
    policies = tree.kind("NetworkPolicy")
    if not policies:
        raise NotApplicable("there are no network policies")
    yield from _dns(tree, policies)
    yield from _from_outside(tree, policies)
    yield from _ports(tree, policies)
    yield from _addresses(tree, policies)
    yield from _rules(policies)


def _types(policy: Manifest) -> list[str]:
    return [text for text, _ in policy.spec.listed("policyTypes").texts()]


def _for(policies: list[Manifest], workload: Manifest, kind: str) -> list[Manifest]:
    """Return the policies of a kind that are for the pods of a workload."""
    return [
        each
        for each in policies
        if kind in _types(each)
        and each.namespace == workload.namespace
        and selects(each.spec.sub("podSelector"), workload.pod_labels)
    ]


def _open(policies: list[Manifest], side: str) -> set[tuple[str, str]]:
    return {
        (port.text("protocol") or "TCP", port.text("port"))
        for each in policies
        for rule in each.spec.each(side)
        for port in rule.each("ports")
    }


def _dns(tree: Parsed, policies: list[Manifest]) -> Iterator[Finding]:
    for workload in tree.workloads:
        closed = _for(policies, workload, "Egress")
        missing = [kind for kind in ("UDP", "TCP") if (kind, "53") not in _open(closed, "egress")]
        if closed and missing:
            note = Note("the pods", workload.at)
            kinds = " and ".join(missing)
            message = f"no policy lets {workload.identity} ask for names: port 53 of {kinds} is closed"
            yield error(
                CODE,
                message,
                closed[0].at,
                notes=(note,),
                hint=f"open port 53 for {' and '.join(missing)}, to kube-dns",
            )
            return


def _from_outside(tree: Parsed, policies: list[Manifest]) -> Iterator[Finding]:
    """What an Ingress leads to can be reached from the subnets of the load balancer."""
    public = _subnets(tree, "public_subnets")
    for ingress in tree.kind("Ingress"):
        for rule in ingress.spec.each("rules"):
            for path in rule.sub("http").each("paths"):
                name = path.sub("backend", "service").text("name")
                for workload, port in _behind(tree, name, ingress.namespace):
                    closed = _for(policies, workload, "Ingress")
                    if not closed:
                        continue
                    blocks = {
                        cidr
                        for each in closed
                        for cidr, ports in _blocks(each, "ingress", "from")
                        if port in ports
                    }
                    missing = [cidr for cidr in public if not any(_contains(block, cidr) for block in blocks)]
                    if missing or not blocks:
                        note = Note(f"the Ingress leads to it for {rule.text('host')}", rule.at("host"))
                        where = ", ".join(missing) or "the load balancer"
                        message = f"no policy lets {where} connect to port {port} of {workload.identity}"
                        hint = f"open port {port} for the public subnets"
                        yield error(CODE, message, _best(closed), notes=(note, *_vpc(tree)), hint=hint)


def _best(policies: list[Manifest]) -> Span:
    """Return the place of the policy that has rules, or of the first."""
    return next((each.at for each in policies if each.spec.each("ingress")), policies[0].at)


def _vpc(tree: Parsed) -> tuple[Note, ...]:
    return tuple(
        Note("the subnets", block.body.at("public_subnets")) for block in tree.terraform.networks[:1]
    )


def _behind(tree: Parsed, service: str, namespace: str) -> Iterator[tuple[Manifest, str]]:
    """Yield the workloads and ports that a Service leads to."""
    for each in tree.kind("Service"):
        if (each.name, each.namespace) != (service, namespace):
            continue
        selector = each.spec.sub("selector")
        for workload in tree.workloads:
            if selector and all(workload.pod_labels.get(key) == selector.text(key) for key in selector):
                for port in each.spec.each("ports"):
                    yield workload, port.text("targetPort") or port.text("port")


def _blocks(policy: Manifest, side: str, peers: str) -> Iterator[tuple[str, set[str]]]:
    for rule in policy.spec.each(side):
        ports = {port.text("port") for port in rule.each("ports")}
        for peer in rule.each(peers):
            if peer.sub("ipBlock"):
                yield peer.sub("ipBlock").text("cidr"), ports


def _ports(tree: Parsed, policies: list[Manifest]) -> Iterator[Finding]:
    """A policy that lets others in opens ports that its pods have."""
    for policy in policies:
        selector = policy.spec.sub("podSelector")
        own = [each for each in tree.containers if selector and selects(selector, each.workload.pod_labels)]
        known = {
            port.text(key): port.at(key)
            for each in own
            for port in each.data.each("ports")
            for key in ("containerPort", "name")
            if key in port
        }
        for rule in policy.spec.each("ingress"):
            for port in rule.each("ports"):
                if known and port.text("port") not in known:
                    notes = tuple(Note(f"its pods have {text}", at) for text, at in known.items())
                    message = (
                        f"{policy.identity} opens port {port.text('port')}, on which its pods do not listen"
                    )
                    yield error(
                        CODE, message, port.at("port"), notes=notes, hint=f"write {' or '.join(known)}"
                    )


def _subnets(tree: Parsed, name: str) -> list[str]:
    found = [tree.terraform.known(block.body.get(name)) for block in tree.terraform.networks]
    return [text for each in found if isinstance(each, list) for text in each if isinstance(text, str)]


def _addresses(tree: Parsed, policies: list[Manifest]) -> Iterator[Finding]:
    """Private addresses in a policy are those of a subnet that Terraform makes."""
    subnets = [*_subnets(tree, "public_subnets"), *_subnets(tree, "private_subnets")]
    whole = [tree.terraform.text(block.body, "cidr") for block in tree.terraform.networks]
    for policy in policies:
        for side, peers in (("ingress", "from"), ("egress", "to")):
            for rule in policy.spec.each(side):
                for peer in rule.each(peers):
                    block = peer.sub("ipBlock")
                    text = block.text("cidr")
                    if subnets and text and _is_private(text) and text not in [*subnets, *whole]:
                        message = (
                            f"{policy.identity} is about {text}, which is no subnet of Terraform's network"
                        )
                        hint = f"write one of {', '.join(subnets)}"
                        yield error(CODE, message, block.at("cidr"), notes=_vpc(tree), hint=hint)
                    yield from _open_to_all(policy, block, whole)


def _open_to_all(policy: Manifest, block: Map, whole: list[str]) -> Iterator[Finding]:
    """A rule for the whole internet leaves out the network itself."""
    excepted = [text for text, _ in block.listed("except").texts()]
    for network in whole:
        if (
            block.text("cidr") == "0.0.0.0/0"
            and network
            and not any(_contains(each, network) for each in excepted)
        ):
            message = f"{policy.identity} means the internet, and opens the own network {network} as well"
            yield error(CODE, message, block.at("cidr"), hint=f"add {network} to except")


def _rules(policies: list[Manifest]) -> Iterator[Finding]:
    """A policy names its types, a rule its peers and its ports: one that leaves them out means all of them."""
    for policy in policies:
        if not _types(policy):
            message = (
                f"{policy.identity} says no policyTypes, and Kubernetes guesses: what goes out stays open"
            )
            yield error(CODE, message, policy.at, hint="add policyTypes: [Ingress, Egress]")
        for side, peers in (("ingress", "from"), ("egress", "to")):
            for rule in policy.spec.each(side):
                yield from _rule(policy, rule, peers)


def _rule(policy: Manifest, rule: Map, peers: str) -> Iterator[Finding]:
    for key in (peers, "ports"):
        if not rule.listed(key):
            message = f"a rule of {policy.identity} has no {key}, which means all of them"
            yield error(CODE, message, rule.here(), hint=f"add {key}")
    for port in rule.each("ports"):
        if "port" not in port:
            message = f"a rule of {policy.identity} opens every port"
            yield error(CODE, message, port.here(), hint="add port")
    for peer in rule.each(peers):
        if not peer:
            message = f"an empty peer of {policy.identity} means everybody"
            yield error(CODE, message, rule.here(), hint="name pods or addresses")


def _is_private(text: str) -> bool:
    try:
        return ipaddress.ip_network(text, strict=False).is_private
    except ValueError:
        return False


def _contains(outer: str, inner: str) -> bool:
    try:
        first, second = ipaddress.ip_network(outer, strict=False), ipaddress.ip_network(inner, strict=False)
    except ValueError:
        return outer == inner
    return is_within(second, first)
