"""The rules of a security group must be valid, and must not open a database or a login to the internet.

Checked: the order of ports, the protocol for all traffic, which ports 0.0.0.0/0 and ::/0 reach, and
`publicly_accessible` of databases. The rules may be blocks of the group or resources of their own, but not both.

Why: AWS refuses a range whose first port is the larger one, and the provider ports beside the protocol -1 of a block
("must both be 0"). An open SSH or database port is found by scanners within minutes.

Bad:

    ingress {
      from_port   = 5432
      to_port     = 5432
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    }

Good:

    security_groups = [module.eks.node_security_group_id]
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.data import table
from generator.checks.rule import SOURCE, Context, NotApplicableError
from generator.findings import Finding, Note, error, warning
from generator.findings.record import record
from generator.languages.hcl.expressions import references
from generator.languages.node import Block
from generator.system.security_groups import ALL, Rule
from generator.system.terraform import Terraform, address, names

CODE = "checks/security-groups"
ADVICE = "docs.aws.amazon.com, AWS Security Hub: EC2.13, EC2.14, EC2.19 and RDS.2"
_GROUPS = ("aws_security_group", "aws_default_security_group")
_RULES = {
    "aws_security_group_rule": "",
    "aws_vpc_security_group_ingress_rule": "ingress",
    "aws_vpc_security_group_egress_rule": "egress",
}
_DATABASES = (
    "aws_db_instance",
    "aws_rds_cluster_instance",
    "aws_redshift_cluster",
    "aws_dms_replication_instance",
)
_PORTS = frozenset(["tcp", "udp", "6", "17"])


@record
class Placed:
    """A rule of a group: its direction, and the block that it is in, or is itself."""

    side: str
    rule: Rule
    block: Block


def check(context: Context) -> Iterator[Finding]:
    terraform = context.system.terraform
    rules, databases = list(_rules(terraform)), terraform.resources(*_DATABASES)
    if not rules and not databases:
        raise NotApplicableError("Terraform declares no security group and no database")
    yield from _both(terraform, rules)
    for each in rules:
        yield from _range(each)
        yield from _open(each)
    for block in databases:
        public = block.leaf("publicly_accessible")
        if public and public.value is True:
            message = f"{address(block)} has an address that the internet reaches"
            hint = "set publicly_accessible = false, and connect from the network of the database"
            yield warning(CODE, message, public.at, hint=hint)


def _rules(terraform: Terraform) -> Iterator[Placed]:
    for block in terraform.resources(*_GROUPS):
        for side in ("ingress", "egress"):
            yield from (Placed(side, Rule(each), block) for each in block.maps(side))
    for block in terraform.resources(*_RULES):
        yield Placed(_RULES[block.labels[0]] or block.text("type"), Rule(block), block)


def _both(terraform: Terraform, rules: list[Placed]) -> Iterator[Finding]:
    """Yield an error for each direction of a group that has its rules as blocks and as resources, too."""
    inside = {
        (names(each.block), each.side): each for each in reversed(rules) if each.rule.node is not each.block
    }
    for each in rules:
        group = next((one.path[:2] for one in references(each.block.get("security_group_id"))), ())
        block = inside.pop((group, each.side), None) if each.rule.node is each.block else None
        if block:
            message = (
                f"{'.'.join(group)} has {each.side} rules in blocks, and {address(each.block)} is another:"
                " each apply removes what the blocks do not have"
            )
            notes = (
                Note("the block", block.rule.node.at),
                Note(f"{SOURCE}registry.terraform.io, hashicorp/aws: aws_security_group"),
            )
            yield error(
                CODE, message, each.block.at, notes=notes, hint="write all rules in one of the two ways"
            )


def _range(placed: Placed) -> Iterator[Finding]:
    """Yield an error for ports that AWS or its provider refuses."""
    rule, node = placed.rule, placed.rule.node
    first, last = rule.port("from_port"), rule.port("to_port")
    if rule.protocol in _PORTS and first is not None and last is not None and first > last:
        message = f"from_port is {first}, which is larger than to_port, {last}: AWS refuses the range"
        note = Note(f"{SOURCE}docs.aws.amazon.com, Amazon EC2 API Reference, IpPermission")
        hint = "write the smaller port first"
        yield error(CODE, message, node.at_key("from_port"), notes=(note,), hint=hint)
    if rule.protocol == ALL and node is not placed.block and (first or last):
        message = 'the protocol "-1" has ports, and the AWS provider refuses ports other than 0 with it'
        note = Note(f"{SOURCE}registry.terraform.io, hashicorp/aws: aws_security_group")
        at = node.at_key("from_port" if first else "to_port")
        yield error(CODE, message, at, notes=(note,), hint="set from_port and to_port to 0")


def _open(placed: Placed) -> Iterator[Finding]:
    """Yield a warning for a rule that lets the internet connect to what only people or programs of the system use."""
    opened = placed.rule.open_to if placed.side == "ingress" else None
    first, last = placed.rule.ports
    if opened is None or first is None or last is None or placed.rule.protocol not in ("tcp", "6", ALL):
        return
    known = table("aws-ports")
    reached = [f"{name} ({port})" for port, name in known.items() if first <= int(port) <= last]
    if reached:
        what = f"every port, also {reached[0]}" if len(reached) == len(known) else " and ".join(reached[:3])
        message = f"{address(placed.block)} opens {what} to the internet"
        hint = "name the addresses or the security groups that need it"
        yield warning(CODE, message, opened.at, hint=hint)
