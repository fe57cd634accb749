"""Modules from the registry: the effects of their arguments, as far as they are known.

Source: terraform-aws-modules/terraform-aws-eks v20.37.2 and terraform-aws-vpc v5.21.0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from generator.changes.diff import changes, path_text
from generator.changes.hazards.arguments import Pair, pairs
from generator.changes.hazards.model import AWS, Effect, Hazard, number, place, shown
from generator.languages.hcl.expressions import Expression
from generator.languages.node import Leaf, Map, Node, texts
from generator.system import System
from generator.system.addresses import is_within, network

_EKS = "https://github.com/terraform-aws-modules/terraform-aws-eks/blob/v20.37.2"
_VPC = "https://github.com/terraform-aws-modules/terraform-aws-vpc/blob/v5.21.0"
_UPDATE = "https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html"
_ENDPOINT = "https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html"
_NAT = "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html"
_PLAN = "https://developer.hashicorp.com/terraform/cli/commands/plan"
_CLUSTER = f"{_EKS}/main.tf#aws_eks_cluster"
_GROUP = f"{_EKS}/modules/eks-managed-node-group/main.tf#aws_eks_node_group"
_DESIRED = f"{_EKS}/docs/faq.md#why-are-there-no-changes-when-a-node-groups-desired_size-is-modified"

_WORLD = frozenset(["0.0.0.0/0", "::/0"])
_GROUP_REPLACED = frozenset(
    ["ami_type", "capacity_type", "disk_size", "instance_types", "subnet_ids", "iam_role_arn"]
)
_HARMLESS: Mapping[str, frozenset[str]] = {
    "terraform-aws-modules/eks/aws": frozenset(
        ["tags", "enable_cluster_creator_admin_permissions", "node_security_group_additional_rules"]
    ),
    "terraform-aws-modules/vpc/aws": frozenset(["name", "tags", "public_subnet_tags", "private_subnet_tags"]),
}

Rule = Callable[["_Argument"], Iterator[Hazard]]


class _Argument:
    """One argument of a module that changes."""

    def __init__(self, pair: Pair, name: str, before: Node | None, after: Node | None) -> None:
        self.pair, self.name, self.before, self.after = pair, name, before, after

    def hazard(
        self, effect: Effect, message: str, safe: str, source: str, *, of: tuple[Node | None, ...] = ()
    ) -> Hazard:
        """Return a hazard about the argument, or about a part `of` it (old and new)."""
        before, after = (*of, None)[:2] if of else (self.before, self.after)
        places = place(before, self.pair.was), place(after, self.pair.now)
        by = AWS if effect is Effect.REFUSED else ""
        return Hazard("module", effect, self.pair.subject, message, *places, safe, source, by)

    @property
    def what(self) -> str:
        return f"{self.name} changes from {shown(self.before)} to {shown(self.after)}"

    @property
    def is_code(self) -> bool:
        """Whether one of its values is only known to Terraform."""
        return any(isinstance(each, Expression) for each in (self.before, self.after))


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield hazards for the arguments of modules."""
    for pair in pairs(old, new, "module"):
        if new.terraform.child(new.terraform.modules[pair.key[0]], pair.now):
            continue  # its files are here, and its resources are compared with these arguments
        source = pair.was.text("source")
        rules, harmless = RULES.get(source, {}), _HARMLESS.get(source, frozenset())
        unknown = []
        for name, before, after in pair.differing():
            argument = _Argument(pair, name, before, after)
            if name in rules and not argument.is_code:
                yield from rules[name](argument)
            elif name not in harmless:
                unknown.append(argument)
        if unknown:
            yield unknown[0].hazard(
                Effect.UNKNOWN,
                f"{', '.join(each.name for each in unknown)} changes; the effect inside the module is not known",
                "read the output of `terraform plan` before applying",
                _PLAN,
            )


def _cluster_replaced(argument: _Argument) -> Iterator[Hazard]:
    yield argument.hazard(
        Effect.DATA_LOSS,
        f"{argument.what}, which replaces the cluster: everything that runs in it is lost, with its volumes",
        "keep it; or create a second cluster, move the workloads there, then remove this one",
        _CLUSTER,
    )


def _cluster_version(argument: _Argument) -> Iterator[Hazard]:
    was, now = _minor(argument.before), _minor(argument.after)
    if was is None or now is None:
        message = f"{argument.what}; whether that is an upgrade is not known"
        yield argument.hazard(
            Effect.UNKNOWN, message, "read the output of `terraform plan` before applying", _UPDATE
        )
    elif now < was:
        message = f"{argument.what}: EKS does not downgrade clusters"
        yield argument.hazard(Effect.REFUSED, message, "keep the version", _UPDATE)
    elif now - was > 1:
        steps = ", ".join(f"1.{minor}" for minor in range(was + 1, now + 1))
        message = f"{argument.what}: EKS upgrades one minor version at a time"
        yield argument.hazard(
            Effect.REFUSED, message, f"apply the versions one after another: {steps}", _UPDATE
        )
    else:
        message = f"{argument.what}: the cluster is upgraded, then its nodes are replaced one by one"
        safe = "check for removed API versions first; a downgrade is not possible"
        yield argument.hazard(Effect.REPLACED, message, safe, _UPDATE)


def _minor(node: Node | None) -> int | None:
    found = re.fullmatch(r"1\.(\d+)", str(node.value)) if isinstance(node, Leaf) else None
    return int(found[1]) if found else None


def _node_groups(argument: _Argument) -> Iterator[Hazard]:
    before = argument.before if isinstance(argument.before, Map) else Map()
    after = argument.after if isinstance(argument.after, Map) else Map()
    for name, group in before.entries.items():
        then = after.entries.get(name)
        if then is None:
            message = (
                f"the node group {name} is removed: its nodes are deleted, and their pods need room elsewhere"
            )
            safe = (
                "create the other group first, and remove this one when its nodes are empty (`kubectl drain`)"
            )
            yield argument.hazard(Effect.DESTROYED, message, safe, _GROUP, of=(group, argument.after))
        elif isinstance(group, Map) and isinstance(then, Map):
            yield from _node_group(argument, name, group, then)


def _node_group(argument: _Argument, name: str, group: Map, then: Map) -> Iterator[Hazard]:
    for change in changes(group, then):
        key = change.path[0]
        of = (group if change.old is None else change.old, then if change.new is None else change.new)
        steps = f"from {shown(change.old)} to {shown(change.new)}"
        what = f"{path_text(change.path)} of the node group {name} changes {steps}"
        old_number, new_number = number(change.old), number(change.new)
        if key in _GROUP_REPLACED:
            message = f"{what}, which replaces it: new nodes are created first, then the old ones are drained"
            safe = "make sure that every workload has a disruption budget and two replicas"
            yield argument.hazard(Effect.REPLACED, message, safe, _GROUP, of=of)
        elif key == "desired_size":
            message = f"{what}: the module ignores it after the group is created"
            safe = "change min_size, or the desired capacity of the Auto Scaling group"
            yield argument.hazard(Effect.NO_EFFECT, message, safe, _DESIRED, of=of)
        elif key in ("max_size", "min_size") and None not in (old_number, new_number):
            if (new_number or 0) < (old_number or 0):
                safe = "keep it unless the load is known to fit"
                yield argument.hazard(Effect.CAPACITY, f"{what}: fewer nodes", safe, _GROUP, of=of)
        else:
            message = f"{what}; the effect on the nodes is not known"
            yield argument.hazard(
                Effect.UNKNOWN, message, "read the output of `terraform plan` before applying", _PLAN, of=of
            )


def _addons(argument: _Argument) -> Iterator[Hazard]:
    before = argument.before if isinstance(argument.before, Map) else Map()
    after = argument.after if isinstance(argument.after, Map) else Map()
    for name, addon in before.entries.items():
        if name not in after.entries:
            message = f"the add-on {name} is removed from the cluster"
            safe = "make sure that nothing needs it any more"
            yield argument.hazard(
                Effect.OUTAGE, message, safe, f"{_EKS}/main.tf#aws_eks_addon", of=(addon, argument.after)
            )


def _opened(argument: _Argument) -> Iterator[Hazard]:
    before, after = argument.before, argument.after
    if isinstance(after, Leaf) and isinstance(after.value, bool):
        added, closed = ["0.0.0.0/0"] if after.value else [], not after.value
    else:
        added = [text for text in texts(after) if not _is_known(text, texts(before))]
        closed = any(not _is_known(text, texts(after)) for text in texts(before))
    if _WORLD & {*added}:
        message = f"{argument.what}: the cluster's API can be reached from the internet"
        safe = "allow only the addresses that need it; clients still need a role"
        yield argument.hazard(Effect.WIDENED, message, safe, _ENDPOINT)
    elif added:
        message = f"{argument.what}: more addresses can reach the cluster's API"
        yield argument.hazard(Effect.WIDENED, message, "make sure that each of them needs it", _ENDPOINT)
    if closed:
        message = f"{argument.what}: pipelines and administrators at other addresses lose the cluster's API"
        safe = "make sure that each of them still reaches it, from these addresses or from the network itself"
        yield argument.hazard(Effect.OUTAGE, message, safe, _ENDPOINT)


def _is_known(text: str, others: list[str]) -> bool:
    """Return whether a range of addresses is a part of one of others; what is no range, only if it is one of them."""
    own = network(text)
    ranges = [each for each in map(network, others) if each]
    return text in others or any(own is not None and is_within(own, each) for each in ranges)


def _access(argument: _Argument) -> Iterator[Hazard]:
    for change in changes(argument.before, argument.after, (argument.name,)):
        if change.new is not None:
            steps = f"from {shown(change.old)} to {shown(change.new)}"
            message = f"{path_text(change.path)} changes {steps}: the role's rights in the cluster change"
            safe = "make sure that the role needs these rights"
            is_moved = bool(texts(change.old)) and len(texts(change.new)) <= len(texts(change.old))
            effect = Effect.RIGHTS if change.path[-1] == "namespaces" and is_moved else Effect.WIDENED
            source = "https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html"
            yield argument.hazard(effect, message, safe, source, of=(change.old, change.new))
            return


def _retention(argument: _Argument) -> Iterator[Hazard]:
    was, now = number(argument.before), number(argument.after)
    if was and now is not None and 0 < now < was:
        source = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html"
        message = f"{argument.what}: older logs are deleted"
        yield argument.hazard(
            Effect.DATA_LOSS, message, "copy what you must keep to another place first", source
        )


def _network_replaced(argument: _Argument) -> Iterator[Hazard]:
    yield argument.hazard(
        Effect.DATA_LOSS,
        f"{argument.what}, which replaces the network: AWS refuses that while it contains databases, clusters "
        "or anything else",
        "keep it; secondary_cidr_blocks adds a second range to an existing network",
        f"{_VPC}/main.tf#aws_vpc",
    )


def _subnets(argument: _Argument) -> Iterator[Hazard]:
    before, after = texts(argument.before), texts(argument.after)
    changed = [item for number, item in enumerate(before) if number >= len(after) or after[number] != item]
    if changed:
        message = (
            f"{argument.what}: the module identifies a subnet by its position, so this destroys "
            f"{', '.join(changed)}; AWS refuses that while nodes, load balancers or databases are in it"
        )
        safe = "keep the items and their order, and add new ones at the end"
        yield argument.hazard(Effect.REFUSED, message, safe, f"{_VPC}/main.tf#aws_subnet")


def _nat(argument: _Argument) -> Iterator[Hazard]:
    if (
        isinstance(argument.after, Leaf)
        and argument.after.value is True
        and argument.name == "single_nat_gateway"
    ):
        message = f"{argument.what}: when its zone fails, no private subnet can reach the internet"
        yield argument.hazard(
            Effect.CAPACITY,
            message,
            "keep one for each zone where an outage costs more than the gateways",
            _NAT,
        )
    elif argument.name == "enable_nat_gateway" and not (
        isinstance(argument.after, Leaf) and argument.after.value is True
    ):
        message = f"{argument.what}: the private subnets can no longer reach the internet"
        yield argument.hazard(Effect.OUTAGE, message, "make sure that nothing there needs it", _NAT)


def _vpn(argument: _Argument) -> Iterator[Hazard]:
    if not (isinstance(argument.after, Leaf) and argument.after.value is True):
        message = f"{argument.what}: the gateway is destroyed, with every VPN connection"
        yield argument.hazard(
            Effect.DESTROYED, message, "make sure that nothing uses it", f"{_VPC}/main.tf#aws_vpn_gateway"
        )


def _version(argument: _Argument) -> Iterator[Hazard]:
    yield argument.hazard(
        Effect.UNKNOWN,
        f"{argument.what}: another version may replace what the module created",
        "read the module's upgrade guide, and the output of `terraform plan` before applying",
        f"{_EKS if 'eks' in argument.pair.was.text('source') else _VPC}/CHANGELOG.md",
    )


# The effect of each argument that changes; one that is neither here nor in _HARMLESS is unknown.
RULES: Mapping[str, Mapping[str, Rule]] = {
    "terraform-aws-modules/eks/aws": {
        "cluster_name": _cluster_replaced,
        "iam_role_use_name_prefix": _cluster_replaced,
        "cluster_version": _cluster_version,
        "eks_managed_node_groups": _node_groups,
        "cluster_addons": _addons,
        "cluster_endpoint_public_access": _opened,
        "cluster_endpoint_public_access_cidrs": _opened,
        "access_entries": _access,
        "cloudwatch_log_group_retention_in_days": _retention,
        "version": _version,
        "source": _version,
    },
    "terraform-aws-modules/vpc/aws": {
        "cidr": _network_replaced,
        "azs": _subnets,
        "private_subnets": _subnets,
        "public_subnets": _subnets,
        "single_nat_gateway": _nat,
        "enable_nat_gateway": _nat,
        "enable_vpn_gateway": _vpn,
        "version": _version,
        "source": _version,
    },
}
