"""The load balancer must be able to find its security group, subnets and ports.

The annotations of the Ingress are compared with Terraform: security groups by their tag `Name`, subnets by
their role tag, and the ports of the listeners; its paths and targets with what the controller accepts.

Why: the controller looks these up by name and tag, and reports "couldn't auto-discover subnets" only in its
own log. So it does with "prefix path shouldn't contain wildcards", and with a Service that the machines open no port
for. The Ingress gets no address.

Bad:

    alb.ingress.kubernetes.io/security-groups: shop-alb           # and the group's Name is shop-alb-sg

Good:

    alb.ingress.kubernetes.io/security-groups: shop-alb-sg
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error, error_if
from generator.findings.suggest import nearest
from generator.languages.node import Block, Map
from generator.system import System
from generator.system.kubernetes import Object, ingress_class

CODE = "checks/load-balancer"
ADVICE = "kubernetes-sigs.github.io/aws-load-balancer-controller, Ingress annotations: target-type"
_PREFIX = "alb.ingress.kubernetes.io/"
_KNOWN = {"scheme": ("internet-facing", "internal"), "target-type": ("ip", "instance")}


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    ingresses = [
        each for each in system.kind("Ingress") if ingress_class(each) == "alb" or _has_annotations(each)
    ]
    if not ingresses:
        raise NotApplicableError("no Ingress uses an AWS load balancer")
    groups = {_tag(system, block): block for block in system.terraform.resources("aws_security_group")}
    for each in ingresses:
        annotations = each.metadata.map("annotations")
        if ingress_class(each) != "alb":
            yield error(
                CODE,
                f"the class of {each.identity} is not alb: the controller ignores it",
                each.at,
                hint="set ingressClassName: alb",
            )
        for name, allowed in _KNOWN.items():
            text = annotations.text(_PREFIX + name)
            if text and text not in allowed:
                yield error(
                    CODE,
                    f"{name} is {text}, expected {' or '.join(allowed)}",
                    annotations.at_key(_PREFIX + name),
                    hint=f"use {allowed[0]}",
                )
        own = []
        for name in filter(
            None, (part.strip() for part in annotations.text(f"{_PREFIX}security-groups").split(","))
        ):
            if system.terraform.files and not name.startswith("sg-") and name not in groups:
                notes = tuple(Note(f"{text} exists", _place(block)) for text, block in groups.items() if text)
                hint = nearest(name, list(groups)) or "use the tag Name of a security group"
                message = f"the security group {name} does not exist"
                yield error(
                    CODE, message, annotations.at_key(f"{_PREFIX}security-groups"), notes=notes, hint=hint
                )
            elif name in groups:
                own.append(groups[name])
        yield from _listens(system, each, own)
        yield from _subnets(system, each)
        yield from _paths(system, each) if ingress_class(each) == "alb" else ()


def _paths(system: System, ingress: Object) -> Iterator[Finding]:
    """Check that the controller accepts each path, and the Service that it leads to."""
    unknown = system.unknown_files(broken=True)
    for path in (path for rule in ingress.spec.maps("rules") for path in rule.maps("http", "paths")):
        text, kind = path.text("path"), path.text("pathType")
        if kind in ("Prefix", "Exact") and not {*"*?"}.isdisjoint(text):
            message = f"{text} has a wildcard, which the controller refuses with pathType {kind}"
            hint = (
                "write the path without it" if kind == "Prefix" else "write pathType: ImplementationSpecific"
            )
            yield error(CODE, message, path.at_key("path"), hint=hint)
        services = [
            each
            for each in system.kind("Service")
            if (each.name, each.namespace) == (path.text("backend", "service", "name"), ingress.namespace)
            and system.may_meet(each, ingress)
            and each.path not in unknown
        ]
        yield from _targets(system, ingress, services[0], path) if services else ()


def _targets(system: System, ingress: Object, service: Object, path: Map) -> Iterator[Finding]:
    """Yield a finding where the load balancer connects to a port of the machines, which a Service does not open."""
    key = f"{_PREFIX}target-type"
    holders = [each for each in (service, ingress) if key in each.metadata.map("annotations")]
    target = holders[0].metadata.map("annotations").text(key) if holders else "instance"
    if (
        target != "instance"
        or service.spec.text("type") not in ("", "ClusterIP")
        or not _is_default(system, holders)
    ):
        return
    fact = "is instance" if holders else "is missing, and instance by default"
    message = f"target-type {fact}, and {service.identity} of type ClusterIP opens no port of the machines"
    at = holders[0].metadata.map("annotations").at_key(key) if holders else path.at_key("backend")
    notes = (Note("the Service", service.at),)
    yield error_if(holders, CODE, message, at, notes=notes, hint=f"write {key}: ip, or type: NodePort")


def _is_default(system: System, holders: list[Object]) -> bool:
    """Return whether nothing in the tree changes the type of targets that the controller takes by default."""
    classes = system.kind("IngressClass", "IngressClassParams")
    return bool(holders) or not any(
        each.kind == "IngressClassParams" or each.spec.text("controller") != "ingress.k8s.aws/alb"
        for each in classes
    )


def _has_annotations(each: Object) -> bool:
    return any(key.startswith(_PREFIX) for key in each.metadata.map("annotations"))


def _tag(system: System, block: Block) -> str:
    return system.terraform.text(block, "tags", "Name")


def _place(block: Block) -> Span:
    return block.at_key("tags")


def _listens(system: System, ingress: Object, groups: list[Block]) -> Iterator[Finding]:
    """Check that the security group allows each port that the load balancer listens on."""
    annotations = ingress.metadata.map("annotations")
    key = f"{_PREFIX}listen-ports"
    try:
        listed = json.loads(annotations.text(key) or "[]")
    except ValueError:
        yield error(
            CODE,
            "listen-ports is not JSON",
            annotations.at_key(key),
            hint='use [{"HTTP": 80}, {"HTTPS": 443}]',
        )
        return
    ports = {str(port) for each in listed if isinstance(each, dict) for port in each.values()}
    redirect = annotations.text(f"{_PREFIX}ssl-redirect")
    if redirect and redirect not in ports:
        note = Note("its listeners", annotations.at_key(key))
        message = f"requests are redirected to port {redirect}, which has no listener"
        yield error(
            CODE,
            message,
            annotations.at_key(f"{_PREFIX}ssl-redirect"),
            notes=(note,),
            hint=f"use {' or '.join(sorted(ports))}",
        )
    for group in groups:
        opened = {
            system.terraform.text(rule, name)
            for rule in group.blocks("ingress")
            for name in ("from_port", "to_port")
        }
        for port in sorted(ports - opened):
            note = Note("its security group", group.at)
            message = f"the load balancer listens on {port}, but its security group does not allow that port"
            yield error(
                CODE,
                message,
                annotations.at_key(key),
                notes=(note,),
                hint=f"add an ingress rule for port {port}",
            )


def _subnets(system: System, ingress: Object) -> Iterator[Finding]:
    annotations = ingress.metadata.map("annotations")
    internal = annotations.text(f"{_PREFIX}scheme") == "internal"
    role, argument = ("internal-elb", "private_subnet_tags") if internal else ("elb", "public_subnet_tags")
    if f"{_PREFIX}subnets" in annotations:
        return
    for block in system.terraform.networks:
        tags = system.terraform.get(block, argument)
        if not isinstance(tags, Map) or f"kubernetes.io/role/{role}" not in tags:
            note = Note("the Ingress", ingress.at)
            message = (
                f"no subnet is tagged for the load balancer: {argument} has no kubernetes.io/role/{role}"
            )
            yield error(
                CODE,
                message,
                block.at_key(argument),
                notes=(note,),
                hint=f'add {argument} = {{ "kubernetes.io/role/{role}" = 1 }}',
            )
