"""Return a graph as it is drawn: without the links that cross everything, and with many services folded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from generator.system.graph import KINDS, Graph, Item, Link

MOST = 8  # workloads that are drawn with all their links
_RUNS = ("workload", "server")
_USED = ("database", "cache", "secret", "config", "volume", "bucket")
_PLURALS = {"host": "hosts", "pipeline": "pipelines", "registry": "registries", "role": "roles"}
_FOLDED = tuple(_PLURALS)
_NAMES = 3  # of folded items that are listed


def overview(graph: Graph) -> Graph:
    """Return the graph without the links from registries, because each workload names its image; sorted by name.

    Above eight workloads, a Service becomes a part of the workload that it selects, what a workload uses becomes a
    mark in its box, and hosts, pipelines, registries and roles become a box each.
    """
    items = sorted(graph.items, key=lambda item: (list(KINDS).index(item.kind), item.name))
    links = [link for link in graph.links if link.does != "image"]
    drawn = replace(graph, items=tuple(items), links=tuple(links))
    return _folded(drawn) if is_large(graph) else drawn


def is_large(graph: Graph) -> bool:
    """Return whether the graph has too many workloads to draw all links."""
    return sum(item.kind in _RUNS for item in graph.items) > MOST


def _folded(graph: Graph) -> Graph:
    kinds = {item.key: item.kind for item in graph.items}
    names = {item.key: item.name for item in graph.items}
    selected = _selected(graph, kinds)
    together = dict(_together(graph))
    moved = selected | {item.key: one.key for item, one in together.items()}
    kinds |= {one.key: one.kind for one in together.values()}
    marks: dict[str, Counter[str]] = {}
    ways: dict[str, list[str]] = {}
    links: dict[Link, None] = {}
    for link in graph.links:
        source, target = (moved.get(key, key) for key in (link.source, link.target))
        if kinds[source] in _RUNS and kinds[target] in _USED:
            marks.setdefault(source, Counter())[KINDS[kinds[target]]] += 1
        elif kinds[target] in _RUNS and kinds[source] == "host":
            ways.setdefault(target, []).append(names[link.source])
        elif source != target:
            links[Link(source, target, link.does)] = None
    items = [
        _with_marks(together.get(item, item), marks.get(item.key), ways.get(item.key, []))
        for item in graph.items
        if item.key not in selected
    ]
    return replace(graph, items=tuple(dict.fromkeys(items)), links=tuple(sorted(links)))


def _selected(graph: Graph, kinds: dict[str, str]) -> dict[str, str]:
    """Return the workload of each Service that selects exactly one."""
    targets: dict[str, list[str]] = {}
    for link in graph.links:
        if kinds[link.source] == "service" and kinds[link.target] in _RUNS:
            targets.setdefault(link.source, []).append(link.target)
    return {service: workloads[0] for service, workloads in targets.items() if len(workloads) == 1}


def _with_marks(item: Item, marks: Counter[str] | None, ways: list[str]) -> Item:
    if item.kind not in _RUNS or item.key.startswith("folded/"):
        return item
    lines = [" · ".join(item.lines[:2]), *item.lines[2:3], *(f"at {way}" for way in ways[:1])]
    if marks:
        used = (name if count == 1 else f"{count} {name}s" for name, count in sorted(marks.items()))
        lines.append(f"uses {', '.join(used)}")
    return replace(item, lines=tuple(filter(None, lines)))


def _is_folded(item: Item) -> bool:
    return item.kind in _FOLDED or (item.kind == "workload" and item.lines[:1] in (("Job",), ("CronJob",)))


def _together(graph: Graph) -> Iterator[tuple[Item, Item]]:
    """Yield each folded item with the one that stands for it: for all hosts, all pipelines, all jobs …"""
    groups: dict[tuple[str, str], list[Item]] = {}
    for item in filter(_is_folded, graph.items):
        groups.setdefault((item.kind, item.group), []).append(item)
    for (kind, group), members in groups.items():
        more = len(members) - _NAMES
        lines = [item.name for item in members[:_NAMES]] + ([f"and {more} more"] if more > 0 else [])
        name = f"{len(members)} {_PLURALS.get(kind, 'jobs')}"
        one = Item(f"folded/{kind}/{group}", kind, name, tuple(lines), group)
        yield from ((item, one if len(members) > 1 else item) for item in members)
