"""Draw the graph of a system as SVG. Graphviz computes the layout; this module draws boxes, text and arrows.

Graphviz gets no text, and every box has the size of its text in a fixed-width font. So the drawing does not depend on
the fonts of a machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from generator.findings import OetgenError
from generator.report.overview import is_large, overview
from generator.system.graph import KINDS, Graph, Group, Item

if TYPE_CHECKING:
    import pygraphviz

MISSING = "pip install 'oetgen[report]'"
_CHARACTER, _LINE, _PAD = 7.3, 16, 10  # pixels: a character of 12 px, a line, the space around text
_LONGEST = 40  # characters; a longer line is cut, and complete in the title
_COLUMNS = 3  # of the workloads of a large system
_STORES = ("database", "cache", "secret", "config", "volume", "bucket")
_ENDS = 3  # items that a label names
_POINTS = 72  # of an inch, Graphviz's unit for sizes

STYLE = """
.oet{--ink:#1f2328;--dim:#59636e;--page:#ffffff;--box:#f6f8fa;--edge:#818b98;
font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
.oet .paper{fill:var(--page)}
.oet text{fill:var(--ink)}
.oet .kind{fill:var(--dim)}
.oet .name{font-weight:bold}
.oet .item>rect{fill:var(--box);stroke:var(--tone,var(--edge));stroke-width:1.5}
.oet .group>rect{fill:none;stroke:var(--edge);stroke-dasharray:5 4}
.oet .link path{fill:none;stroke:var(--edge);stroke-width:1.3}
.oet .link polygon{fill:var(--edge)}
.oet a:focus{outline:0}
.oet a:hover .name,.oet a:focus .name{text-decoration:underline}
.oet a:focus-visible .item>rect{stroke-width:3}
.oet.lit .link{opacity:.15}
.oet.lit .link.on{opacity:1}
.oet.lit .link.on path{stroke:var(--ink);stroke-width:2}
.oet.lit .link.on polygon{fill:var(--ink)}
.oet .internet,.oet .host,.oet .gateway{--tone:#0969da}
.oet .service,.oet .workload,.oet .server{--tone:#1a7f37}
.oet .database,.oet .cache,.oet .volume,.oet .bucket{--tone:#9a6700}
.oet .secret,.oet .config{--tone:#8250df}
.oet .registry,.oet .pipeline,.oet .role,.oet .application{--tone:#bc4c00}
"""
_DARK = "--ink:#e6edf3;--dim:#9198a1;--page:#0d1117;--box:#161b22;--edge:#768390"
DARK_STYLE = f".oet{{{_DARK}}}"


def svg(graph: Graph, *, alone: bool = True) -> str:
    """Return the drawing as a complete file or, if not `alone`, as a part of a page that contains STYLE.

    In a page, each box is a link to the line that describes it. Raise OetgenError if Graphviz is not installed.
    """
    columns = _COLUMNS if is_large(graph) else 0
    graph = overview(graph)
    if columns:  # Graphviz draws the first one at the bottom
        graph = replace(graph, items=graph.items[::-1])
    layout = _lay_out(graph, columns)
    left, bottom, right, top = _box(layout.graph_attr["bb"])
    width, height = right - left, top - bottom
    title = f"The system of {graph.env}"
    name, role = "oet large" if columns else "oet", "img" if alone else "group"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{name}"'
        f' viewBox="-4 -4 {_n(width + 8)} {_n(height + 8)}" width="{_n(width + 8)}" height="{_n(height + 8)}"'
        f' role="{role}" aria-label="{_escaped(title)}">'
    ]
    if alone:
        dark = f"@media (prefers-color-scheme:dark){{{DARK_STYLE}}}"
        lines += [f"<title>{_escaped(title)}</title>", f"<style>{STYLE}{dark}</style>"]
        lines.append(f'<rect class="paper" x="-4" y="-4" width="{_n(width + 8)}" height="{_n(height + 8)}"/>')
    for group in graph.groups:
        lines += _group(group, _cluster(graph, group), layout, top)
    for number, link in enumerate(graph.links):
        source, target = (_name(graph, end) for end in (link.source, link.target))
        edge = layout.get_edge(source, target, key=str(number))
        lines += _link(edge, top, _description(graph, number), f"{source} {target}")
    ends = _ends(graph)
    for item in graph.items:
        address = "" if alone else _address(graph.env, item)
        node = layout.get_node(_name(graph, item.key))
        lines += _item(item, _name(graph, item.key), node, top, address, ends[item.key])
    return "\n".join([*lines, "</svg>"]) + "\n"


def _ends(graph: Graph) -> dict[str, list[str]]:
    """Return by key what an item uses, and what uses it, as words of its label; no long lists."""
    uses = graph.uses()
    users: dict[str, list[Item]] = {item.key: [] for item in graph.items}
    for item in graph.items:
        for used in uses[item.key]:
            users[used.key].append(item)
    return {
        item.key: [
            f"{word} {', '.join(each.name for each in found)}"
            for word, found in (("uses", uses[item.key]), ("used by", users[item.key]))
            if 0 < len(found) <= _ENDS
        ]
        for item in graph.items
    }


def _address(env: str, item: Item) -> str:
    """Return the address in the page of the line that describes an item, or of the list of its kind."""
    if item.at is None:
        return f"#/{quote(env, '')}/system/{item.kind}"
    return f"#/{quote(env, '')}/file/{quote(item.at.path, '')}/{item.at.line}"


def _lay_out(graph: Graph, columns: int) -> pygraphviz.AGraph:
    try:
        import pygraphviz  # in an extra: it brings Graphviz
    except ImportError:
        raise OetgenError("drawing needs Graphviz, which is not installed", f"run: {MISSING}") from None
    layout = pygraphviz.AGraph(string="\n".join(_dot(graph, columns)))
    layout.layout(prog="dot")
    return layout


def _dot(graph: Graph, columns: int) -> Iterator[str]:
    """Yield the input of Graphviz: boxes with their sizes. It contains no values.

    Where there are `columns`, workloads stand in that many: invisible links keep each row together.
    """
    yield "digraph {rankdir=LR nodesep=0.25 ranksep=0.6"
    yield 'node [label="" shape=box fixedsize=true]'
    for item in graph.items:
        width, height = _size(item)
        yield f"{_name(graph, item.key)} [width={_n(width / _POINTS)} height={_n(height / _POINTS)}]"
    yield from _dot_groups(graph, "")
    for number, link in enumerate(graph.links):
        yield f"{_name(graph, link.source)} -> {_name(graph, link.target)} [key={number}]"
    if columns:
        yield from _rows(graph, columns)
    yield "}"


def _rows(graph: Graph, columns: int) -> Iterator[str]:
    """Yield invisible links that put workloads into rows, what is outside on the left, and stores on the right."""
    workloads = sorted(
        (item for item in graph.items if item.kind == "workload"),
        key=lambda item: (item.key.startswith("folded/"), item.name),
    )
    boxes = [_name(graph, item.key) for item in workloads]
    rows = [boxes[start : start + columns] for start in range(0, len(boxes), columns)]
    yield "rows [style=invis width=0.01 height=0.01 ordering=out]"
    for row in rows:
        yield f"rows -> {' -> '.join(row)} [style=invis]"
    linked = {link.source for link in graph.links}
    for item in graph.items:
        if item.kind in _STORES:
            yield f"{rows[0][-1]} -> {_name(graph, item.key)} [style=invis]"
        elif item.kind != "workload" and item.key not in linked:
            yield f"{_name(graph, item.key)} -> {rows[0][0]} [style=invis]"


def _dot_groups(graph: Graph, group: str) -> Iterator[str]:
    for inner in graph.groups_inside(group):
        yield f"subgraph {_cluster(graph, inner)} {{margin={_LINE + _PAD}"
        yield from (_name(graph, item.key) for item in graph.inside(inner.key))
        yield from _dot_groups(graph, inner.key)
        yield "}"


def _cluster(graph: Graph, group: Group) -> str:
    return f"cluster_{graph.groups.index(group)}"


def _name(graph: Graph, key: str) -> str:
    return f"n{next(number for number, item in enumerate(graph.items) if item.key == key)}"


def _description(graph: Graph, number: int) -> str:
    link = graph.links[number]
    names = {item.key: f"{KINDS[item.kind]} {item.name}" for item in graph.items}
    return f"{names[link.source]} {link.does} {names[link.target]}"


def _text_lines(item: Item) -> list[tuple[str, str]]:
    lines = [("kind", KINDS[item.kind])] if item.kind != "internet" else []
    lines += [("name", item.name), *(("line", line) for line in item.lines)]
    return [(kind, text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…") for kind, text in lines]


def _size(item: Item) -> tuple[float, float]:
    lines = _text_lines(item)
    return max(len(text) for _, text in lines) * _CHARACTER + 2 * _PAD, len(lines) * _LINE + 1.4 * _PAD


def _item(
    item: Item, name: str, node: pygraphviz.Node, top: float, address: str, ends: list[str]
) -> Iterator[str]:
    x, y = (float(part) for part in node.attr["pos"].split(","))
    width, height = _size(item)
    left, upper = x - width / 2, top - y - height / 2
    title = " · ".join([KINDS[item.kind], item.name, *item.lines])
    if address:
        yield f'<a href="{_escaped(address)}" aria-label="{_escaped(" · ".join([title, *ends]))}">'
    yield f'<g class="item {item.kind}" data-item="{name}"><title>{_escaped(title)}</title>'
    yield f'<rect x="{_n(left)}" y="{_n(upper)}" width="{_n(width)}" height="{_n(height)}" rx="5"/>'
    for number, (kind, text) in enumerate(_text_lines(item), start=1):
        yield f'<text class="{kind}" x="{_n(left + _PAD)}" y="{_n(upper + number * _LINE)}">{_escaped(text)}</text>'
    yield "</g></a>" if address else "</g>"


def _group(group: Group, name: str, layout: pygraphviz.AGraph, top: float) -> Iterator[str]:
    cluster = next((inner for inner in _all_subgraphs(layout) if inner.name == name), None)
    if cluster is None or not cluster.graph_attr["bb"]:
        return  # an empty group has no box
    left, bottom, right, upper = _box(cluster.graph_attr["bb"])
    title = " · ".join([f"{group.kind} {group.name}", *group.lines])
    longest = max(int((right - left - 2 * _PAD) / _CHARACTER), 1)
    shown = title if len(title) <= longest else f"{title[: longest - 1]}…"
    yield f'<g class="group"><title>{_escaped(title)}</title>'
    size = f'width="{_n(right - left)}" height="{_n(upper - bottom)}"'
    yield f'<rect x="{_n(left)}" y="{_n(top - upper)}" {size} rx="8"/>'
    yield f'<text class="kind" x="{_n(left + _PAD)}" y="{_n(top - upper + _LINE)}">{_escaped(shown)}</text></g>'


def _all_subgraphs(graph: pygraphviz.AGraph) -> Iterator[pygraphviz.AGraph]:
    for inner in graph.subgraphs():
        yield inner
        yield from _all_subgraphs(inner)


def _link(edge: pygraphviz.Edge, top: float, description: str, ends: str) -> Iterator[str]:
    """Draw an edge. Its `pos` is "e,x,y x,y x,y …": the tip of the arrow, then the points of a Bézier curve."""
    tip, *points = edge.attr["pos"].removeprefix("e,").split(" ")
    curve = [_point(point, top) for point in points]
    start, *others = [f"{_n(x)} {_n(y)}" for x, y in curve]
    yield f'<g class="link" data-ends="{ends}"><title>{_escaped(description)}</title>'
    yield f'<path d="M{start}C{" ".join(others)}"/>'
    (x, y), (end_x, end_y) = curve[-1], _point(tip, top)
    step_x, step_y = (end_x - x) * 0.4, (end_y - y) * 0.4
    corners = [(end_x, end_y), (x - step_y, y + step_x), (x + step_y, y - step_x)]
    yield f'<polygon points="{" ".join(f"{_n(a)},{_n(b)}" for a, b in corners)}"/></g>'


def _point(text: str, top: float) -> tuple[float, float]:
    x, y = text.split(",")
    return float(x), top - float(y)


def _box(text: str) -> tuple[float, float, float, float]:
    left, bottom, right, top = (float(part) for part in text.split(","))
    return left, bottom, right, top


def _n(number: float) -> str:
    """Return a number with at most two decimal places."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _escaped(text: str) -> str:
    """Return escaped text; characters that are invalid in XML are replaced."""
    return escape("".join(each if each >= " " or each in "\n\t" else "\ufffd" for each in text))
