"""A pod identity association must name the service account that the chart creates.

Compared: `aws_eks_pod_identity_association` in Terraform with the service accounts of the Helm charts that
scripts install and of the manifests.

Why: an association refers to a namespace and a name, and AWS does not check that they exist. A controller
with another service account starts, and every AWS request that it makes is denied.

Bad:

    service_account = "load-balancer-controller"     # and --set serviceAccount.name=aws-load-balancer-controller

Good:

    service_account = "aws-load-balancer-controller"
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, warning
from generator.findings.suggest import nearest
from generator.system import System

CODE = "checks/pod-identity"
ADVICE = "docs.aws.amazon.com, EKS Pod Identities"
_ACCOUNT = re.compile(r"(?:\w+\.)*serviceAccount\.name=([\w.-]+)")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    associations = system.terraform.resources("aws_eks_pod_identity_association")
    created = dict(_created(system))
    if not associations or not created:
        raise NotApplicableError(
            "no role is associated with a service account, or no service account is created"
        )
    for block in associations:
        text = (
            system.terraform.text(block, "namespace"),
            system.terraform.text(block, "service_account"),
        )
        names = [name for _, name in created]
        is_known = text[1] in names or nearest(text[1], names)  # otherwise a chart may create it
        if text in created or not all(text) or not is_known:
            continue
        notes = tuple(
            Note(f"{name} is created in {namespace} here", at) for (namespace, name), at in created.items()
        )
        key = "namespace" if text[1] in names else "service_account"
        hint = (
            nearest(text[1], names)
            if key == "service_account"
            else f"use {next(space for space, name in created if name == text[1])}"
        )
        message = (
            f"the role is associated with the service account {text[1]} in {text[0]}, which nothing creates"
        )
        yield warning(CODE, message, block.at_key(key), notes=notes, hint=hint or f"use {' or '.join(names)}")
    associated = {
        (system.terraform.text(each, "namespace"), system.terraform.text(each, "service_account"))
        for each in associations
    }
    for (namespace, name), at in created.items():
        if namespace == "kube-system" and (namespace, name) not in associated:
            notes = tuple(
                Note("a role is associated here", each.at_key("service_account")) for each in associations
            )
            message = f"no role is associated with the service account {name} in {namespace}"
            hint = (
                nearest(name, [each for _, each in associated])
                or "add an aws_eks_pod_identity_association for it"
            )
            yield warning(CODE, message, at, notes=notes, hint=hint)


def _created(system: System) -> Iterator[tuple[tuple[str, str], Span]]:
    for script in system.scripts:
        for command in script.script.all("helm"):
            namespace = command.option("--namespace", "-n")
            for word in command.words:
                found = _ACCOUNT.fullmatch(word.text)
                if found and namespace:
                    yield (namespace.text, found[1]), script.at(word.offset + found.start(1), len(found[1]))
    for each in system.kind("ServiceAccount"):
        yield (each.namespace, each.name), each.at
