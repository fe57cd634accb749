"""The graph of a system as the text of a Mermaid flowchart, which GitHub draws."""

from __future__ import annotations

from collections.abc import Iterator

from generator.system.graph import Graph, Item

# By kind: what stands around the text, and so gives a node its shape.
_SHAPES = {
    "internet": ("((", "))"),
    "host": ("([", "])"),
    "service": ("(", ")"),
    "workload": ("[", "]"),
    "secret": ("[/", "/]"),
    "config": ("[/", "/]"),
    "volume": ("[(", ")]"),
    "database": ("[(", ")]"),
    "cache": ("[(", ")]"),
    "registry": ("[[", "]]"),
    "pipeline": ("{{", "}}"),
    "role": ("[\\", "/]"),
}
_ESCAPES = str.maketrans(
    {each: f"#{ord(each)};" for each in '#"&<>`\\*_[](){}|~$%:/'} | {"\n": " ", "\r": " ", "\t": " "}
)


def mermaid(graph: Graph) -> str:
    """Return a flowchart; its nodes are called n1, n2 … in the order of the graph's items."""
    names = {item.key: f"n{number}" for number, item in enumerate(graph.items, start=1)}
    groups = {group.key: f"g{number}" for number, group in enumerate(graph.groups, start=1)}
    lines = ["flowchart LR", *_inside(graph, "", names, groups, "  ")]
    lines += [f"  {names[link.source]} -->|{link.does}| {names[link.target]}" for link in graph.links]
    return "\n".join(lines) + "\n"


def _inside(
    graph: Graph, group: str, names: dict[str, str], groups: dict[str, str], indent: str
) -> Iterator[str]:
    for item in graph.inside(group):
        before, behind = _SHAPES[item.kind]
        yield f'{indent}{names[item.key]}{before}"{_text(item)}"{behind}'
    for inner in graph.groups_inside(group):
        title = ", ".join(_escaped(part) for part in (f"{inner.kind} {inner.name}", *inner.lines))
        yield f'{indent}subgraph {groups[inner.key]}["{title}"]'
        yield from _inside(graph, inner.key, names, groups, indent + "  ")
        yield f"{indent}end"


def _text(item: Item) -> str:
    return "<br>".join([_escaped(item.name), *(_escaped(line) for line in item.lines)])


def _escaped(text: str) -> str:
    """Return text that Mermaid shows as it is: what means something to it is written as an entity."""
    return text.translate(_ESCAPES)
