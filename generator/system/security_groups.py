"""A rule of a security group of AWS, as a block of the group or as a resource of its own.

Source: registry.terraform.io, hashicorp/aws: aws_security_group, aws_security_group_rule and
aws_vpc_security_group_ingress_rule.
"""

from __future__ import annotations

from generator.findings.record import record
from generator.languages.node import Leaf, Map, texts

ALL = "-1"
_EVERY_PORT = (0, 2**16 - 1)
_EVERYWHERE = frozenset(["0.0.0.0/0", "::/0"])
_ADDRESSES = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6")
_OTHERS = ("security_groups", "source_security_group_id", "referenced_security_group_id", "prefix_list_ids")
_ENDS = ("from_port", "to_port")


@record
class Rule:
    """A rule; what it is not given as a constant is not known of it."""

    node: Map

    @property
    def protocol(self) -> str:
        """The protocol, `-1` for all of them."""
        given = self.node.text("protocol") or self.node.text("ip_protocol")
        return ALL if given == "all" else given

    def port(self, key: str) -> int | None:
        """Return a port that is written out."""
        leaf = self.node.leaf(key)
        return int(leaf.text) if leaf and not leaf.is_code and leaf.text.removeprefix("-").isdigit() else None

    @property
    def ports(self) -> tuple[int | None, int | None]:
        """The first and the last port that it opens; every port where it is for all protocols."""
        first, last = map(self.port, _ENDS)
        return _EVERY_PORT if self.protocol == ALL else (first, last)

    @property
    def peers(self) -> list[str]:
        """Who may connect, or where to: addresses, groups and lists of them; code is its own text."""
        own = ["the group itself"] if self.node.value("self") is True else []
        return own + [text for name in (*_ADDRESSES, *_OTHERS) for text in texts(self.node.get(name))]

    @property
    def open_to(self) -> Leaf | None:
        """The address of the internet that it names."""
        leaves = (leaf for name in _ADDRESSES for leaf in _leaves(self.node, name))
        return next((leaf for leaf in leaves if leaf.text in _EVERYWHERE and not leaf.is_code), None)

    def opens(self, other: Rule) -> bool:
        """Return whether it opens the ports of another rule, or may."""
        (first, last), (start, end) = self.ports, other.ports
        if first is None or last is None or start is None or end is None:
            return True
        return self.protocol in (ALL, other.protocol) and first <= start and end <= last


def _leaves(node: Map, name: str) -> tuple[Leaf, ...]:
    leaf = node.leaf(name)
    return (leaf,) if leaf else node.seq(name).leaves()
