"""Draw the graph of a system as SVG. Graphviz computes the layout; this module draws boxes, text and arrows.

Graphviz gets no text, and every box has the size of its text in a fixed-width font. So the drawing does not depend on
the fonts of a machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from generator.findings import OetgenError
from generator.system.graph import KINDS, Graph, Group, Item

if TYPE_CHECKING:
    import pygraphviz

MISSING = "pip install 'oetgen[report]'"
_CHARACTER, _LINE, _PAD = 7.3, 16, 10  # pixels: a character of 12 px, a line, the space around text
_LONGEST = 40  # characters; a longer line is cut, and complete in the title
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

    Raise OetgenError if Graphviz is not installed.
    """
    layout = _lay_out(graph)
    left, bottom, right, top = _box(layout.graph_attr["bb"])
    width, height = right - left, top - bottom
    title = f"The system of {graph.env}"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="oet" viewBox="-4 -4 {_n(width + 8)} {_n(height + 8)}"'
        f' width="{_n(width + 8)}" height="{_n(height + 8)}" role="img" aria-label="{_escaped(title)}">'
    ]
    if alone:
        dark = f"@media (prefers-color-scheme:dark){{{DARK_STYLE}}}"
        lines += [f"<title>{_escaped(title)}</title>", f"<style>{STYLE}{dark}</style>"]
        lines.append(f'<rect class="paper" x="-4" y="-4" width="{_n(width + 8)}" height="{_n(height + 8)}"/>')
    for group in graph.groups:
        lines += _group(group, _cluster(graph, group), layout, top)
    for number, link in enumerate(graph.links):
        source, target = (_name(graph, end) for end in (link.source, link.target))
        lines += _link(layout.get_edge(source, target, key=str(number)), top, _description(graph, number))
    for item in graph.items:
        lines += _item(item, layout.get_node(_name(graph, item.key)), top)
    return "\n".join([*lines, "</svg>"]) + "\n"


def _lay_out(graph: Graph) -> pygraphviz.AGraph:
    try:
        import pygraphviz  # in an extra: it brings Graphviz
    except ImportError:
        raise OetgenError("drawing needs Graphviz, which is not installed", f"run: {MISSING}") from None
    layout = pygraphviz.AGraph(string="\n".join(_dot(graph)))
    layout.layout(prog="dot")
    return layout


def _dot(graph: Graph) -> Iterator[str]:
    """Yield the input of Graphviz: boxes with their sizes. It contains no values."""
    yield "digraph {rankdir=LR nodesep=0.25 ranksep=0.6"
    yield 'node [label="" shape=box fixedsize=true]'
    for item in graph.items:
        width, height = _size(item)
        yield f"{_name(graph, item.key)} [width={_n(width / _POINTS)} height={_n(height / _POINTS)}]"
    yield from _dot_groups(graph, "")
    for number, link in enumerate(graph.links):
        yield f"{_name(graph, link.source)} -> {_name(graph, link.target)} [key={number}]"
    yield "}"


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


def _item(item: Item, node: pygraphviz.Node, top: float) -> Iterator[str]:
    x, y = (float(part) for part in node.attr["pos"].split(","))
    width, height = _size(item)
    left, upper = x - width / 2, top - y - height / 2
    title = " · ".join([KINDS[item.kind], item.name, *item.lines])
    yield f'<g class="item {item.kind}"><title>{_escaped(title)}</title>'
    yield f'<rect x="{_n(left)}" y="{_n(upper)}" width="{_n(width)}" height="{_n(height)}" rx="5"/>'
    for number, (kind, text) in enumerate(_text_lines(item), start=1):
        yield f'<text class="{kind}" x="{_n(left + _PAD)}" y="{_n(upper + number * _LINE)}">{_escaped(text)}</text>'
    yield "</g>"


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


def _link(edge: pygraphviz.Edge, top: float, description: str) -> Iterator[str]:
    """Draw an edge. Its `pos` is "e,x,y x,y x,y …": the tip of the arrow, then the points of a Bézier curve."""
    tip, *points = edge.attr["pos"].removeprefix("e,").split(" ")
    curve = [_point(point, top) for point in points]
    start, *others = [f"{_n(x)} {_n(y)}" for x, y in curve]
    yield f'<g class="link"><title>{_escaped(description)}</title><path d="M{start}C{" ".join(others)}"/>'
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
