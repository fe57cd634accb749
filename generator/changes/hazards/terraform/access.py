"""Access that is lost: the rights of the creator of a cluster, and rules of a security group that move or go."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.hazards.arguments import Pair, only, pairs, value
from generator.changes.hazards.model import Effect, Hazard, place, shown
from generator.languages.hcl.expressions import references
from generator.languages.node import Block, Node, Seq
from generator.system import System
from generator.system.security_groups import ALL, Rule

_CREATOR = "enable_cluster_creator_admin_permissions"
_ACCESS = "https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html"
_SEPARATE = "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group"
_RULES = frozenset(
    "aws_security_group_rule aws_vpc_security_group_ingress_rule aws_vpc_security_group_egress_rule".split()
)


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each cluster and each security group that somebody may no longer reach."""
    for pair in pairs(old, new, "module"):
        yield from _creator(pair)
    separate = [
        block for _, block in only(new, old, "resource") if block.labels[:1] and block.labels[0] in _RULES
    ]
    for pair in pairs(old, new, "resource", "aws_security_group"):
        separated = list(_separated(pair, separate))
        yield from separated or _closed(pair)


def _creator(pair: Pair) -> Iterator[Hazard]:
    before, after = pair.get(_CREATOR)
    if value(before) is True and value(after) is not True:
        yield Hazard(
            "access",
            Effect.OUTAGE,
            pair.subject,
            f"{_CREATOR} changes from true to {shown(after)}: its creator no longer administers the cluster",
            place(before, pair.was),
            place(after, pair.now),
            "first add an access entry for those who administer the cluster, in an apply of its own",
            _ACCESS,
        )


def _separated(pair: Pair, separate: list[Block]) -> Iterator[Hazard]:
    """Yield a hazard when a rule inside of a security group becomes a resource of its own."""
    address = ("aws_security_group", pair.now.labels[1])
    module = pair.new.terraform.module_of(pair.now)
    rule = next(
        (
            block
            for block in separate
            if pair.new.terraform.module_of(block) is module
            and any(each.path[:2] == address for each in references(block.get("security_group_id")))
        ),
        None,
    )
    fewer = any(
        len(_items(before)) > len(_items(after)) for before, after in map(pair.get, ("ingress", "egress"))
    )
    if rule is not None and fewer:
        yield Hazard(
            "inline-rule",
            Effect.OUTAGE,
            pair.subject,
            f"a rule in it becomes {'.'.join(rule.labels)}: Terraform may add the same rule before it removes the old"
            " one, which AWS refuses (InvalidPermission.Duplicate), or remove it first, and nothing connects then",
            place(pair.was),
            place(rule),
            "import the rule into the new resource first, and remove it from the group in a later apply",
            _SEPARATE,
        )


def _closed(pair: Pair) -> Iterator[Hazard]:
    """Yield a hazard for each rule of a security group that allows less than before.

    Without any rule of a direction in the group, Terraform leaves those that it has.
    """
    for kind in ("ingress", "egress"):
        before, after = pair.get(kind)
        if not isinstance(before, Seq) or not isinstance(after, Seq):
            continue
        kept = [Rule(each) for each in after.maps()]
        for rule in map(Rule, before.maps()):
            still = {peer for other in kept if other.opens(rule) for peer in other.peers}
            closed = [each for each in rule.peers if each not in still]
            if closed and "0.0.0.0/0" not in still and None not in rule.ports:
                way = "from" if kind == "ingress" else "to"
                ports = " to ".join(dict.fromkeys(map(str, rule.ports)))
                where = "any port" if rule.protocol == ALL else f"port {ports}"
                message = f"no longer allows connections {way} {', '.join(closed)}, {where}"
                safe = "make sure that nothing uses them; or add what replaces the rule first"
                places = place(rule.node, pair.was), place(after, pair.now)
                yield Hazard("access", Effect.OUTAGE, pair.subject, message, *places, safe, _SEPARATE)


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if isinstance(node, Seq) else () if node is None else (node,)
