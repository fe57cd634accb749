"""Every version in use must still be supported by its vendor.

Checked: Node.js, PostgreSQL, Redis, Kubernetes on EKS, and the Terraform modules and provider, against tables
with a source and a date (`checks/data/support.yaml`). The date is the date of the check, or the one given
with `--today`; a render never reads the clock.

Why: an unsupported version gets no fixes, and AWS does not create new instances of it: `terraform apply` of
15.4 fails. A version whose support ends soon is a warning, because an upgrade takes time.

Bad:

    cluster_version = "1.27"

Good:

    cluster_version = "1.35"
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Any

from generator.checks import databases
from generator.checks.data import table
from generator.checks.databases import POSTGRES
from generator.checks.rule import Context, NotApplicableError
from generator.checks.rules.kubernetes.served_versions import cluster_version
from generator.checks.rules.terraform.terraform_modules import major
from generator.findings import Finding, Note, Span, error, error_if, warning
from generator.findings.record import record
from generator.languages.node import Map, children
from generator.system import System
from generator.system.images import image_name

CODE = "checks/support"
ADVICE = "the vendors' calendars of support, as checks/data/support.yaml names them"
_BY_AWS = frozenset(["eks", "elasticache-redis", "rds-postgres"])  # which creates nothing of an ended version
_SOON = datetime.timedelta(days=120)
_OLD = datetime.timedelta(days=365)  # of the support data


@record
class Runs:
    """A version in use, and its subject in the support data."""

    subject: str
    version: str
    at: Span


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    runs = list(_runs(system))
    if not runs:
        raise NotApplicableError("no version is one that the support data covers")
    data = table("support")
    for each in runs:
        yield from _ended(each, data["tables"][each.subject], context.today)
    if context.today - data["read"] > _OLD:
        age = (context.today - data["read"]).days
        message = f"the support data is {age} days old: newer versions and changed dates are missing"
        yield warning(CODE, message, runs[0].at, hint="update oetgen")


def _runs(system: System) -> Iterator[Runs]:
    yield from _node(system)
    for names, subject in ((POSTGRES, "postgresql"), (("redis",), "redis")):
        for container in databases.in_cluster(system, names):
            yield Runs(subject, image_name(container.image).tag, container.node.at_key("image"))
        for each in databases.beside(system, names):
            yield Runs(subject, image_name(each.image).tag, each.node.at_key("image"))
    for blocks, subject in (
        (databases.managed_databases(system), "rds-postgres"),
        (databases.managed_caches(system), "elasticache-redis"),
    ):
        for block in blocks:
            version = system.terraform.leaf(block, "engine_version")
            if version:
                yield Runs(subject, version.text, version.at)
    cluster = cluster_version(system)
    if cluster:
        yield Runs("eks", *cluster)
    yield from _modules(system)
    yield from _providers(system)


def _node(system: System) -> Iterator[Runs]:
    for dockerfile in system.dockerfiles:
        for stage in dockerfile.stages:
            _, repository, tag = image_name(stage.image)
            if repository.rpartition("/")[2] == "node":
                yield Runs("node", tag, stage.start.where(f":{tag}"))
    for step in system.steps:
        inputs = step.node.map("with")
        if step.action == "actions/setup-node" and "node-version" in inputs:
            yield Runs("node", inputs.text("node-version"), inputs.at_key("node-version"))


def _modules(system: System) -> Iterator[Runs]:
    for block in system.terraform.blocks("module"):
        source = block.text("source")
        if source in table("support")["tables"]:
            yield Runs(source, major(system.terraform.text(block, "version")), block.at_key("version"))


def _providers(system: System) -> Iterator[Runs]:
    for settings in system.terraform.blocks("terraform"):
        for providers in settings.blocks("required_providers"):
            for entry in children(providers):
                if isinstance(entry, Map) and entry.text("source") == "hashicorp/aws":
                    version = system.terraform.leaf(entry, "version")
                    if version:
                        yield Runs("hashicorp/aws", major(version.text), version.at)


def _ended(runs: Runs, entry: dict[str, Any], today: datetime.date) -> Iterator[Finding]:
    known = _longest(runs.version, entry["until"])
    source = Note(f"source: {entry['source']}")
    hint = f"use {entry['use']}"
    if known is None:
        if re.match(r"\d", runs.version):
            is_old = _numbers(runs.version) < min(map(_numbers, map(str, entry["until"])))
            fact = (
                "is older than the support data" if is_old else "is not in the support data: does it exist?"
            )
            message = f"{entry['what']} {_plain(runs.version)} {fact}"
            yield warning(CODE, message, runs.at, notes=(source,), hint=hint)
        return
    until, extended = entry["until"][known], entry.get("extended", {}).get(known)
    if until and until < today and extended and extended >= today:
        what = f"{entry['what']} {known}"
        message = f"the standard support of {what} ended on {until}: AWS charges extra until {extended}"
        yield warning(CODE, message, runs.at, notes=(source,), hint=hint)
    elif until and until < today:
        message = f"the support of {entry['what']} {known} ended on {max(until, extended or until)}"
        yield error_if(runs.subject in _BY_AWS, CODE, message, runs.at, notes=(source,), hint=hint)
    elif until and until - today <= _SOON:
        message = f"the support of {entry['what']} {known} ends on {until}, in {(until - today).days} days"
        yield warning(CODE, message, runs.at, notes=(source,), hint=hint)
    oldest = entry.get("oldest", {}).get(known)
    if oldest and "." in runs.version and _numbers(runs.version) < _numbers(oldest):
        message = (
            f"AWS creates no new instances of {entry['what']} {_plain(runs.version)}:"
            f" expected {oldest} or newer"
        )
        yield error(
            CODE,
            message,
            runs.at,
            notes=(source,),
            hint=f"use {known}, which selects the newest minor version",
        )


def _plain(version: str) -> str:
    return re.split(r"[^0-9.]", version)[0]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in _plain(version).split(".") if part)


def _longest(version: str, until: dict[str, Any]) -> str | None:
    """Return the longest prefix of a version that is in the support data, or None."""
    parts = _plain(version).split(".")
    return next((key for end in range(len(parts), 0, -1) if (key := ".".join(parts[:end])) in until), None)
