"""The rendered system as a graph, derived from the output files alone."""

from __future__ import annotations

from dataclasses import replace

from generator.system.graph.cloud import Cloud
from generator.system.graph.compose import Compose
from generator.system.graph.kubernetes import INTERNET, Cluster
from generator.system.graph.model import KINDS, Graph, Group, Item, Link
from generator.system.graph.resources import Resources
from generator.system.model import System


def graph_of(env: str, system: System) -> Graph:
    """Return the graph of an environment's files, with the files that cannot be read."""
    cloud, resources, compose = Cloud(system), Resources(system), Compose(system)
    cluster = Cluster(system, cloud.cluster or resources.cluster)
    found = [*cluster.items(), *compose.items(), *resources.items(), *cloud.items()]
    items = {item.key: item for item in sorted(found, key=lambda item: item is not INTERNET)}
    known = items.keys()
    links = sorted({*cluster.links(), *compose.links(), *resources.links(), *cloud.links(cluster)})
    ways_in = [
        items[link.target].at for link in links if link.source == INTERNET.key and link.target in items
    ]
    if INTERNET.key in items:  # it has no line of its own
        items[INTERNET.key] = replace(INTERNET, at=next(filter(None, ways_in), None))
    return Graph(
        env,
        tuple(items.values()),
        (*cloud.groups(), *resources.groups(), *cluster.groups(), *compose.groups()),
        tuple(link for link in links if {link.source, link.target} <= known),
        {path: problem.reason for path, problem in system.unread.items()},
    )


__all__ = ["KINDS", "Graph", "Group", "Item", "Link", "graph_of"]
