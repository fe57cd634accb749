"""HCL to nodes: what counts of a file is its blocks and their arguments.

A block is a map under its type and labels (`resource.aws_db_instance.postgres`), nested blocks of one type are a
list. A literal is its value; any other expression is its own text, without comments and with single blanks.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.findings import Span
from generator.languages.node import Leaf, Map, Node, Problem, ReadResult, Scalar, Seq
from generator.languages.source import Source

if TYPE_CHECKING:
    import tree_sitter

MISSING = "pip install '.[plan]'"
_SKIPPED = frozenset(["comment", "{", "}", "[", "]", ",", "(", ")", "=", ":", "object_start", "object_end"])
_LITERALS: dict[str, Scalar] = {"true": True, "false": False, "null": None}


def read(source: Source) -> ReadResult:
    """Return the blocks and arguments of an HCL text, and what is wrong with it."""
    try:
        # In an extra: only these commands read HCL, and the parser is a compiled package.
        import tree_sitter
        import tree_sitter_hcl
    except ImportError:
        return ReadResult(
            Map({}), (Problem(f"the parser of HCL is missing: {MISSING}", Span(source.label, 0)),)
        )
    language = tree_sitter.Language(tree_sitter_hcl.language())
    root = tree_sitter.Parser(language).parse(source.text.encode()).root_node
    if root.has_error:
        return ReadResult(Map({}), (Problem("not HCL", source.span(_error_line(root))),))
    body = next((child for child in root.children if child.type == "body"), None)
    return ReadResult(_in_file(_body(body, 1, top=True), source) if body else Map({}))


def _in_file(node: Node, source: Source) -> Node:
    """Return `node`, whose `start` is a line until now, with its place in the file."""
    start = source.offset(node.start or 1)
    if isinstance(node, Map):
        entries = {key: _in_file(value, source) for key, value in node.entries.items()}
        return replace(node, entries=entries, source=source, start=start, end=start)
    if isinstance(node, Seq):
        items = tuple(_in_file(item, source) for item in node)
        return replace(node, items=items, source=source, start=start, end=start)
    return replace(node, source=source, start=start, end=start)


def _body(body: tree_sitter.Node | None, line: int, *, top: bool = False) -> Map:
    entries: dict[str, Node] = {}
    nested: dict[str, list[Map]] = {}
    for child in body.children if body else ():
        if child.type == "attribute":
            name = _text(child.children[0])
            entries[name] = replace(_expression(child.children[-1]), start=child.start_point[0] + 1)
        elif child.type == "block":
            labels, inner = _block(child)
            if top:
                entries[_unique(".".join(labels), entries)] = inner
            else:
                nested.setdefault(labels[0], []).append(_with_labels(inner, labels[1:]))
    for name, blocks in nested.items():
        entries[name] = Seq(tuple(blocks), start=blocks[0].start)
    return Map(entries, start=line)


def _unique(name: str, taken: dict[str, Node]) -> str:
    """Return the name of a block that has no labels of its own, numbered from the second one on."""
    number, unique = 1, name
    while unique in taken:
        number += 1
        unique = f"{name}#{number}"
    return unique


def _block(block: tree_sitter.Node) -> tuple[list[str], Map]:
    labels = [
        _text(child).strip('"') for child in block.children if child.type in ("identifier", "string_lit")
    ]
    body = next((child for child in block.children if child.type == "body"), None)
    return labels, _body(body, block.start_point[0] + 1)


def _with_labels(block: Map, labels: list[str]) -> Map:
    return (
        Map({"label": _text_leaf(".".join(labels), block.start), **block.entries}, start=block.start)
        if labels
        else block
    )


def _expression(node: tree_sitter.Node) -> Node:
    line = node.start_point[0] + 1
    inner = _inner(node)
    if inner.type == "object":
        elements = [child for child in inner.children if child.type == "object_elem"]
        return Map({_key(element): _value(element) for element in elements}, start=line)
    if inner.type == "tuple":
        items = tuple(_expression(child) for child in inner.children if child.type == "expression")
        return Seq(items, start=line)
    text = _text(inner)
    if inner.type == "numeric_lit":
        return Leaf(float(text) if set(text) & set(".eE") else int(text), text=text, start=line)
    if inner.type in ("bool_lit", "null_lit"):
        return Leaf(_LITERALS[text], text=text, start=line)
    if inner.type == "string_lit":
        return _text_leaf(_string(text), line)
    flat = _flat(inner)
    return Leaf(flat, text=flat, start=line, is_code=True)


def _text_leaf(text: str, line: int) -> Leaf:
    return Leaf(text, text=text, start=line)


def _inner(node: tree_sitter.Node) -> tree_sitter.Node:
    """Return what an expression is, below the nodes that only wrap it."""
    while node.type in ("expression", "literal_value", "collection_value", "template_expr") and _is_wrapper(
        node
    ):
        node = next(child for child in node.children if child.type != "comment")
    return node


def _is_wrapper(node: tree_sitter.Node) -> bool:
    return sum(child.type != "comment" for child in node.children) == 1


def _key(element: tree_sitter.Node) -> str:
    return _flat(element.children[0]).strip('"')


def _value(element: tree_sitter.Node) -> Node:
    values = [child for child in element.children if child.type == "expression"]
    return replace(_expression(values[-1]), start=element.start_point[0] + 1)


def _string(text: str) -> str:
    """Return what a quoted string without a template in it stands for."""
    try:
        plain: str = json.loads(text)
    except ValueError:
        plain = text[1:-1]
    return plain.replace("$${", "${").replace("%%{", "%{")


def _flat(node: tree_sitter.Node) -> str:
    """Return the text of an expression without comments, with single blanks; heredocs stay as they are."""
    if node.type == "comment":
        return ""
    if node.type in ("heredoc_template", "quoted_template", "string_lit") or not node.children:
        return _text(node)
    pieces: list[str] = []
    end = node.children[0].start_byte
    for child in node.children:
        text = _flat(child)
        if text:
            pieces.append(" " if pieces and child.start_byte > end else "")
            pieces.append(text)
        end = child.end_byte
    return "".join(pieces)


def _text(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode()


def _error_line(node: tree_sitter.Node) -> int:
    for child in node.children:
        if child.has_error or child.is_missing:
            return _error_line(child)
    return node.start_point[0] + 1
