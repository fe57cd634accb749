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

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, error, warning
from generator.languages.hcl.expressions import references
from generator.languages.node import Block, Leaf, Map, children
from generator.system.terraform import Terraform, names

CODE = "checks/cluster-access"
_CREATOR = "enable_cluster_creator_admin_permissions"
ADVICE = "docs.aws.amazon.com, EKS: access entries"


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    uses = [
        (step, command)
        for step, command in system.commands
        if command.texts[0] == "kubectl" and "--local" not in command.texts
    ]
    clusters = system.terraform.calls_of("terraform-aws-modules/eks/aws")
    if not clusters:
        raise NotApplicableError("Terraform creates no cluster")
    if not uses:
        for block in clusters:
            yield from _no_user(system.terraform, block)
        return
    step, command = uses[0]
    note = Note("the pipelines connect to it here", step.place(command.offset, len("kubectl")))
    for block in clusters:
        public = "cluster_endpoint_public_access" if "cluster_name" in block else "endpoint_public_access"
        leaf = system.terraform.leaf(block, public)
        if leaf is None or leaf.value is not True:
            message = "the API server of the cluster is not reachable from GitHub runners"
            yield error(CODE, message, block.at_key(public), notes=(note,), hint=f"add {public} = true")
        yield from _entries(system.terraform, block, note)


def _entries(terraform: Terraform, block: Block, note: Note) -> Iterator[Finding]:
    entries = terraform.get(block, "access_entries")
    principals = [each for each in children(entries) if isinstance(each, Map)] if entries else []
    if not principals and _may_have_access(terraform, block):
        return
    if not principals:
        hint = "add access_entries for the role or user of the pipelines"
        message = "the pipelines have no access entry for the cluster"
        yield error(CODE, message, block.at_key("access_entries"), notes=(note,), hint=hint)
    for entry in principals:
        yield from _principal(terraform, block, entry, note)
        yield from _policies(block, entry, note)


def _no_user(terraform: Terraform, block: Block) -> Iterator[Finding]:
    """Yield a warning for a cluster whose creator is refused, and to which nothing gives access."""
    if _CREATOR in block and not _may_have_access(terraform, block):
        message = "no user has access to the cluster: not its creator, and there are no access entries"
        hint = "add access_entries for those who administer it"
        yield warning(CODE, message, block.at_key(_CREATOR), hint=hint)


def _may_have_access(terraform: Terraform, block: Block) -> bool:
    """Return whether the pipelines may log in without an entry in the module: as creator, or by another resource."""
    is_creator = _CREATOR in block and terraform.leaf(block, _CREATOR) != Leaf(False)
    maps = terraform.resources(
        "kubernetes_config_map", "kubernetes_config_map_v1", "kubernetes_config_map_v1_data"
    )
    is_mapped = any(meta.text("name") == "aws-auth" for each in maps for meta in each.maps("metadata"))
    in_config_map = any(name.startswith("aws_auth_") or name == "manage_aws_auth_configmap" for name in block)
    has_entry = any(terraform.resources("aws_eks_access_entry"))
    return is_creator or in_config_map or is_mapped or has_entry or "access_entries" in block


def _principal(terraform: Terraform, block: Block, entry: Map, note: Note) -> Iterator[Finding]:
    principal = entry.get("principal_arn")
    if principal is None:
        at = block.at_key("access_entries")
        hint = "add principal_arn with the role or user of the pipelines"
        yield error(CODE, "the access entry has no principal_arn", at, notes=(note,), hint=hint)
    pipelines = [
        each for each in terraform.resources("aws_iam_role", "aws_iam_user") if _is_pipeline(terraform, each)
    ]
    named = {each.path[:2] for each in references(principal)}
    allowed = {names(each) for each in pipelines}
    if principal is not None and allowed and named and not named & allowed:
        notes = tuple(Note("the pipelines log in as this", each.at) for each in pipelines)
        message = f"no pipeline logs in as {_listed(named)}, the principal of the access entry"
        hint = f"use {' or '.join(sorted('.'.join(each) for each in allowed))}.arn"
        yield error(CODE, message, principal.at, notes=notes, hint=hint)


def _listed(named: set[tuple[str, ...]]) -> str:
    return ", ".join(sorted(".".join(each) for each in named))


def _policies(block: Block, entry: Map, note: Note) -> Iterator[Finding]:
    associations = entry.get("policy_associations")
    if not isinstance(associations, Map):
        at = entry.at_key("principal_arn") if "principal_arn" in entry else block.at
        message = "the access entry has no policy_associations: it grants no permissions"
        yield error(CODE, message, at, notes=(note,), hint="add policy_associations")
        return
    for name, each in associations.entries.items():
        if not isinstance(each, Map) or "policy_arn" not in each:
            message = f"the policy association {name} has no policy_arn"
            yield error(CODE, message, each.key_at, hint="add policy_arn")
            continue
        scope = each.map("access_scope")
        if scope.text("type") == "namespace" and not len(scope.seq("namespaces")):
            message = f"the policy association {name} has the scope namespace, but no namespaces"
            yield error(CODE, message, each.key_at, hint="add namespaces to access_scope")


def _is_pipeline(terraform: Terraform, block: Block) -> bool:
    """Return whether the pipelines log in as a role or user: it is allowed to push images."""
    pushing = {
        names(each)
        for each in terraform.blocks("data", "aws_iam_policy_document")
        if any("ecr:PutImage" in statement.seq("actions").texts() for statement in each.blocks("statement"))
    }
    policies = {
        names(each)
        for each in terraform.resources("aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy")
        if _first(each, "policy")[:3] in pushing
    }
    return any(
        (_first(each, "role") or _first(each, "user"))[:2] == names(block)
        and _first(each, "policy_arn")[:2] in policies
        for each in terraform.resources("aws_iam_role_policy_attachment", "aws_iam_user_policy_attachment")
    )


def _first(block: Block, name: str) -> tuple[str, ...]:
    """Return the names of the first thing that an argument refers to."""
    return next((each.path for each in references(block.get(name))), ())
