"""The system as a graph: items, the groups that hold them, and links between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from generator.findings import Span
from generator.findings.record import record


@record
class Item:
    """A part of the system. `kind` is one of KINDS, `lines` are its details, `group` is the key of its group.

    `at` is where the files describe it.
    """

    key: str
    kind: str
    name: str
    lines: tuple[str, ...] = ()
    group: str = ""
    at: Span | None = field(default=None, compare=False)


@record
class Group:
    """A network, a cluster, a namespace or a Compose project, with items. `parent` is the key of its own group."""

    key: str
    kind: str
    name: str
    lines: tuple[str, ...] = ()
    parent: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """A link from one item to another; `does` is its verb: routes, selects, connects, reads, mounts …"""

    source: str
    target: str
    does: str


KINDS = {
    "internet": "the internet",
    "host": "host",
    "service": "Service",
    "workload": "workload",
    "secret": "Secret",
    "config": "ConfigMap",
    "volume": "volume",
    "gateway": "gateway",
    "server": "server",
    "bucket": "bucket",
    "application": "application",
    "database": "database",
    "cache": "cache",
    "registry": "registry",
    "pipeline": "pipeline",
    "role": "role",
}


@record
class Graph:
    """A system as its files describe it. `unread` has, by path, why a file cannot be read."""

    env: str
    items: tuple[Item, ...]
    groups: tuple[Group, ...]
    links: tuple[Link, ...]
    unread: dict[str, str] = field(default_factory=dict)

    def inside(self, group: str) -> Iterable[Item]:
        """Return the items directly in a group; for "" those in none."""
        return (item for item in self.items if item.group == group)

    def groups_inside(self, group: str) -> Iterable[Group]:
        """Return the groups directly in a group."""
        return (each for each in self.groups if each.parent == group)

    def uses(self) -> dict[str, list[Item]]:
        """Return by key what each item uses, in the order of the items; a workload uses the registry of its image."""
        users: dict[str, set[str]] = {}
        for each in self.links:
            user, used = (each.target, each.source) if each.does == "image" else (each.source, each.target)
            users.setdefault(used, set()).add(user)
        found: dict[str, list[Item]] = {item.key: [] for item in self.items}
        for item in self.items:
            for user in users.get(item.key, ()):
                found[user].append(item)
        return found
