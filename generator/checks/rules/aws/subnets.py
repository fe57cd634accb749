"""The subnets of a network must lie in it and must not overlap.

Why: AWS refuses a subnet outside of the range of its VPC, and one that overlaps another (docs.aws.amazon.com, "Subnet
CIDR blocks").

Bad:

    cidr            = "10.0.0.0/16"
    private_subnets = ["10.1.1.0/24", "10.0.2.0/24", "10.0.2.128/25"]

Good:

    private_subnets = ["10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"]
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error
from generator.languages.node import Block
from generator.system import System
from generator.system.addresses import Network, is_within, network

CODE = "checks/subnets"
_KINDS = ("public_subnets", "private_subnets", "database_subnets", "elasticache_subnets", "intra_subnets")


def check(context: Context) -> Iterator[Finding]:
    networks = context.system.terraform.networks
    if not networks:
        raise NotApplicableError("Terraform declares no network")
    for block in networks:
        yield from _network(context.system, block)


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
