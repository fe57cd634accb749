"""Every reference to the cluster must use the same name.

Compared: Terraform's cluster at AWS, Google or DigitalOcean, the commands that log in to it, Helm settings, the
agent's configuration, log groups, and conditions of policies; and the place of Google's cluster.

Why: the name is repeated as plain text in many places. If another cluster has the name given to `aws eks
update-kubeconfig --name`, the deployment goes to that cluster.

Bad:

    aws eks update-kubeconfig --name shop-cluster         # and cluster_name = "shop"

Good:

    aws eks update-kubeconfig --name shop
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.agreement import Statement, disagreements, in_command
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding
from generator.languages.node import Block
from generator.languages.shell.script import Command
from generator.languages.source import Source
from generator.languages.word import Word
from generator.system import System

CODE = "checks/cluster-name"
ADVICE = "docs.aws.amazon.com, EKS: aws eks update-kubeconfig"
_SET = re.compile(r"(?:\w+\.)*clusterName=([\w.-]+)")
_TEXTS = (
    (re.compile(r'"cluster_name"\s*:\s*"([^"]+)"'), "the agent's configuration"),
    (re.compile(r"/aws/(?:containerinsights|eks)/([\w-]+)/"), "a log group"),
    (re.compile(r"k8s\.io/cluster-autoscaler/([\w-]+)\""), "a condition of a policy"),
    (re.compile(r"kubernetes\.io/cluster/([\w-]+)\""), "a tag"),
)
_NO_CLUSTER = frozenset(["enabled"])
_OTHERS = ("google_container_cluster", "digitalocean_kubernetes_cluster")
# The commands that log in to a cluster, whose name follows.
_LOGINS = (
    ("gcloud", "container", "clusters", "get-credentials"),
    ("doctl", "kubernetes", "cluster", "kubeconfig", "save"),
)
_LOCATIONS = ("--region", "--zone", "--location", "-z")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    statements = list(_statements(system))
    if len(statements) < 2:
        raise NotApplicableError("at most one place states the name of the cluster")
    if not system.is_one or len(_clusters(system)) > 1:
        raise NotApplicableError("there are several systems or clusters")
    yield from disagreements(CODE, "the cluster's name", statements)
    yield from disagreements(CODE, "the place of the cluster", _places(system))


def _clusters(system: System) -> list[Block]:
    return [*system.terraform.clusters, *system.terraform.resources(*_OTHERS)]


def _places(system: System) -> Iterator[Statement]:
    """Yield the region or zone of Google's cluster, in Terraform and in the commands that log in to it."""
    for block in system.terraform.resources("google_container_cluster"):
        if system.terraform.text(block, "location"):
            yield Statement(system.terraform.text(block, "location"), "Terraform", block.at_key("location"))
    for run in system.runs:
        if run.command.starts_with(*_LOGINS[0]):
            for word in run.command.options(*_LOCATIONS):
                if "$" not in word.text:
                    yield Statement(word.text, run.what, run.place(word.offset, len(word.text)))


def _logins(command: Command) -> list[Word]:
    """Return the name of the cluster that a command logs in to."""
    for login in _LOGINS:
        if command.starts_with(*login):
            names = command.arguments(frozenset([*_LOCATIONS, "--project", "--account"]))[len(login) - 1 :]
            return [name for name in names[:1] if "$" not in name.text]
    return []


def _statements(system: System) -> Iterator[Statement]:
    for block in _clusters(system):
        for name in ("cluster_name", "name"):
            if system.terraform.text(block, name):
                yield Statement(
                    system.terraform.text(block, name),
                    "Terraform",
                    block.at_key(name),
                )
                break
    for run in system.runs:
        is_eks = run.command.texts[:2] == ["aws", "eks"]
        options = run.command.options("--name", "--cluster-name") if is_eks else ()
        for text, offset in in_command(run.command, [*options, *_logins(run.command)], _SET):
            yield Statement(text, run.what, run.place(offset, len(text)))
    for source in (*system.of_language("hcl"), *system.of_language("kubernetes")):
        yield from _in_text(source)


def _in_text(source: Source) -> Iterator[Statement]:
    if "/tests/" in source.path:
        return
    for pattern, what in _TEXTS:
        for found in pattern.finditer(source.text):
            if "$" not in found[1] and found[1] not in _NO_CLUSTER:
                yield Statement(found[1], what, source.at(found.start(1), len(found[1])))
