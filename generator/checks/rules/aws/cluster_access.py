"""The pipelines must be able to reach the cluster and be authorized to change what they deploy.

The API endpoint must be open to GitHub's runners, and an access entry must name the role or user of the
pipelines.

Why: version 19 of the EKS module disables public access to the API endpoint by default, and `kubectl` times
out. An identity without an access entry gets "You must be logged in to the server", whatever its IAM
permissions are.

Bad:

    module "eks" { version = "~> 19.0" }

Good:

    cluster_endpoint_public_access = true
    access_entries = { deploy = { principal_arn = aws_iam_role.deploy.arn, … } }
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicable
from generator.findings import Finding, Note, error
from generator.languages.hcl.read import Block, Object
from generator.system.terraform import Module

CODE = "checks/cluster-access"


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    uses = [
        (step, command)
        for step, command in system.commands
        if command.texts[0] == "kubectl" and "--local" not in command.texts
    ]
    clusters = system.terraform.modules("terraform-aws-modules/eks/aws")
    if not uses or not clusters:
        raise NotApplicable("no workflow uses kubectl with a cluster that Terraform creates")
    step, command = uses[0]
    note = Note("the pipelines connect to it here", step.place(command.offset, len("kubectl")))
    for block in clusters:
        public = (
            "cluster_endpoint_public_access"
            if "cluster_name" in block.body.attributes
            else "endpoint_public_access"
        )
        if system.terraform.known(block.body.get(public)) is not True:
            message = "the API server of the cluster is not reachable from GitHub runners"
            yield error(CODE, message, block.body.at(public), notes=(note,), hint=f"add {public} = true")
        yield from _entry(system.terraform, block, note)


def _entry(module: Module, block: Block, note: Note) -> Iterator[Finding]:
    entries = module.known(block.body.get("access_entries"))
    principals = (
        [each for each in entries.values() if isinstance(each, Object)] if isinstance(entries, Object) else []
    )
    pipelines = [
        each for each in module.resources("aws_iam_role", "aws_iam_user") if _is_pipeline(module, each)
    ]
    if not principals:
        hint = "add access_entries for the role or user of the pipelines"
        yield error(
            CODE,
            "the pipelines have no access entry for the cluster",
            block.body.at("access_entries"),
            notes=(note,),
            hint=hint,
        )
        return
    addresses = {".".join(each.labels) for each in pipelines}
    for entry in principals:
        attribute = entry.attributes.get("principal_arn")
        named: set[str] = (
            {".".join(each.path[:2]) for each in getattr(attribute.value, "references", ())}
            if attribute
            else set()
        )
        if addresses and named and not named & addresses:
            at = (
                block.body.source.at(attribute.value_offset, attribute.end - attribute.value_offset)
                if attribute
                else block.at
            )
            notes = tuple(Note("the pipelines log in as this", each.at) for each in pipelines)
            message = f"no pipeline logs in as {', '.join(sorted(named))}, the principal of the access entry"
            yield error(CODE, message, at, notes=notes, hint=f"use {' or '.join(sorted(addresses))}.arn")
        if attribute is None:
            yield error(
                CODE,
                "the access entry has no principal_arn",
                block.body.at("access_entries"),
                notes=(note,),
                hint="add principal_arn with the role or user of the pipelines",
            )
        yield from _policies(module, block, entry)
        if not isinstance(entry.get("policy_associations"), Object):
            at = block.body.source.at(attribute.offset) if attribute else block.at
            yield error(
                CODE,
                "the access entry has no policy_associations: it grants no permissions",
                at,
                notes=(note,),
                hint="add policy_associations",
            )


def _policies(module: Module, block: Block, entry: Object) -> Iterator[Finding]:
    associations = entry.get("policy_associations")
    for name, each in associations.items() if isinstance(associations, Object) else ():
        at = block.body.source.find(name, block.offset)
        if not isinstance(each, Object) or "policy_arn" not in each:
            yield error(CODE, f"the policy association {name} has no policy_arn", at, hint="add policy_arn")
            continue
        scope = each.get("access_scope")
        if isinstance(scope, Object) and scope.get("type") == "namespace" and not scope.get("namespaces"):
            yield error(
                CODE,
                f"the policy association {name} has the scope namespace, but no namespaces",
                at,
                hint="add namespaces to access_scope",
            )


def _is_pipeline(module: Module, block: Block) -> bool:
    """Return whether the pipelines log in as a role or user: it is allowed to push images."""
    pushing = [
        each
        for each in module.blocks("data", "aws_iam_policy_document")
        if "ecr:PutImage" in each.body.source.text[each.offset :].split("\ndata ")[0]
    ]
    wanted = {f"data.{'.'.join(each.labels)}" for each in pushing}
    policies = {
        ".".join(each.labels)
        for each in module.resources("aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy")
        if ".".join(_path(each, "policy")[:3]) in wanted
    }
    for each in module.resources("aws_iam_role_policy_attachment", "aws_iam_user_policy_attachment"):
        principal = ".".join((_path(each, "role") or _path(each, "user"))[:2])
        if principal == ".".join(block.labels) and ".".join(_path(each, "policy_arn")[:2]) in policies:
            return True
    return False


def _path(block: Block, name: str) -> tuple[str, ...]:
    references = getattr(block.body.get(name), "references", ())
    return references[0].path if references else ()
