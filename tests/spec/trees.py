"""The steps that every tree-sitter grammar needs; a syntax error is never passed over."""

from tree_sitter import Language, Node, Parser

from .changes import ParseError


def parse(language: Language, text: str) -> Node:
    root = Parser(language).parse(text.encode()).root_node
    if root.has_error:
        raise ParseError(f"syntax error near {_first_error(root)!r}")
    return root


def source(node: Node) -> str:
    return (node.text or b"").decode()


def one_line(text: str) -> str:
    return " ".join(text.split())


def _first_error(node: Node) -> str:
    broken = next((child for child in node.children if child.has_error or child.is_missing), None)
    if broken is None or node.is_error:
        return one_line(source(node.parent if node.is_missing and node.parent else node))[:60]
    return _first_error(broken)
