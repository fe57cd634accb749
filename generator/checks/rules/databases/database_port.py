"""The port of a database must be the same in every rule and setting on the way to it.

Compared: the container and its Service, Terraform's database and the rule of its security group, and the
network policies of the clients.

Why: a security group that opens 5433 for a database on 5432 causes a timeout, and its message does not
mention the port.

Bad:

    port = 5432                  # and from_port = 5433 in its security group

Good:

    from_port = 5432
    to_port   = 5432
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks import databases
from generator.checks.agreement import Statement, disagreements
from generator.checks.databases import PORTS, POSTGRES, REDIS
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, error
from generator.languages.hcl.expressions import references
from generator.languages.node import Block
from generator.system import System
from generator.system.kubernetes import Object

CODE = "checks/database-port"
ADVICE = "docs.aws.amazon.com, VPC: security group rules"
_KINDS = (
    (POSTGRES, "the port of the database", databases.managed_databases, "vpc_security_group_ids"),
    (REDIS, "the port of the cache", databases.managed_caches, "security_group_ids"),
)


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    applies = False
    for names, fact, managed, groups in _KINDS:
        statements = [*_cluster(system, names), *_managed(system, managed(system), PORTS[names])]
        applies |= bool(statements)
        opened = [each for block in managed(system) for each in _allowed_by_groups(system, block, groups)]
        if databases.is_one(system, names, managed(system)):
            yield from disagreements(CODE, fact, [*statements, *opened])
        yield from _allowed(system, names, statements)
    if not applies:
        raise NotApplicableError("there is no database or cache")


def _cluster(system: System, names: tuple[str, ...]) -> Iterator[Statement]:
    for container in databases.in_cluster(system, names):
        for port in container.node.maps("ports"):
            yield Statement(port.text("containerPort"), container.what, port.at_key("containerPort"))
        for service in system.kind("Service"):
            if service.spec.map("selector") and _selects(service, container.workload):
                for port in service.spec.maps("ports"):
                    yield Statement(port.text("port"), service.identity, port.at_key("port"))


def _selects(service: Object, workload: Object) -> bool:
    selector = service.spec.map("selector")
    return all(workload.pod_labels.get(key) == selector.text(key) for key in selector)


def _managed(system: System, blocks: list[Block], default: str) -> Iterator[Statement]:
    for block in blocks:
        text = system.terraform.text(block, "port") or default
        at = block.at_key("port") if "port" in block else block.at
        yield Statement(text, ".".join(block.labels), at)


def _allowed_by_groups(system: System, block: Block, argument: str) -> Iterator[Statement]:
    """Yield the ports that the security groups of a database allow."""
    module = system.terraform.module_of(block)
    for reference in references(block.get(argument)):
        for group in module.blocks("resource", *reference.path[:2]) if module else ():
            for rule in group.blocks("ingress"):
                for name in ("from_port", "to_port"):
                    text = system.terraform.text(rule, name)
                    yield Statement(text, f"{name} of {'.'.join(group.labels)}", rule.at_key(name))


def _allowed(system: System, names: tuple[str, ...], statements: list[Statement]) -> Iterator[Finding]:
    """Check that the network policies of a database or cache allow its port."""
    policies = system.kind("NetworkPolicy")
    ports = {each.text for each in statements}
    word = "cache" if names == REDIS else "database"
    for policy in policies:
        if word not in policy.name and not any(name in policy.name for name in names):
            continue
        for direction in ("ingress", "egress"):
            for rule in policy.spec.maps(direction):
                for port in rule.maps("ports"):
                    if ports and port.text("port") not in ports:
                        notes = tuple(
                            Note(f"{each.what} has port {each.text}", each.at) for each in statements[:2]
                        )
                        other = " or ".join(sorted(ports))
                        message = (
                            f"{policy.identity} allows port {port.text('port')}, but the {word} has {other}"
                        )
                        hint = f"use port {other}"
                        yield error(CODE, message, port.at_key("port"), notes=notes, hint=hint)
