"""Every dependency that a readiness check queries must be deployed, configured and reachable.

Each object that a program queries for its health check needs a variable in the pod, a workload or managed resource
that provides it, and a network policy that allows the traffic where traffic is denied by default.

Why: a readiness probe that queries a Redis that does not exist always returns 503: no pod becomes ready, and
no rollout completes.

Bad:

    await redis.ping()           // and no Redis in the cluster, none in Terraform, no REDIS_URL

Good:

    await redis.ping()           // with REDIS_URL, a Deployment of redis, and a policy for its port
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks import databases
from generator.checks.databases import PORTS, POSTGRES, REDIS
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, warning
from generator.findings.suggest import nearest
from generator.languages.typescript.read import Statement
from generator.system import Component, Container, System
from generator.system.kubernetes import Object, selects

CODE = "checks/dependencies"
ADVICE = "kubernetes.io, Configure Liveness, Readiness and Startup Probes"
_HEALTH = re.compile(r"(?:^|/)(?:health|ready|readiness)[\w.-]*$")
# The names of clients in programs, and the beginnings of the variables with their addresses.
_CLIENTS = {
    **dict.fromkeys(("db", "database", "knex", "pool", "pg", "prisma", "sequelize", "sql"), POSTGRES),
    **dict.fromkeys(("redis", "cache", "redisClient", "valkey"), REDIS),
}
_VARIABLES: dict[tuple[str, ...], tuple[str, ...]] = {
    POSTGRES: ("DATABASE", "POSTGRES", "DB_", "PGHOST"),
    REDIS: ("REDIS", "CACHE", "VALKEY"),
}
_WORDS: dict[tuple[str, ...], str] = {POSTGRES: "database", REDIS: "cache"}


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    connects = False
    for component in system.components:
        for program in system.programs:
            is_health = _HEALTH.search(program.source.path) is not None
            if not is_health or system.component_of(program.source.path) is not component:
                continue
            for client in {
                each.name: each for each in program.asks if each.name not in program.names
            }.values():
                hint = nearest(client.name, sorted(program.names)) or f"import {client.name}, or fix the name"
                yield warning(
                    CODE, f"the program calls {client.name}, which it does not import", client.at, hint=hint
                )
            for client in {each.name: each for each in program.asks if each.name in _CLIENTS}.values():
                connects = True
                yield from _provided(system, client)
                for container in component.serving:
                    yield from _address(component, container, client)
                    yield from _allowed(system, container, client)
    if not connects:
        raise NotApplicableError("no program connects to a database or a cache")


def _provided(system: System, client: Statement) -> Iterator[Finding]:
    names = _CLIENTS[client.name]
    managed = databases.managed_databases(system) if names == POSTGRES else databases.managed_caches(system)
    if not managed and not system.unread and not databases.in_cluster(system, names):
        hint = f"run {names[0]} in the cluster or in AWS, or do not connect to it"
        message = f"the program connects to {client.name}, but no {_WORDS[names]} exists"
        notes = tuple(Note(f"{each.identity} exists", each.at) for each in system.kind("Deployment")[:3])
        yield warning(CODE, message, client.at, notes=notes, hint=hint)


def _address(component: Component, container: Container, client: Statement) -> Iterator[Finding]:
    names = _CLIENTS[client.name]
    if not any(name.startswith(_VARIABLES[names]) for name in container.environment):
        note = Note(f"the program connects to {client.name}", client.at)
        message = f"{container.what} has no variable with the address of the {_WORDS[names]}"
        hint = f"add {'DATABASE_URL' if names == POSTGRES else 'REDIS_URL'} to its env"
        yield warning(CODE, message, container.node.at_key("name"), notes=(note,), hint=hint)


def _allowed(system: System, container: Container, client: Statement) -> Iterator[Finding]:
    """Check that a policy allows the connection, if any policy restricts the pod's egress."""
    own = [each for each in system.kind("NetworkPolicy") if _is_for(each, container)]
    closed = [each for each in own if "Egress" in each.spec.seq("policyTypes").texts()]
    names = _CLIENTS[client.name]
    ports = {
        port.text("port")
        for each in closed
        for rule in each.spec.maps("egress")
        for port in rule.maps("ports")
    }
    wanted = _ports(system, names)
    if closed and not ports & wanted:
        note = Note(f"the program connects to {client.name}", client.at)
        others = tuple(Note("this denies all other egress", each.at) for each in closed[:1])
        port = " or ".join(sorted(wanted))
        message = (
            f"no network policy allows {container.what} to connect to port {port} of the {_WORDS[names]}"
        )
        hint = f"add an egress rule for TCP {port}, or a label that such a policy selects"
        yield warning(CODE, message, container.node.at_key("name"), notes=(note, *others), hint=hint)


def _is_for(policy: Object, container: Container) -> bool:
    return policy.namespace == container.workload.namespace and selects(
        policy.spec.map("podSelector"), container.workload.pod_labels
    )


def _ports(system: System, names: tuple[str, ...]) -> set[str]:
    managed = databases.managed_databases(system) if names == POSTGRES else databases.managed_caches(system)
    found = {system.terraform.text(block, "port") or PORTS[names] for block in managed}
    found |= {
        port.text("containerPort")
        for container in databases.in_cluster(system, names)
        for port in container.node.maps("ports")
    }
    return found or {PORTS[names]}
