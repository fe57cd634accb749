"""The system as a graph: what there is, what it is in, and what leads where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Item:
    """Something in the system. `kind` is one of KINDS, `lines` say more, `group` is the key of what it is in."""

    key: str
    kind: str
    name: str
    lines: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """What items are in: a network, a cluster, a namespace. `parent` is the key of the group that it is in itself."""

    key: str
    kind: str
    name: str
    lines: tuple[str, ...] = ()
    parent: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """One item leads to another; `does` is a word for how: routes, selects, connects, reads, mounts …"""

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
    "database": "database",
    "cache": "cache",
    "registry": "registry",
    "pipeline": "pipeline",
    "role": "role",
}


@dataclass(frozen=True)
class Graph:
    """A system as its files describe it. `unread` says why a file could not be read, by its path."""

    env: str
    items: tuple[Item, ...]
    groups: tuple[Group, ...]
    links: tuple[Link, ...]
    unread: dict[str, str] = field(default_factory=dict)

    def inside(self, group: str) -> Iterable[Item]:
        """Return the items that are in a group itself; of "" those that are in none."""
        return (item for item in self.items if item.group == group)

    def groups_inside(self, group: str) -> Iterable[Group]:
        """Return the groups that are in a group itself."""
        return (each for each in self.groups if each.parent == group)
