"""The rendered system as a graph, derived from the output files alone."""

from __future__ import annotations

from generator.system.graph.cloud import Cloud
from generator.system.graph.kubernetes import Cluster
from generator.system.graph.model import KINDS, Graph, Group, Item, Link
from generator.system.model import System


def graph_of(env: str, system: System) -> Graph:
    """Return the graph of an environment's files, with the files that cannot be read."""
    cloud = Cloud(system)
    cluster = Cluster(system, cloud.cluster)
    items = [*cluster.items(), *cloud.items()]
    known = {item.key for item in items}
    links = sorted({*cluster.links(), *cloud.links(cluster)})
    return Graph(
        env,
        tuple(items),
        (*cloud.groups(), *cluster.groups()),
        tuple(link for link in links if {link.source, link.target} <= known),
        {path: problem.reason for path, problem in system.unread.items()},
    )


__all__ = ["KINDS", "Graph", "Group", "Item", "Link", "graph_of"]
