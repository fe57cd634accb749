"""The name of the database and the name of its user must be the same everywhere.

Compared: `POSTGRES_DB` and `POSTGRES_USER` in the cluster and in Compose, `db_name`, `username` and log
groups in Terraform, and the URLs in examples.

Why: an application that was developed against `oet_praxis` finds no such database in AWS when Terraform names
it `oet`.

Bad:

    db_name = "oet"              # and POSTGRES_DB: oet_praxis in the cluster

Good:

    db_name = "oet_praxis"
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from generator.checks import databases as stores
from generator.checks.agreement import Said, disagreements
from generator.checks.databases import POSTGRES
from generator.checks.rule import NotApplicable
from generator.findings import Finding
from generator.system.former import Parsed
from generator.system.former.manifests import PROBES, environment
from generator.system.former.nodes import Map
from generator.values.layers import Values

CODE = "checks/database-name"
_LOG_GROUP = re.compile(r'"/aws/rds/instance/([\w-]+)/')


def check(tree: Parsed, values: Values) -> Iterator[Finding]:
    names, users = list(_said(tree, "POSTGRES_DB", "db_name")), list(_said(tree, "POSTGRES_USER", "username"))
    for address in stores.addresses(tree):
        if address.scheme.startswith("postgres") and not address.is_test:
            names.append(
                Said(address.name, f"the address in {address.source.path}", address.at(address.name))
            )
            users.append(
                Said(address.user, f"the address in {address.source.path}", address.at(f"{address.user}:"))
            )
    probes = list(_probes(tree))
    names += [said for option, said in probes if option == "--dbname"]
    users += [said for option, said in probes if option == "--username"]
    if not names and not users:
        raise NotApplicable("there is no database")
    identifiers = list(_identifiers(tree))
    yield from disagreements(CODE, "the name of the instance", identifiers)
    yield from disagreements(CODE, "the name of the database", names)
    yield from disagreements(CODE, "the user of the database", users)


def _identifiers(tree: Parsed) -> Iterator[Said]:
    """The instance, and the log groups that RDS writes to by its name."""
    for block in stores.managed_databases(tree):
        if tree.terraform.text(block.body, "identifier"):
            yield Said(
                tree.terraform.text(block.body, "identifier"),
                ".".join(block.labels),
                block.body.at("identifier"),
            )
    for file in tree.terraform.files:
        for found in _LOG_GROUP.finditer(file.source.text):
            yield Said(found[1], "a log group", file.source.at(found.start(1), len(found[1])))


def _said(tree: Parsed, variable: str, argument: str) -> Iterator[Said]:
    for block in stores.managed_databases(tree):
        text = tree.terraform.text(block.body, argument)
        if text:
            yield Said(text, f"{argument} of {'.'.join(block.labels)}", block.body.at(argument))
    for container in stores.in_cluster(tree, POSTGRES):
        entry = environment(container.data).get(variable)
        if entry is not None and "value" in entry:
            yield Said(entry.text("value"), f"{variable} of {container.what}", entry.at("value"))
    for each in stores.beside(tree, POSTGRES):
        env = each.data.sub("environment")
        if each.job is None and variable in env:
            yield Said(env.text(variable), f"{variable} of {each.what}", env.at(variable))


def _probes(tree: Parsed) -> Iterator[tuple[str, Said]]:
    """What `pg_isready` asks for."""
    lists: list[tuple[Map, str, str]] = []
    for container in stores.in_cluster(tree, POSTGRES):
        lists += [
            (container.data.sub(probe, "exec"), "command", f"{probe} of {container.what}") for probe in PROBES
        ]
    lists += [
        (each.data.sub("healthcheck"), "test", f"the health check of {each.what}")
        for each in stores.beside(tree, POSTGRES)
    ]
    for holder, key, what in lists:
        words = list(holder.listed(key).texts())
        for (option, _), (text, at) in itertools.pairwise(words):
            if option in ("--dbname", "--username"):
                yield option, Said(text, what, at)
