"""The name of the database and the name of its user must be the same everywhere.

Compared: `POSTGRES_DB` and `POSTGRES_USER` in the cluster and in Compose, `db_name`, `username` and log
groups in Terraform, and the URLs in examples.

Why: an application that was developed against `shop_db` finds no such database in AWS when Terraform names
it `shop`.

Bad:

    db_name = "shop"              # and POSTGRES_DB: shop_db in the cluster

Good:

    db_name = "shop_db"
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from generator.checks import databases
from generator.checks.agreement import Statement, disagreements
from generator.checks.databases import POSTGRES
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding
from generator.languages.node import Map
from generator.system import System
from generator.system.kubernetes import PROBES

CODE = "checks/database-name"
ADVICE = "postgresql.org, Database Connection Control Functions"
_LOG_GROUP = re.compile(r'"/aws/rds/instance/([\w-]+)/')


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    names, users = (
        list(_statements(system, "POSTGRES_DB", "db_name")),
        list(_statements(system, "POSTGRES_USER", "username")),
    )
    for address in databases.addresses(system):
        if address.scheme.startswith("postgres") and not address.is_test:
            names.append(
                Statement(address.name, f"the address in {address.source.path}", address.at(address.name))
            )
            users.append(
                Statement(
                    address.user, f"the address in {address.source.path}", address.at(f"{address.user}:")
                )
            )
    probes = list(_probes(system))
    names += [statement for option, statement in probes if option == "--dbname"]
    users += [statement for option, statement in probes if option == "--username"]
    if not names and not users:
        raise NotApplicableError("there is no database")
    if not databases.is_one(system, POSTGRES, databases.managed_databases(system)) or not system.is_one:
        return
    identifiers = list(_identifiers(system))
    yield from disagreements(CODE, "the name of the instance", identifiers)
    yield from disagreements(CODE, "the name of the database", names)
    yield from disagreements(CODE, "the user of the database", users)


def _identifiers(system: System) -> Iterator[Statement]:
    """Yield the identifiers of the instances, and the names in the log groups that RDS writes to."""
    for block in databases.managed_databases(system):
        if system.terraform.text(block, "identifier"):
            yield Statement(
                system.terraform.text(block, "identifier"),
                ".".join(block.labels),
                block.at_key("identifier"),
            )
    for file in system.terraform.files:
        for found in _LOG_GROUP.finditer(file.source.text):
            yield Statement(found[1], "a log group", file.source.at(found.start(1), len(found[1])))


def _statements(system: System, variable: str, argument: str) -> Iterator[Statement]:
    for block in databases.managed_databases(system):
        text = system.terraform.text(block, argument)
        if text:
            yield Statement(text, f"{argument} of {'.'.join(block.labels)}", block.at_key(argument))
    for container in databases.in_cluster(system, POSTGRES):
        entry = container.environment.get(variable)
        if entry is not None and "value" in entry:
            yield Statement(entry.text("value"), f"{variable} of {container.what}", entry.at_key("value"))
    for each in databases.beside(system, POSTGRES):
        env = each.node.map("environment")
        if each.job is None and variable in env:
            yield Statement(env.text(variable), f"{variable} of {each.what}", env.at_key(variable))


def _probes(system: System) -> Iterator[tuple[str, Statement]]:
    """Yield the options of `pg_isready` in probes and health checks."""
    lists: list[tuple[Map, str, str]] = []
    for container in databases.in_cluster(system, POSTGRES):
        lists += [
            (container.node.map(probe, "exec"), "command", f"{probe} of {container.what}") for probe in PROBES
        ]
    lists += [
        (each.node.map("healthcheck"), "test", f"the health check of {each.what}")
        for each in databases.beside(system, POSTGRES)
    ]
    for holder, key, what in lists:
        for option, value in itertools.pairwise(holder.seq(key).leaves()):
            if option.text in ("--dbname", "--username"):
                yield option.text, Statement(value.text, what, value.at)
