"""Every reference to the cluster must use the same name.

Compared: Terraform's cluster, `update-kubeconfig`, Helm settings, the agent's configuration, log groups, and
conditions of policies.

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
from generator.languages.source import Source
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


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    statements = list(_statements(system))
    if len(statements) < 2:
        raise NotApplicableError("at most one place states the name of the cluster")
    if not system.is_one or len(system.terraform.clusters) > 1:
        raise NotApplicableError("there are several systems or clusters")
    yield from disagreements(CODE, "the cluster's name", statements)


def _statements(system: System) -> Iterator[Statement]:
    for block in system.terraform.clusters:
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
        for text, offset in in_command(run.command, options, _SET):
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
