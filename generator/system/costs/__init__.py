"""What costs money in an environment: each resource that a provider bills for, with its size, without prices.

The table `billed.yaml` has the resources of Terraform. The two modules that create most of a cluster on AWS, and the
objects of Kubernetes for which a provider creates something, are functions below.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from generator.findings import Span
from generator.findings.record import record
from generator.languages.hcl.expressions import is_known, written
from generator.languages.node import Block, Leaf, Map, Node, Seq
from generator.project.tables import read_table
from generator.system.kubernetes import Object, ingress_class
from generator.system.model import System

HOURS_AND_DATA = "by the hour and by the data"
HOURS_AND_USE = "by the hour and by the use"


@record
class Cost:
    """Something that is billed for as long as it exists; `size` is empty where nothing in the files decides it."""

    what: str
    name: str
    size: str
    billed: str
    at: Span


@record
class Bill:
    """What is billed, and the types of resources of which the table does not have whether they cost money."""

    costs: tuple[Cost, ...]
    unknown: Mapping[str, int]


def table() -> Mapping[str, Any]:
    """Return the table of what providers bill for."""
    return read_table(__package__, "billed")


def bill_of(system: System) -> Bill:
    """Return what is billed in a system."""
    return Bill(tuple(costs(system)), unknown_types(system))


def costs(system: System) -> list[Cost]:
    """Return what is billed, in the order of the table."""
    found = [
        *(
            each
            for block in system.terraform.clusters
            if block.kind == "module"
            for each in _cluster(system, block)
        ),
        *(each for block in system.terraform.networks for each in _network(system, block)),
        *_resources(system),
        *_objects(system),
    ]
    return sorted(found, key=lambda each: (each.what, each.name))


def unknown_types(system: System) -> dict[str, int]:
    """Return how many resources there are of each type of which the table does not know whether it costs money."""
    free = table()["free"].split()
    types = Counter(block.labels[0] for block in system.terraform.blocks("resource") if block.labels)
    return {
        each: number
        for each, number in sorted(types.items())
        if each not in table()["billed"] and not any(fnmatchcase(each, pattern) for pattern in free)
    }


# Resources of Terraform


def _resources(system: System) -> Iterator[Cost]:
    known = table()["billed"]
    for block in system.terraform.resources(*known):
        row = known[block.labels[0]]
        free = row.get("free", {})
        if free and all(system.terraform.text(block, name) == text for name, text in free.items()):
            continue
        sizes = [_size(system.terraform.get(block, name), text) for name, text in row.get("size", {}).items()]
        size = ", ".join(filter(None, [_repeated(system, block), *sizes]))
        name = _text(system.terraform.get(block, row["name"])) if "name" in row else ""
        yield Cost(row["what"], name or ".".join(block.labels), size, row["billed"], block.at)


def _size(node: Node | None, text: str | Mapping[bool, str]) -> str:
    """Return the text of an argument that decides how much is billed; "" where it is not set."""
    if isinstance(text, Mapping):
        value = node.value if isinstance(node, Leaf) and not node.is_code else None
        return text.get(value, "") if isinstance(value, bool) else ""
    shown = _text(node)
    return text.format(shown) if shown else ""


def _text(node: Node | None) -> str:
    if isinstance(node, Seq):
        return " or ".join(filter(None, map(_text, node)))
    if not isinstance(node, Leaf) or node.value is None:
        return ""
    return node.text if is_known(node) else written(node).strip('"')


def _repeated(system: System, block: Block) -> str:
    """Return how often `count` or `for_each` creates a resource; "" for once."""
    count, each = system.terraform.get(block, "count"), system.terraform.get(block, "for_each")
    if isinstance(each, Map | Seq):
        return f"number: {len(each)}"
    return f"number: {_text(count)}" if count is not None else "several" if each is not None else ""


# Modules


def _cluster(system: System, block: Block) -> Iterator[Cost]:
    """Yield the control plane and the nodes of a cluster of terraform-aws-modules/eks."""
    terraform = system.terraform
    name = terraform.text(block, "cluster_name") or terraform.text(block, "name")
    support = terraform.text(block, "cluster_upgrade_policy", "support_type")
    extended = "" if support == "STANDARD" else "; more when its version is in extended support"
    yield Cost("Kubernetes cluster", name, "one", f"by the hour{extended}", block.at)
    groups = terraform.get(block, "eks_managed_node_groups")
    for key, group in groups.entries.items() if isinstance(groups, Map) else ():
        yield _nodes(system, key, group, block)
    if terraform.text(block, "create_kms_key") != "false":
        yield Cost("key", name, "for the secrets of the cluster", "by the month", block.at)
    if terraform.text(block, "create_cloudwatch_log_group") != "false":
        days = _text(terraform.get(block, "cloudwatch_log_group_retention_in_days")) or "90"
        yield Cost("logs", name, f"of the control plane, kept for {days} days", "by the data", block.at)
    addons = terraform.get(block, "cluster_addons")
    if isinstance(addons, Map) and "amazon-cloudwatch-observability" in addons:
        size = "metrics of every node and pod, and their logs"
        yield Cost("monitoring", "amazon-cloudwatch-observability", size, "by the data", addons.at)


def _nodes(system: System, key: str, group: Node, block: Block) -> Cost:
    def text(name: str) -> str:
        return _text(system.terraform.get(group, name)) if isinstance(group, Map) else ""

    least, most = text("min_size") or "1", text("max_size") or "3"  # the defaults of the module
    number = least if least == most else f"{least} to {most}"
    size = ", ".join(
        filter(None, [f"{number} of {text('instance_types') or 't3.medium'}", text("capacity_type")])
    )
    return Cost(
        "nodes", key, f"{size}, each with a disk", "by the second", group.key_at if group.key else block.at
    )


def _network(system: System, block: Block) -> Iterator[Cost]:
    """Yield the gateways of a network of terraform-aws-modules/vpc."""
    terraform = system.terraform
    name = terraform.text(block, "name")
    if terraform.text(block, "enable_nat_gateway") == "true":
        size = f"number: {_gateways(system, block)}, each with an address"
        yield Cost("NAT gateway", name, size, HOURS_AND_DATA, block.at)


def _gateways(system: System, block: Block) -> str:
    """Return the number of NAT gateways: one, one for each zone, or one for each private subnet."""
    if system.terraform.text(block, "single_nat_gateway") == "true":
        return "1"
    per_zone = system.terraform.text(block, "one_nat_gateway_per_az") == "true"
    counted = system.terraform.get(block, "azs" if per_zone else "private_subnets")
    return str(len(counted)) if isinstance(counted, Seq) else "one for each zone"


# Objects of Kubernetes


def _objects(system: System) -> Iterator[Cost]:
    classes = table()["ingress_classes"].split()
    for each in system.objects:
        if each.kind == "Ingress" and ingress_class(each) in classes:
            size = f"for an Ingress of the class {ingress_class(each)}"
            yield Cost("load balancer", each.name, size, HOURS_AND_USE, each.at)
        elif each.kind == "Service" and each.spec.text("type") == "LoadBalancer":
            yield Cost("load balancer", each.name, "for a Service", HOURS_AND_USE, each.at)
        elif each.kind == "PersistentVolumeClaim":
            yield _volume(each.name, each.spec, "", each)
        elif each.kind == "StatefulSet":
            for claim in each.spec.maps("volumeClaimTemplates"):
                replicas = each.spec.text("replicas") or "1"
                yield _volume(
                    f"{claim.text('metadata', 'name')}-{each.name}",
                    claim.map("spec"),
                    f"number: {replicas}, ",
                    each,
                )


def _volume(name: str, spec: Map, number: str, holder: Object) -> Cost:
    size = spec.text("resources", "requests", "storage")
    storage = spec.text("storageClassName")
    return Cost(
        "volume",
        name,
        f"{number}{size}{f' of the class {storage}' if storage else ''}",
        "by the month",
        holder.at,
    )
