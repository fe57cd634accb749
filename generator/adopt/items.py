"""Find things of one kind that a file has one after the other: objects, blocks, services, jobs, containers.

The reader of the file's language finds them; each has the blank lines and comments directly above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from generator import languages
from generator.adopt.lines import Path, identity
from generator.adopt.words import Mask, singular, snake
from generator.findings.record import record
from generator.languages import LANGUAGES, dialects_of
from generator.languages.node import Block, Leaf, Map, Node, Seq, children
from generator.languages.source import Source

_YAML = dialects_of("yaml")
_DIVIDER = "---\n"
_LEAST_ITEMS = 3
_KINDS = {"env": "variable"}
_COMMENT = re.compile(r"[ \t]*(?:#|//)")
_REFERENCE = re.compile(r"[\s\[,{][*&]\w")  # an anchor or alias, which needs the rest of the file


@record
class Item:
    """A thing: where its lines are, with what is above it; what it is, or "" for nothing known, and its name."""

    start: int
    end: int
    kind: str
    name: str


@record
class Items:
    """Things that follow each other: where they stand in the file, and the lines that they stand below."""

    place: Path
    items: tuple[Item, ...]
    head: str = ""


def items_of(path: str, text: str, language: str, mask: Mask, *, inside: bool = True) -> Iterator[Items]:
    """Yield the objects of a file of manifests or the blocks of one of HCL, then the items `inside` of YAML."""
    if language not in LANGUAGES or not (language == "hcl" or language in _YAML):
        return
    source = Source(path, text, language, path)
    read = languages.read(source)
    if read is None or read.problems:
        return
    if isinstance(read.node, Map):
        yield Items((), tuple(_blocks(source, read.node)))
    elif isinstance(read.node, Seq):
        documents = list(_documents(source, read.node))
        yield Items((), tuple(documents))
        for item, node in zip(documents, read.node.items, strict=True) if inside else ():
            yield from _inside(source, node, (f"{item.kind}/{mask(item.name)}",), (), mask)


def kinds_of(path: str, text: str, language: str, mask: Mask) -> list[str]:
    """Return what each object or block of a file is, without those that are nothing known."""
    found = next(items_of(path, text, language, mask, inside=False), None)
    return [each.kind for each in found.items if each.kind] if found else []


def _blocks(source: Source, body: Map) -> Iterator[Item]:
    """Yield the blocks of HCL; of a resource, a data source or a module is known what it is."""
    nodes = [
        each
        for node in body.entries.values()
        for each in (node.items if isinstance(node, Seq) and _is_of_blocks(node) else [node])
    ]
    nodes.sort(key=lambda node: (node.key or (node.start, 0))[0])
    starts = _starts(source, nodes)
    for node, (start, end) in zip(nodes, pairwise([*starts, len(source.text)]), strict=True):
        kind = name = ""
        if isinstance(node, Block) and node.kind in ("resource", "data", "module") and node.labels:
            kind, name = " ".join([node.kind, *node.labels[:-1]]), node.labels[-1]
        yield Item(start, end, kind, name)


def _is_of_blocks(node: Seq) -> bool:
    return any(isinstance(each, Block) for each in node.items)


def _documents(source: Source, whole: Seq) -> Iterator[Item]:
    """Yield the documents of a file, each but the first with the divider before it."""
    text = source.text
    starts = []
    for before, node in zip([None, *whole.items], whole.items, strict=False):
        at = text.rfind(f"\n{_DIVIDER}", before.start if before else 0, node.start) + 1
        starts.append(at if before or at else 0)
    if starts:
        starts[0] = 0
    for node, (start, end) in zip(whole.items, pairwise([*starts, len(text)]), strict=True):
        kind = node.text("kind") if isinstance(node, Map) and node.text("apiVersion") else ""
        yield Item(start, end, kind, node.text("metadata", "name") if isinstance(node, Map) else "")


def _inside(source: Source, node: Node, place: Path, above: tuple[int, ...], mask: Mask) -> Iterator[Items]:
    """Yield the items at all depths of a node, the outer ones first; `above` are the lines that it stands below."""
    named = list(_named(node, mask))
    word = singular(snake(place[-1].strip("[]")))
    kind = _KINDS.get(word, word)
    if len(named) >= _LEAST_ITEMS and above and (found := _of(source, node, kind, named)):
        yield Items(place, found, "".join(f"{source.lines[number - 1]}\n" for number in above))
    for name, each in named:
        lines = tuple(dict.fromkeys((*above, each.line if each.key else source.line_of(each.start))))
        yield from _inside(source, each, (*place, name), lines, mask)


def _named(node: Node, mask: Mask) -> Iterator[tuple[str, Node]]:
    """Yield the maps and lists in a node, each with its key or name."""
    if isinstance(node, Map):
        yield from ((mask(key), each) for key, each in node.entries.items() if not isinstance(each, Leaf))
    elif isinstance(node, Seq):
        yield from ((mask(identity(each)), each) for each in node.items if not isinstance(each, Leaf))


def _of(source: Source, node: Node, kind: str, named: Sequence[tuple[str, Node]]) -> tuple[Item, ...]:
    """Return the maps in a node as items; none where one of them does not have lines of its own."""
    nodes = [each for _, each in named if isinstance(each, Map) and each.source is source]
    firsts = [source.line_of(_begin(each)) for each in nodes]
    columns = {_column(source, each) for each in nodes}
    if len(nodes) < len(list(children(node))) or len(columns) > 1 or None in columns:
        return ()
    starts = _starts(source, nodes)
    ends = [*starts[1:], source.offset(source.line_of(_end(nodes[-1])) + 1)]
    if sorted(set(firsts)) != firsts or _REFERENCE.search(source.text, starts[0], ends[-1]):
        return ()
    names = [*node.entries] if isinstance(node, Map) else [identity(each).strip("[]") for each in nodes]
    return tuple(Item(start, end, kind, name) for start, end, name in zip(starts, ends, names, strict=True))


def _begin(node: Node) -> int:
    return node.key[0] if node.key else node.start


def _column(source: Source, node: Node) -> int | None:
    """Return where the key or dash of an item stands that is the first on its line; None where it is not."""
    at = _begin(node)
    before = source.text[source.offset(source.line_of(at)) : at]
    return len(before) if re.fullmatch(r" *" if node.key else r" *- +", before) else None


def _end(node: Node) -> int:
    """Return where the text of a node ends, without comments and blank lines after it."""
    inner = (
        [] if isinstance(node, Leaf | Block) or node.source.text[node.start] in "[{" else [*children(node)]
    )
    if inner:
        return max(map(_end, inner))
    text, end = node.source.text, node.end
    while end > _begin(node) + 1 and text[end - 1].isspace():
        end -= 1
    return max(end - 1, node.key[1] if node.key else 0)


def _starts(source: Source, nodes: Sequence[Node]) -> list[int]:
    """Return where the lines of nodes start, with the comments directly above and the blank lines above these."""
    starts: list[int] = []
    before = 0  # the last line of the node before
    for node in nodes:
        line = source.line_of(_begin(node))
        while line - 1 > before and _COMMENT.match(source.lines[line - 2]):
            line -= 1
        while starts and line - 1 > before and not source.lines[line - 2].strip():
            line -= 1
        starts.append(source.offset(line))
        before = source.line_of(_end(node))
    return starts
