"""The subnets of a network must lie in it, must not overlap, and the machines in them must reach AWS.

Why: AWS refuses a subnet outside of the range of its VPC, and one that overlaps another (docs.aws.amazon.com, "Subnet
CIDR blocks"). In private subnets without a NAT gateway and without endpoints, machines cannot pull images, and do not
join the cluster.

Bad:

    cidr            = "10.0.0.0/16"
    private_subnets = ["10.1.1.0/24", "10.0.2.0/24", "10.0.2.128/25"]

Good:

    private_subnets = ["10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"]
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error, warning
from generator.languages.hcl.expressions import references
from generator.languages.node import Block
from generator.system import System
from generator.system.addresses import Network, is_within, network

CODE = "checks/subnets"
ADVICE = "docs.aws.amazon.com, Amazon EKS User Guide: Deploy private clusters with limited internet access"
# What may lead from private subnets to AWS, by a part of the type of a resource or of the source of a module.
_WAYS = tuple("aws_route_table endpoint nat_gateway nat- -nat network_interface peering transit vpn".split())
_MACHINES = ("aws_eks_cluster", "aws_eks_node_group", "aws_eks_fargate_profile", "aws_ecs_service")
_KINDS = ("public_subnets", "private_subnets", "database_subnets", "elasticache_subnets", "intra_subnets")


def check(context: Context) -> Iterator[Finding]:
    networks = context.system.terraform.networks
    if not networks:
        raise NotApplicableError("Terraform declares no network")
    for block in networks:
        yield from _network(context.system, block)
        yield from _isolated(context.system, block)


def _isolated(system: System, network: Block) -> Iterator[Finding]:
    """Yield a warning for private subnets with machines of a cluster and without a way to AWS."""
    terraform = system.terraform
    gateway, module = terraform.leaf(network, "enable_nat_gateway"), terraform.module_of(network)
    is_off = gateway.value is False if gateway else "enable_nat_gateway" not in network
    if not is_off or module is None or not module.is_complete:
        return
    blocks = [
        each for kind in ("resource", "module") for each in terraform.blocks(kind) if each is not network
    ]
    kinds = [
        (each, each.text("source") if each.kind == "module" else "".join(each.labels[:1])) for each in blocks
    ]
    if any(kind == "aws_route" or way in kind for _, kind in kinds for way in _WAYS):
        return
    subnets = ("module", *network.labels[:1], "private_subnets")
    for block, kind in kinds:
        is_cluster = kind in _MACHINES or "/eks/aws" in kind or "/ecs/aws" in kind
        if is_cluster and any(each.path[:3] == subnets for each in references(block)):
            notes = (Note("these machines run in its private subnets", block.at),)
            message = "machines in the private subnets reach no service of AWS: there is no NAT gateway"
            hint = "set enable_nat_gateway = true, or add aws_vpc_endpoint resources"
            yield warning(CODE, message, network.at_key("enable_nat_gateway"), notes=notes, hint=hint)
            return


def _network(system: System, block: Block) -> Iterator[Finding]:
    whole = network(system.terraform.text(block, "cidr"))
    seen: list[tuple[Network, Span]] = []
    for key in _KINDS:
        for text in system.terraform.texts(block, key):
            found, at = network(text), _place(block, key, text)
            if found is None:
                continue
            secondary = "secondary_cidr_blocks" in block
            if whole and not secondary and not is_within(found, whole):
                note = Note("the network", block.at_key("cidr"))
                message = f"the subnet {text} is not in the network {whole}"
                yield error(CODE, message, at, notes=(note,), hint=f"choose a range in {whole}")
            for other, place in seen:
                if found.version == other.version and found.overlaps(other):
                    note = Note("the other subnet", place)
                    message = f"the subnets {text} and {other} overlap"
                    yield error(CODE, message, at, notes=(note,), hint="choose another range")
            seen.append((found, at))


def _place(block: Block, key: str, text: str) -> Span:
    node = block.get(key)
    inside = node is not None and f'"{text}"' in node.source.text[node.start : node.end]
    return block.source.find(f'"{text}"', node.start) if node is not None and inside else block.at_key(key)
