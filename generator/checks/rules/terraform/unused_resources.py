"""Every Terraform resource that exists only for others must be used.

Checked: security groups, subnet and parameter groups, roles, policies and policy documents. A resource is
used if another one refers to it or an Ingress selects it by name.

Why: a security group that is attached to nothing protects nothing, although it looks as if it did. It is
often the result of an incomplete rename.

Bad:

    resource "aws_security_group" "alb" { tags = {Name = "alb"} }       # and nothing names it

Good:

    alb.ingress.kubernetes.io/security-groups: alb
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, warning
from generator.languages.hcl.expressions import Expression
from generator.languages.node import Block
from generator.system import System
from generator.system.terraform import Module, address, names

CODE = "checks/unused-resources"
ADVICE = "tflint: terraform_unused_declarations"
_SHARED = (
    "aws_security_group aws_db_subnet_group aws_db_parameter_group aws_elasticache_subnet_group"
    " aws_elasticache_parameter_group aws_iam_role aws_iam_policy aws_iam_user aws_iam_instance_profile aws_kms_key"
).split()
_ATTACHMENTS = (
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_iam_user_policy",
    "aws_iam_user_policy_attachment",
    "aws_security_group_rule",
)
_GROUPS = "alb.ingress.kubernetes.io/security-groups"


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    shared = [*system.terraform.resources(*_SHARED), *system.terraform.blocks("data")]
    if not shared:
        raise NotApplicableError("Terraform declares no data source and no resource for others to use")
    selected = _named(system)
    for block in shared:
        module = system.terraform.module_of(block)
        name = system.terraform.text(block, "tags", "Name")
        if module is None or not module.is_complete or (name and name in selected) or _is_used(module, block):
            continue
        ingresses = system.kind("Ingress") if block.labels[0] == "aws_security_group" else ()
        notes = tuple(
            Note("the Ingress uses other security groups", each.metadata.at_key("name")) for each in ingresses
        )
        message = f"nothing uses {address(block)}"
        yield warning(CODE, message, block.at, notes=notes, hint="use it in another resource, or remove it")


def _named(system: System) -> set[str]:
    """Return the names of security groups in annotations of Ingresses and Services."""
    found: set[str] = set()
    for each in system.kind("Ingress", "Service"):
        found |= {part.strip() for part in each.metadata.map("annotations").text(_GROUPS).split(",")}
    return found - {""}


def _is_used(module: Module, block: Block) -> bool:
    """Return whether something else refers to a block; what is attached to a role or user does not use it."""
    path, own = names(block), [block]
    if block.labels[0] in ("aws_iam_role", "aws_iam_user"):
        own += [each for each in module.blocks("resource") if each.labels[0] in _ATTACHMENTS]
    found = (each for each in module.references if each.path[: len(path)] == path)
    return any(not any(_is_inside(reference, each) for each in own) for reference in found)


def _is_inside(reference: Expression, block: Block) -> bool:
    return reference.source is block.source and block.start <= reference.start < block.end
