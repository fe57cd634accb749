"""Parse HCL with tree-sitter, and find what HashiCorp's parser refuses, which is more than tree-sitter does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

from generator.languages.node import Problem
from generator.languages.source import Source

if TYPE_CHECKING:
    import tree_sitter

OPERATORS = frozenset("== != <= >= && || < > + - * / % !".split())
_Found = tuple[int, int, str]  # from where to where in the text, and what is wrong

_OPENING = frozenset("( [ tuple_start template_interpolation_start template_directive_start".split())
_CLOSING = frozenset(") ] tuple_end template_interpolation_end template_directive_end".split())
_QUOTED = frozenset(["string_lit", "quoted_template"])
_TEMPLATES = frozenset(["heredoc_template", "template_directive", "template_if", "template_for", *_QUOTED])
_ENDING = frozenset(["attribute", "object_elem", *_QUOTED])
_UNENDING = frozenset(["body", "block", "object", "heredoc_template"])
_NO_LINE_BREAK = "did not expect the end of the line"
_IN_STRINGS = ("a string is not closed on its line", "is not an escape sequence")
_ESCAPE = re.compile(r'"(?:[^"\\\n]|\\(?:[nrt"\\]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}))*+(\\[^\n]?)')
_NUMBER = re.compile(r"\d+(\.\d+)?([eE][-+]?\d+)?(?!\.(\d|[eE]\d))")
_FUNCTION = re.compile(r"[^\W\d][\w-]*(::[^\W\d][\w-]*)*")
_HEREDOC = re.compile(r"<<-?[^\W\d][\w-]*\r?\n")
_SEQUENCE = re.compile(r"(?<!\$)\$\{|(?<!%)%\{")
_TOKEN = re.compile(r"[\w-]+|\S")
_BLANK = re.compile(rb"(?:[ \t\n]|\r\n)*")
# What the grammar reads wrongly or not at all: it is given a spelling of the same length that it reads rightly.
_DOLLARS = re.compile(r"(?<!\$)\$\$++\{|(?<!%)%%++\{")
_SPELLINGS = re.compile(rb"(?<![\w.])\d+[eE][-+]?\d+|\[[ \t]*\*[ \t]*\]")


class Parsed:
    """The tree of a file, and `data`, what was parsed. Its bytes are turned into characters by `offset`."""

    def __init__(self, source: Source, data: bytes, root: tree_sitter.Node) -> None:
        self.source, self.text, self.data, self.root = source, source.text, data, root
        self._offsets: list[int] = []
        if not source.text.isascii():
            widths = [len(_encoded(character)) for character in source.text]
            self._offsets = [number for number, width in enumerate(widths) for _ in range(width)]
            self._offsets.append(len(source.text))

    def offset(self, byte: int) -> int:
        """Return the offset of the character at a byte."""
        return self._offsets[byte] if self._offsets else byte

    def start(self, node: tree_sitter.Node) -> int:
        return self.offset(node.start_byte)

    def end(self, node: tree_sitter.Node) -> int:
        return self.offset(node.end_byte)

    def code(self, node: tree_sitter.Node) -> str:
        """Return the text of a node."""
        return self.text[self.start(node) : self.end(node)]


def parse(source: Source) -> Parsed:
    """Return the tree of a file, with nodes for errors where it is not HCL."""
    data = _encoded(_DOLLARS.sub(lambda found: found[0][-3:].rjust(len(found[0]), "x"), source.text))
    root = _parser().parse(data).root_node
    if root.has_error:
        other = _SPELLINGS.sub(_respelled, data)
        again = _parser().parse(other).root_node
        if not again.has_error:
            data, root = other, again
    return Parsed(source, data, root)


def is_expression(text: str) -> bool:
    """Return whether a text is exactly one expression on one line, without comments."""
    if "\n" in text or text != text.strip():
        return False
    parsed = parse(Source("", f"x = {text}\n", "hcl", ""))
    body = next((child for child in parsed.root.children if child.type == "body"), None)
    if body is None or len(body.children) != 1 or next(iter(problems(parsed)), None):
        return False
    attribute = body.children[0]
    return attribute.type == "attribute" and parsed.code(attribute.children[-1]) == text


def _respelled(found: re.Match[bytes]) -> bytes:
    return b"[*]".ljust(len(found[0])) if found[0].startswith(b"[") else b"1" * len(found[0])


@cache
def _parser() -> tree_sitter.Parser:
    # Imported here: a render reads no HCL, and loading compiled packages takes time.
    import tree_sitter
    import tree_sitter_hcl

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def significant(node: tree_sitter.Node) -> list[tree_sitter.Node]:
    """Return the children of a node that are no comments."""
    return [child for child in node.children if child.type != "comment"]


def problems(parsed: Parsed) -> list[Problem]:
    """Return what HCL refuses, in the order of the file; of a file with a syntax error, the first problem."""
    found = sorted(_refused(parsed))
    if parsed.root.has_error:
        found = [min([_syntax_error(parsed), *(each for each in found if each[2].endswith(_IN_STRINGS))])]
    return [Problem(message, parsed.source.between(start, end)) for start, end, message in found]


def _syntax_error(parsed: Parsed) -> _Found:
    """Return the first error of tree-sitter: a sign that is missing, or text that it could not place."""
    node: tree_sitter.Node | None = parsed.root
    while node and not (node.is_error or node.is_missing):
        node = next((child for child in node.children if child.has_error or child.is_missing), None)
    if node is None:
        return 0, 1, "the file is not HCL"
    if node.is_missing:
        return _missing(parsed, node)
    at = parsed.start(node)
    for child in node.children:
        if parsed.text[at : parsed.start(child)].strip() or child.is_error:
            break
        at = max(at, parsed.end(child))
    start, end, token = _token(parsed, at)
    line = parsed.source.line_of(start)
    escape = _ESCAPE.search(parsed.text, parsed.source.offset(line), parsed.source.offset(line + 1))
    return _open(parsed, escape.start()) if escape else (start, end, f"did not expect {token}")


def _missing(parsed: Parsed, node: tree_sitter.Node) -> _Found:
    first = node.parent.children[0] if node.parent else node
    if node.type == "quoted_template_end":
        return _open(parsed, parsed.start(first))
    if node.type == "heredoc_identifier":
        return parsed.start(first), parsed.end(first), "a heredoc has no end"
    start, end, token = _token(parsed, parsed.end(node))
    wanted = node.children[0].type if node.children else node.type
    return start, end, f"expected {'a value' if wanted == 'identifier' else wanted}, found {token}"


def _open(parsed: Parsed, at: int) -> _Found:
    """Return what is wrong with the string that begins at `at`."""
    escape = _ESCAPE.match(parsed.text, at)
    if escape:
        return escape.start(1), escape.end(1), f"{escape[1]} is not an escape sequence"
    return at, at + 1, "a string is not closed on its line"


def _token(parsed: Parsed, at: int) -> _Found:
    """Return the next word or sign from `at`, with its place."""
    rest = parsed.text[at:]
    at += len(rest) - len(rest.lstrip(" \t\r"))
    if not rest.strip():
        return at, at, "the end of the file"
    found = _TOKEN.match(parsed.text, at)
    return (at, found.end(), found[0]) if found else (at, at, "the end of the line")


def _refused(parsed: Parsed) -> Iterator[_Found]:
    """Yield what tree-sitter accepts and HCL does not.

    Inside brackets a line break is a blank; elsewhere it ends an argument, an element of an object and a string.
    """
    pending = [(parsed.root, parsed.root.type, False)]
    while pending:
        node, kind, ends = pending.pop()
        if kind in _RULES:
            yield from _RULES[kind](parsed, node)
        if kind in _ENDING:
            ends = True
        elif kind in _UNENDING:
            ends = False
        inside, at = kind == "for_object_expr", node.start_byte
        for child in node.children:
            part, start = child.type, child.start_byte
            gap = parsed.data[at:start]
            if ends and not inside and (b"\n" in gap or (kind in _QUOTED and _is_broken(parsed, child))):
                at = parsed.offset(at)
                yield _open(parsed, parsed.start(node)) if kind in _QUOTED else (at, at, _NO_LINE_BREAK)
                break
            if kind not in _TEMPLATES and not (_BLANK.fullmatch(gap) if gap else _is_apart(parsed.data, at)):
                at = parsed.offset(at)
                yield at, at + 1, f"expected a blank, found {parsed.text[at]!a}"
                break
            at = child.end_byte
            inside = (inside or part in _OPENING) and part not in _CLOSING
            if child.child_count or part in _RULES:
                pending.append((child, part, ends and not inside))


def _is_broken(parsed: Parsed, literal: tree_sitter.Node) -> bool:
    return literal.type == "template_literal" and bool(re.search("[\r\n]", parsed.code(literal)))


def _is_apart(data: bytes, at: int) -> bool:
    """Return whether two tokens that touch each other at `at` are not both words."""
    return not (data[at - 1 : at].isalnum() and data[at : at + 1].isalnum())


def _number(parsed: Parsed, node: tree_sitter.Node) -> Iterator[_Found]:
    found = _NUMBER.match(parsed.text, parsed.start(node))
    if not found or found.end() != parsed.end(node):
        yield parsed.start(node), parsed.end(node), f"{parsed.code(node)} is not a number of HCL"


def _identifier(parsed: Parsed, node: tree_sitter.Node) -> Iterator[_Found]:
    code = parsed.code(node)
    if ":" in code and not (
        node.parent and node.parent.type == "function_call" and _FUNCTION.fullmatch(code)
    ):
        yield parsed.start(node), parsed.end(node), f"{parsed.code(node)} is not a name"


def _heredoc(parsed: Parsed, node: tree_sitter.Node) -> Iterator[_Found]:
    if not _HEREDOC.match(parsed.text, parsed.start(node)):
        message = "expected a name and the end of the line after <<"
        yield parsed.start(node), parsed.start(node) + 2, message


def _interpolation(parsed: Parsed, node: tree_sitter.Node) -> Iterator[_Found]:
    if not node.has_error and all(child.type != "expression" for child in node.children):
        yield parsed.start(node), parsed.end(node), "expected a value between ${ and }"
    for child in node.children:
        is_beside = parsed.start(child) - parsed.start(node) == 2 or parsed.end(node) - parsed.end(child) == 1
        if child.type == "strip_marker" and not is_beside:
            yield parsed.start(child), parsed.end(child), "did not expect ~"


def _object(parsed: Parsed, node: tree_sitter.Node) -> Iterator[_Found]:
    """Between two elements there is a comma or the end of a line."""
    is_apart, at = True, parsed.start(node)
    for child in node.children:
        is_apart |= "\n" in parsed.text[at : parsed.start(child)]
        at = parsed.end(child)
        if child.type == ",":
            if is_apart:
                yield parsed.start(child), at, "did not expect ,"
            is_apart = True
        elif child.type == "object_elem":
            if not is_apart:
                start, end, token = _token(parsed, parsed.start(child))
                yield start, end, f"expected a comma or the end of the line, found {token}"
            is_apart = False


def _steps(parsed: Parsed, node: tree_sitter.Node) -> Iterator[_Found]:
    """`.0.1` is a number, and one `.*` cannot stand in another."""
    kinds = [child.children[0].type if child.children else "" for child in node.children]
    for number, child in enumerate(node.children[1:], 1):
        again = kinds[number] == "attr_splat" and "attr_splat" in kinds[:number]
        is_index = kinds[number] == "legacy_index"
        if again or (is_index and (kinds[number - 1] == "legacy_index" or "\n" in parsed.code(child))):
            yield parsed.start(child), parsed.end(child), f"did not expect {parsed.code(child)}"


def _block(parsed: Parsed, node: tree_sitter.Node) -> Iterator[_Found]:
    brace = next((number for number, child in enumerate(node.children) if child.type == "block_start"), None)
    if brace is None:
        return
    header, inner = node.children[: brace + 1], node.children[brace + 1 :]
    if not brace:
        yield parsed.start(node), parsed.start(node) + 1, "expected an argument or a block, found {"
    text = parsed.text[parsed.start(node) : parsed.end(header[-1])]
    if "\n" in text:
        at = parsed.start(node) + text.index("\n")
        yield at, at, "expected { on the line of the block's name"
    for label in header:
        code = parsed.code(label)
        if label.type == "string_lit" and _SEQUENCE.search(code):
            yield parsed.start(label), parsed.end(label), f"the label {code} of a block cannot hold a value"
    items = [item for child in inner for item in (child.children if child.type == "body" else [child])]
    yield from _lines(parsed, [header[-1], *items])


def _file(parsed: Parsed, node: tree_sitter.Node) -> Iterator[_Found]:
    end = node.children[-1].end_byte if node.children else 0
    if not _BLANK.fullmatch(parsed.data, end):
        at = parsed.offset(end)
        yield at, at + 1, f"expected a blank, found {parsed.text[at]!a}"
    for child in node.children:
        if child.type == "body":
            yield from _lines(parsed, child.children)
        elif child.type == "object":
            yield parsed.start(child), parsed.start(child) + 1, "expected an argument or a block, found {"


def _lines(parsed: Parsed, nodes: list[tree_sitter.Node]) -> Iterator[_Found]:
    """Each argument and each block of a body has its own lines; a block with one argument may be a single line."""
    is_new, at, count, is_single = nodes[0].type != "block_start", parsed.start(nodes[0]), 0, False
    for node in nodes:
        is_new |= "\n" in parsed.text[at : parsed.start(node)]
        at = parsed.end(node)
        if node.type not in ("attribute", "block", "block_end"):
            continue
        is_end = node.type == "block_end"
        if not is_new and node.type == "attribute" and not count:
            is_single = True
        elif (is_new or not is_end) if is_single else not is_new and (count or not is_end):
            start, end, token = _token(parsed, parsed.start(node))
            wanted = "}" if is_single else "the end of the line"
            yield start, end, f"expected {wanted}, found {token}"
        is_new, count = False, count + 1


_RULES: Mapping[str, Callable[[Parsed, tree_sitter.Node], Iterator[_Found]]] = {
    "numeric_lit": _number,
    "identifier": _identifier,
    "heredoc_template": _heredoc,
    "template_interpolation": _interpolation,
    "object": _object,
    "block": _block,
    "config_file": _file,
    **dict.fromkeys(("expression", "unary_operation", "binary_operation"), _steps),
}
