"""Where traffic is denied by default, every required connection must be allowed, in both directions, and no
other.

Required: DNS; and to the port of each service that an Ingress routes to, from the load balancer's subnets (class
`alb`), or from the pods of the ingress controller in another namespace. The addresses must be those of
Terraform's network.

Why: "default deny" without a rule for DNS blocks everything, because every connection starts with a name
lookup. A policy for the wrong subnet or port causes a timeout that does not point to the policy. Rules of a direction
that `policyTypes` leaves out have no effect.

Bad:

    policyTypes: [Ingress, Egress]               # and no rule for port 53

Good:

    egress: [{ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]}]
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from generator.checks.databases import default_port
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error, error_if, warning
from generator.languages.node import Map
from generator.system import System
from generator.system.addresses import is_within, network
from generator.system.kubernetes import Object, ingress_class, selects

CODE = "checks/network-policies"
ADVICE = "kubernetes.io, Network Policies"
_TCP = {"5432": "PostgreSQL", "6379": "Redis", "3306": "MySQL", "27017": "MongoDB", "1433": "SQL Server"}
_WIDE = 16  # bits: a range as large as the network of a cluster


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    policies = system.kind("NetworkPolicy")
    if not policies:
        raise NotApplicableError("there are no network policies")
    yield from _dns(system, policies)
    yield from _from_outside(system, policies)
    yield from _between(system, policies)
    yield from _ports(system, policies)
    yield from _addresses(system, policies)
    yield from _rules(policies)


def _types(policy: Object) -> list[str]:
    return policy.spec.seq("policyTypes").texts()


def _for(system: System, policies: list[Object], workload: Object, kind: str) -> list[Object]:
    """Return the policies of a type that select the pods of a workload."""
    return [
        each
        for each in policies
        if kind in _types(each)
        and each.namespace == workload.namespace
        and system.may_meet(each, workload)
        and selects(each.spec.map("podSelector"), workload.pod_labels)
    ]


def _open(policies: list[Object], side: str) -> set[tuple[str, str]]:
    return {
        (port.text("protocol") or "TCP", port.text("port"))
        for each in policies
        for rule in each.spec.maps(side)
        for port in rule.maps("ports")
    }


def _is_open(policies: list[Object], side: str, protocol: str, number: int) -> bool:
    """Return whether a rule opens a port: by its number, in a range, or since it names no ports at all."""
    rules = [rule for each in policies for rule in each.spec.maps(side)]
    return any(
        not rule.maps("ports") or any(_covers(port, protocol, number) for port in rule.maps("ports"))
        for rule in rules
    )


def _covers(port: Map, protocol: str, number: int) -> bool:
    if (port.text("protocol") or "TCP") != protocol:
        return False
    first, last = port.text("port"), port.text("endPort") or port.text("port")
    if not first:
        return True
    return first.isdigit() and last.isdigit() and int(first) <= number <= int(last)


def _dns(system: System, policies: list[Object]) -> Iterator[Finding]:
    for workload in system.workloads:
        isolating = _for(system, policies, workload, "Egress")
        missing = [kind for kind in ("UDP", "TCP") if not _is_open(isolating, "egress", kind, 53)]
        if isolating and missing:
            note = Note("the pods", workload.at)
            kinds = " and ".join(missing)
            message = f"no policy lets {workload.identity} resolve names: port 53 ({kinds}) is closed"
            hint = f"allow egress to kube-dns on port 53 ({kinds})"
            yield warning(CODE, message, isolating[0].at, notes=(note,), hint=hint)
            return
        yield from _dns_peers(isolating, workload)


def _dns_peers(policies: list[Object], workload: Object) -> Iterator[Finding]:
    """Yield a warning if port 53 leads to a few private addresses alone: the pods of the DNS may be elsewhere."""
    rules = [
        rule
        for each in policies
        for rule in each.spec.maps("egress")
        if not rule.maps("ports") or any(_covers(port, "UDP", 53) for port in rule.maps("ports"))
    ]
    blocks = [peer.map("ipBlock") for rule in rules for peer in rule.maps("to")]
    narrow = [_is_narrow(each.text("cidr")) for each in blocks]
    if blocks and all(narrow) and all(rule.maps("to") for rule in rules):
        where = ", ".join(block.text("cidr") for block in blocks)
        message = f"{workload.identity} reaches the DNS only at {where}, and its pods are in kube-system"
        hint = "allow egress to the pods with k8s-app: kube-dns in kube-system"
        yield warning(CODE, message, blocks[0].at_key("cidr"), hint=hint)


def _between(system: System, policies: list[Object]) -> Iterator[Finding]:
    """Yield an error for each Service in the environment of a pod that no policy lets it reach."""
    for container in system.containers:
        for name, entry in container.environment.items():
            service, port = _addressed(system, container.workload, entry.text("value"))
            for target in system.behind(service) if service else ():
                number = _target_port(service, port) if service else ""
                closed = _closed(system, policies, container.workload, target, number)
                if closed:
                    note = Note("the variable", entry.at_key("value"))
                    message = (
                        f"{name} of {container.what} is an address of {target.identity}, and no {closed} rule"
                        f" of a policy lets it connect to port {number}"
                    )
                    hint = f"allow {closed} between the two on port {number}"
                    yield error(CODE, message, entry.at_key("value"), notes=(note,), hint=hint)


def _addressed(system: System, workload: Object, value: str) -> tuple[Object | None, str]:
    """Return the Service and port that a URL in the environment of a pod leads to."""
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", str(parts.port or default_port(parts.scheme))
    except ValueError:
        return None, ""
    found = system.addressed(host, workload)
    return (found[0], port) if found and parts.scheme and port else (None, "")


def _target_port(service: Object, port: str) -> str:
    for each in service.spec.maps("ports"):
        if each.text("port") == port:
            return each.text("targetPort") or port
    return port


def _closed(system: System, policies: list[Object], source: Object, target: Object, port: str) -> str:
    """Return the side, `egress` or `ingress`, that no policy opens for a connection; "" when both are open."""
    if not port.isdigit():
        return ""
    for side, peers, owner, other in (
        ("egress", "to", source, target),
        ("ingress", "from", target, source),
    ):
        isolating = _for(system, policies, owner, side.capitalize())
        rules = [rule for each in isolating for rule in each.spec.maps(side)]
        if isolating and not any(_lets(rule, peers, other, owner, int(port)) for rule in rules):
            return side
    return ""


def _lets(rule: Map, peers: str, other: Object, owner: Object, port: int) -> bool:
    if rule.maps("ports") and not any(_covers(each, "TCP", port) for each in rule.maps("ports")):
        return False
    return not rule.maps(peers) or any(_is_peer(peer, other, owner) for peer in rule.maps(peers))


def _is_peer(peer: Map, other: Object, owner: Object) -> bool:
    if "ipBlock" in peer:
        return True  # which addresses pods have is not known
    if "namespaceSelector" not in peer and other.namespace != owner.namespace:
        return False
    return "podSelector" not in peer or selects(peer.map("podSelector"), other.pod_labels)


def _from_outside(system: System, policies: list[Object]) -> Iterator[Finding]:
    """Yield a warning for each workload of an Ingress that the subnets of the load balancer cannot reach."""
    public = _subnets(system, "public_subnets")
    for ingress in system.kind("Ingress"):
        for rule in ingress.spec.maps("rules"):
            for path in rule.map("http").maps("paths"):
                name = path.map("backend", "service").text("name")
                for workload, port in _backends(system, name, ingress.namespace):
                    isolating = _for(system, policies, workload, "Ingress")
                    if not isolating:
                        continue
                    blocks = {
                        cidr
                        for each in isolating
                        for cidr, ports in _blocks(each, "ingress", "from")
                        if port in ports
                    }
                    missing = [cidr for cidr in public if not any(_contains(block, cidr) for block in blocks)]
                    is_open = any(
                        not rule.maps("from") or (not _is_load_balancer(ingress) and _lets_pods(rule, port))
                        for each in isolating
                        for rule in each.spec.maps("ingress")
                    )
                    if (missing or not blocks) and not is_open:
                        note = Note(f"the Ingress routes {rule.text('host')} to it", rule.at_key("host"))
                        where = ", ".join(missing) or "the load balancer"
                        message = f"no policy lets {where} connect to port {port} of {workload.identity}"
                        hint = f"allow ingress from the public subnets on port {port}"
                        closed = not any(_opens(each, port) for each in isolating)
                        at = _place(isolating)
                        yield error_if(closed, CODE, message, at, notes=(note, *_vpc(system)), hint=hint)


def _opens(policy: Object, port: str) -> bool:
    """Return whether a rule of a policy opens a port to anything."""
    number = int(port) if port.isdigit() else 0
    return any(
        not rule.maps("ports")
        or any(each.text("port") == port or _covers(each, "TCP", number) for each in rule.maps("ports"))
        for rule in policy.spec.maps("ingress")
    )


def _is_load_balancer(ingress: Object) -> bool:
    """Return whether requests come from a load balancer outside the cluster, not from a controller's pods."""
    return ingress_class(ingress) in ("", "alb") or any(
        key.startswith("alb.") for key in ingress.node.map("metadata", "annotations")
    )


def _lets_pods(rule: Map, port: str) -> bool:
    """Return whether a rule lets pods of another namespace, as those of an ingress controller, connect to a port."""
    is_port = not rule.maps("ports") or any(each.text("port") in (port, "") for each in rule.maps("ports"))
    return is_port and any("namespaceSelector" in peer for peer in rule.maps("from"))


def _place(policies: list[Object]) -> Span:
    """Return the place of the first policy with ingress rules, or else of the first policy."""
    return next((each.at for each in policies if each.spec.maps("ingress")), policies[0].at)


def _vpc(system: System) -> tuple[Note, ...]:
    return tuple(
        Note("the subnets", block.at_key("public_subnets")) for block in system.terraform.networks[:1]
    )


def _backends(system: System, service: str, namespace: str) -> Iterator[tuple[Object, str]]:
    """Yield the workloads and ports that a Service forwards to."""
    for each in system.kind("Service"):
        if (each.name, each.namespace) != (service, namespace):
            continue
        for workload in system.behind(each):
            for port in each.spec.maps("ports"):
                yield workload, port.text("targetPort") or port.text("port")


def _blocks(policy: Object, side: str, peers: str) -> Iterator[tuple[str, set[str]]]:
    for rule in policy.spec.maps(side):
        ports = {port.text("port") for port in rule.maps("ports")}
        for peer in rule.maps(peers):
            if peer.map("ipBlock"):
                yield peer.map("ipBlock").text("cidr"), ports


def _ports(system: System, policies: list[Object]) -> Iterator[Finding]:
    """Yield a finding for each port that a policy opens and its pods do not have."""
    for policy in policies:
        selector = policy.spec.map("podSelector")
        own = [
            each
            for each in system.containers
            if selector
            and each.workload.namespace == policy.namespace
            and system.may_meet(each.workload, policy)
            and selects(selector, each.workload.pod_labels)
        ]
        known = {
            port.text(key): port.at_key(key)
            for each in own
            for port in each.node.maps("ports")
            for key in ("containerPort", "name")
            if key in port
        }
        for rule in policy.spec.maps("ingress"):
            for port in rule.maps("ports"):
                if known and port.text("port") and "endPort" not in port and port.text("port") not in known:
                    notes = tuple(Note(f"its pods listen on {text}", at) for text, at in known.items())
                    message = (
                        f"{policy.identity} opens port {port.text('port')}, on which its pods do not listen"
                    )
                    hint = f"write {' or '.join(known)}"
                    certain = not port.text(
                        "port"
                    ).isdigit()  # another number may be open without being declared
                    yield error_if(certain, CODE, message, port.at_key("port"), notes=notes, hint=hint)


def _subnets(system: System, name: str) -> list[str]:
    return [text for block in system.terraform.networks for text in system.terraform.texts(block, name)]


def _addresses(system: System, policies: list[Object]) -> Iterator[Finding]:
    """Yield a warning for each private address range in a policy that is not a subnet of Terraform's network."""
    subnets = [*_subnets(system, "public_subnets"), *_subnets(system, "private_subnets")]
    whole = [system.terraform.text(block, "cidr") for block in system.terraform.networks]
    for policy in policies:
        for side, peers in (("ingress", "from"), ("egress", "to")):
            for rule in policy.spec.maps(side):
                for peer in rule.maps(peers):
                    block = peer.map("ipBlock")
                    text = block.text("cidr")
                    if subnets and text and _is_private(text) and text not in [*subnets, *whole]:
                        message = (
                            f"{policy.identity} allows {text}, which is not a subnet of Terraform's network"
                        )
                        hint = f"write one of {', '.join(subnets)}"
                        yield warning(CODE, message, block.at_key("cidr"), notes=_vpc(system), hint=hint)
                    yield from _open_to_all(policy, block, whole)


def _open_to_all(policy: Object, block: Map, whole: list[str]) -> Iterator[Finding]:
    """Yield a warning if a rule allows the whole internet without excepting the cluster's network."""
    excepted = block.seq("except").texts()
    for own in whole:
        if block.text("cidr") == "0.0.0.0/0" and own and not any(_contains(each, own) for each in excepted):
            message = f"{policy.identity} allows the internet and also the cluster's network {own}"
            yield warning(CODE, message, block.at_key("cidr"), hint=f"add {own} to except")


def _rules(policies: list[Object]) -> Iterator[Finding]:
    """Yield a warning for each policy without types, and each rule without peers or ports."""
    for policy in policies:
        if not _types(policy):
            message = f"{policy.identity} has no policyTypes, so outgoing traffic can stay open"
            yield warning(CODE, message, policy.at, hint="add policyTypes: [Ingress, Egress]")
        yield from _idle(policy)
        for side, peers in (("ingress", "from"), ("egress", "to")):
            for rule in policy.spec.maps(side):
                yield from _rule(policy, rule, peers)


def _idle(policy: Object) -> Iterator[Finding]:
    """Yield a warning for the rules of a direction that the types of a policy leave out."""
    types = _types(policy)
    for side in ("ingress", "egress"):
        wanted = side.capitalize()
        if types and policy.spec.maps(side) and wanted not in types:
            message = f"the {side} rules of {policy.identity} have no effect: policyTypes has no {wanted}"
            notes = (Note("its types", policy.spec.at_key("policyTypes")),)
            yield warning(
                CODE, message, policy.spec.key_place(side), notes=notes, hint=f"add {wanted} to policyTypes"
            )


def _rule(policy: Object, rule: Map, peers: str) -> Iterator[Finding]:
    for key in (peers, "ports") if rule else ():  # {} is written to allow everything
        if not rule.seq(key) and not _is_dns(rule):
            every = "port" if key == "ports" else "peer"
            message = f"a rule of {policy.identity} has no {key}, so it allows every {every}"
            yield warning(CODE, message, rule.at, hint=f"add {key}")
    for port in rule.maps("ports"):
        if port.text("protocol") == "UDP" and port.text("port") in _TCP:
            number = port.text("port")
            message = f"{policy.identity} opens port {number} for UDP, and {_TCP[number]} uses TCP"
            yield error(CODE, message, port.at_key("protocol"), hint="write protocol: TCP")
        if "port" not in port:
            message = f"an entry in ports of {policy.identity} has no port, so it allows every port"
            yield warning(CODE, message, port.at, hint="add port")
    for peer in rule.maps(peers):
        if not peer:
            message = f"an empty peer of {policy.identity} allows every peer"
            yield warning(CODE, message, rule.at, hint="add podSelector or ipBlock")


def _is_dns(rule: Map) -> bool:
    ports = rule.maps("ports")
    return bool(ports) and all(port.text("port") in ("53", "dns", "dns-tcp") for port in ports)


def _is_narrow(text: str) -> bool:
    """Return whether a range is private and smaller than the network of a cluster."""
    found = network(text)
    return found is not None and found.is_private and found.prefixlen > _WIDE


def _is_private(text: str) -> bool:
    found = network(text)
    return found is not None and found.is_private


def _contains(outer: str, inner: str) -> bool:
    first, second = network(outer), network(inner)
    return outer == inner if first is None or second is None else is_within(second, first)
