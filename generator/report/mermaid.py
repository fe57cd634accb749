"""Format the graph of a system as a Mermaid flowchart, which GitHub displays."""

from __future__ import annotations

from collections.abc import Iterator

from generator.system.graph import Graph, Item

# The brackets around the text of a node, which select its shape, by kind.
_SHAPES = {
    "internet": ("((", "))"),
    "host": ("([", "])"),
    "service": ("(", ")"),
    "workload": ("[", "]"),
    "secret": ("[/", "/]"),
    "config": ("[/", "/]"),
    "volume": ("[(", ")]"),
    "gateway": ("([", "])"),
    "server": ("[", "]"),
    "bucket": ("[(", ")]"),
    "application": ("{{", "}}"),
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
    """Return a flowchart; its nodes are named n1, n2 … in the order of the graph's items."""
    names = {item.key: f"n{number}" for number, item in enumerate(graph.items, start=1)}
    groups = {group.key: f"g{number}" for number, group in enumerate(graph.groups, start=1)}
    lines = ["flowchart LR", *_inside(graph, "", names, groups, "  ")]
    lines += [f"  {names[link.source]} -->|{link.does}| {names[link.target]}" for link in graph.links]
    return "\n".join(lines) + "\n"


def _inside(
    graph: Graph, group: str, names: dict[str, str], groups: dict[str, str], indent: str
) -> Iterator[str]:
    for item in graph.inside(group):
        opening, closing = _SHAPES[item.kind]
        yield f'{indent}{names[item.key]}{opening}"{_text(item)}"{closing}'
    for inner in graph.groups_inside(group):
        title = ", ".join(_escaped(part) for part in (f"{inner.kind} {inner.name}", *inner.lines))
        yield f'{indent}subgraph {groups[inner.key]}["{title}"]'
        yield from _inside(graph, inner.key, names, groups, indent + "  ")
        yield f"{indent}end"


def _text(item: Item) -> str:
    return "<br>".join([_escaped(item.name), *(_escaped(line) for line in item.lines)])


def _escaped(text: str) -> str:
    """Return text with entities for all characters that have a meaning in Mermaid."""
    return text.translate(_ESCAPES)
