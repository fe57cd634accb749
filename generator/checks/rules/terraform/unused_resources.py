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

from generator.checks.rule import Context, NotApplicable
from generator.findings import Finding, Note, error
from generator.languages.hcl.read import Block, Object
from generator.system import System

CODE = "checks/unused-resources"
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
    shared = [
        *system.terraform.resources(*_SHARED),
        *system.terraform.blocks("data"),
    ]
    if not shared:
        raise NotApplicable("Terraform declares no data source and no resource for others to use")
    names = _named(system)
    for block in shared:
        name = _name(system, block)
        if name and name in names:
            continue
        if not _is_used(system, block):
            near = tuple(
                Note("the Ingress uses other security groups", each.metadata.at_key("name"))
                for each in system.kind("Ingress")
            )
            notes = near if block.labels[0] == "aws_security_group" else ()
            message = f"nothing uses {'data.' if block.kind == 'data' else ''}{'.'.join(block.labels)}"
            yield error(CODE, message, block.at, notes=notes, hint="use it in another resource, or remove it")


def _named(system: System) -> set[str]:
    """Return the names of security groups in annotations of Ingresses and Services."""
    found: set[str] = set()
    for each in system.kind("Ingress", "Service"):
        found |= {part.strip() for part in each.metadata.map("annotations").text(_GROUPS).split(",")}
    return found - {""}


def _name(system: System, block: Block) -> str:
    tags = block.body.get("tags")
    return system.terraform.text(tags, "Name") if isinstance(tags, Object) else ""


def _is_used(system: System, block: Block) -> bool:
    path = ("data", *block.labels) if block.kind == "data" else block.labels
    attachments = [
        (body.offset, _end(each))
        for each in system.terraform.resources(*_ATTACHMENTS)
        for body in [each.body]
    ]
    is_role = block.labels[0] in ("aws_iam_role", "aws_iam_user")
    for file, reference in system.terraform.references:
        if reference.path[: len(path)] != path:
            continue
        inside = file.source is block.body.source and block.offset <= reference.offset < _end(block)
        attached = is_role and any(
            start <= reference.offset < end and file.source is each.body.source
            for (start, end), each in zip(attachments, system.terraform.resources(*_ATTACHMENTS), strict=True)
        )
        if not inside and not attached:
            return True
    return False


def _end(block: Block) -> int:
    """Return the end of the last argument of a block."""
    return max(
        (each.end for body in block.body.walk() for each in body.attributes.values()), default=block.offset
    )
