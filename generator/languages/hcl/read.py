"""Terraform's language to nodes. tree-sitter parses; `syntax` adds what HCL refuses and tree-sitter does not.

Source: github.com/hashicorp/hcl, hclsyntax/spec.md. A body is a map: its arguments by name, and below the type of its
blocks the list of them. A literal is its value; what has to be evaluated is an `Expression`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeGuard

from generator.languages.hcl import syntax
from generator.languages.hcl.expressions import Expression, Object, Piece, expression
from generator.languages.node import Block, Leaf, Map, Node, Problem, ReadResult, Scalar, Seq
from generator.languages.source import Source

if TYPE_CHECKING:
    import tree_sitter

_MAX_DEPTH = 100  # of brackets
_MAX_STEPS = 1000  # of one chain, such as `a + b + c` or `a.b.c`
_NO_NAMES: frozenset[str] = frozenset()
_LITERALS: dict[str, Scalar] = {"true": True, "false": False, "null": None}
_ESCAPE = re.compile(r'\\(?:([nrt"\\])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|([$%])\4\{')
_DOUBLED = re.compile(r"([$%])\1\{")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def read(source: Source) -> ReadResult:
    """Return the body of a file of HCL as a map, and what is wrong with it."""
    parsed = syntax.parse(source)
    reader = _Reader(parsed)
    body = next((child for child in parsed.root.children if child.type == "body"), None)
    try:
        whole = reader.body(body, 0)
        problems = syntax.problems(parsed)
    except (_TooDeepError, RecursionError):
        whole, problems = Map(), [Problem("the file is nested too deeply", source.span(1))]
    if not problems:
        problems = reader.problems
    whole = replace(whole, source=source, start=0, end=len(source.text))
    return ReadResult(whole, tuple(problems))


class _TooDeepError(Exception):
    """A body or an expression exceeds the limit of nesting."""


# Nodes of tree-sitter that only stand around another one.
_WRAPPERS = frozenset(["literal_value", "template_expr", "collection_value", "for_expr", "operation"])


class _Reader:
    """Turns the nodes of tree-sitter into ours."""

    def __init__(self, parsed: syntax.Parsed) -> None:
        self._parsed = parsed
        self._text = parsed.source.text
        self._depth = 0
        self.problems: list[Problem] = []

    # Bodies

    def body(self, body: tree_sitter.Node | None, depth: int) -> Map:
        if depth > _MAX_DEPTH:
            raise _TooDeepError
        entries: dict[str, Node] = {}
        blocks: dict[str, list[Node]] = {}
        for child in body.children if body else ():
            if child.type == "attribute" and len(child.children) > 2:
                name, key = self._code(child.children[0]), self._offsets(child.children[0])
                if name in entries:
                    message = f'the argument "{name}" is set twice'
                    first = entries[name].key_at
                    self.problems.append(Problem(message, self._parsed.source.between(*key), first))
                entries[name] = replace(self._expression(child.children[-1], _NO_NAMES), key=key)
            elif child.type == "block":
                block = self._block(child, depth)
                blocks.setdefault(block.kind, []).append(block)
        for kind, each in blocks.items():
            items = [entries[kind], *each] if kind in entries else each
            listed = Seq(tuple(items), source=self._parsed.source)
            entries[kind] = replace(listed, start=items[0].start, end=items[-1].end, key=items[0].key)
        return Map(entries)

    def _block(self, block: tree_sitter.Node, depth: int) -> Block:
        header = [child for child in block.children if child.type in ("identifier", "string_lit")]
        labels = (
            self._literal(child) if child.type == "string_lit" else self._code(child) for child in header[1:]
        )
        inner = next((child for child in block.children if child.type == "body"), None)
        start, end = self._offsets(block)
        return Block(
            self.body(inner, depth + 1).entries,
            kind=self._code(header[0]) if header else "",
            labels=tuple(labels),
            source=self._parsed.source,
            start=start,
            end=end,
            key=(start, self._offsets(header[-1])[1]) if header else None,
        )

    # Expressions. `bound` are the names of the `for`s around one: they refer to nothing outside.

    def _expression(self, node: tree_sitter.Node, bound: frozenset[str]) -> Node:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _TooDeepError
        found = self._term(syntax.significant(node), bound)
        self._depth -= 1
        return found

    def _term(self, parts: Sequence[tree_sitter.Node], bound: frozenset[str]) -> Node:
        """Return a value with what follows it: `.name`, `[index]`, `.*`."""
        if not parts:
            return expression("", ())
        if parts[0].type == "(" and len(parts) > 2:
            found, rest = self._in_parentheses(parts[1], bound), parts[3:]
        else:
            found, rest = self._operand(parts[0], bound), parts[1:]
        if len(rest) > _MAX_STEPS:
            raise _TooDeepError
        for each in rest:
            found = self._at(self._step(found, each, bound), parts[0], each)
        return self._at(found, parts[0], parts[-1])

    def _in_parentheses(self, node: tree_sitter.Node, bound: frozenset[str]) -> Node:
        inner = self._expression(node, bound)
        return expression("(", ("(", inner, ")")) if isinstance(inner, Expression) else inner

    def _step(self, base: Node, node: tree_sitter.Node, bound: frozenset[str]) -> Node:
        code = self._code(node)
        if node.type == "get_attr":
            name = self._code(node.children[-1])
            if isinstance(base, Expression) and base.operator == "name":
                return expression("name", (f"{base.value}.{name}",), (*base.path, name) if base.path else ())
            return expression(".", (base, f".{name}"))
        inner = node.children[0] if node.children else node
        if inner.type == "new_index":
            key = next((each for each in inner.children if each.type == "expression"), None)
            return expression("[", (base, "[", self._expression(key, bound) if key else "", "]"))
        if inner.type == "legacy_index" and code[1:].isdecimal():
            return expression("[", (base, "[", Leaf(int(code[1:]), text=code[1:]), "]"))
        return expression("*", (base, *self._pieces(syntax.significant(inner), bound)))

    def _operand(self, node: tree_sitter.Node, bound: frozenset[str]) -> Node:
        inner = syntax.significant(node)
        while node.type in _WRAPPERS and inner:
            node, inner = inner[0], syntax.significant(inner[0])
        reader = _OPERANDS.get(node.type)
        if reader is not None:
            return reader(self, node, bound)
        operator = {"conditional": "?", "for_tuple_expr": "for", "for_object_expr": "for"}.get(node.type, "")
        if node.type == "function_call":
            operator = f"{self._code(inner[0])}("
        return expression(operator, self._pieces(inner or [node], bound))

    def _scalar(self, node: tree_sitter.Node, bound: frozenset[str]) -> Node:
        code = self._code(node)
        return Leaf(_LITERALS[code] if code in _LITERALS else _number(code), text=code)

    def _name(self, node: tree_sitter.Node, bound: frozenset[str]) -> Node:
        name = self._code(node)
        return expression("name", (name,), () if name in bound else (name,))

    def _tuple(self, node: tree_sitter.Node, bound: frozenset[str]) -> Node:
        return Seq(
            tuple(self._expression(each, bound) for each in node.children if each.type == "expression")
        )

    def _operation(self, node: tree_sitter.Node, bound: frozenset[str]) -> Node:
        """Return an operation; a chain of them, such as `a && b && c`, is followed without recursion."""
        parts: Sequence[tree_sitter.Node] = syntax.significant(node)
        chain: list[tuple[tree_sitter.Node, Sequence[tree_sitter.Node]]] = []
        while True:
            index = next((number for number, each in enumerate(parts) if each.type in syntax.OPERATORS), 0)
            left = parts[:index]
            chain.append((parts[index], parts[index + 1 :]))
            inner = syntax.significant(left[0])[0] if len(left) == 1 and left[0].type == "operation" else None
            if inner is None or inner.type != "binary_operation":
                break
            parts = syntax.significant(inner)
        if len(chain) > _MAX_STEPS:
            raise _TooDeepError
        found = self._term(left, bound) if left else None
        for sign, right in reversed(chain):
            operand, code = self._term(right, bound), self._code(sign)
            if found is not None:
                found = expression(code, (found, f" {code} ", operand))
            elif code == "-" and isinstance(operand, Leaf) and _is_number(operand.value):
                found = Leaf(-operand.value, text=f"-{operand.text}")
            else:
                found = expression(code, (code, operand))
        return found or expression("", ())

    def _object(self, node: tree_sitter.Node, bound: frozenset[str]) -> Node:
        entries: dict[str, Node] = {}
        computed: list[tuple[str, Node]] = []
        for element in node.children:
            sides = [each for each in element.children if each.type == "expression"]
            if element.type != "object_elem" or len(sides) < 2:
                continue
            key, value = self._expression(sides[0], bound), self._expression(sides[-1], bound)
            name = str(key.text if isinstance(key, Leaf) and not key.is_code else self._code(sides[0]))
            if isinstance(key, Expression) and self._code(sides[0]).startswith(("(", '"')):
                computed.append((name, key))
            entries[name] = replace(value, key=self._offsets(sides[0]))
        return Object(entries, computed=tuple(computed)) if computed else Map(entries)

    def _pieces(
        self, nodes: Sequence[tree_sitter.Node], bound: frozenset[str], *, exact: bool = False
    ) -> tuple[Piece, ...]:
        """Return the operands among nodes and the code between them; without `exact`, any room there is one blank."""
        pieces: list[Piece] = []
        at = self._offsets(nodes[0])[0] if nodes else 0
        for node in nodes:
            start, end = self._offsets(node)
            pieces.append(self._text[at:start] if exact else " " if start > at else "")
            at = end
            if node.type == "expression":
                pieces.append(self._expression(node, bound))
            elif node.children:
                inner = node.children if exact else syntax.significant(node)
                pieces += self._pieces(inner, bound, exact=exact)
            else:
                pieces.append(self._code(node))
            if node.type in ("for_intro", "template_for_start"):  # what follows sees the names of the loop
                bound |= {self._code(each) for each in node.children if each.type == "identifier"}
        return tuple(pieces)

    # Strings and heredocs

    def _literal(self, node: tree_sitter.Node) -> str:
        found = self._template(node, _NO_NAMES)
        return found.text if isinstance(found, Leaf) else ""

    def _template(self, node: tree_sitter.Node, bound: frozenset[str]) -> Node:
        """Return a string: a literal, or an expression when it has values; one that is only a value is that value."""
        is_heredoc = node.type == "heredoc_template"
        parts = list(self._heredoc(node, bound) if is_heredoc else self._quoted(node, bound))
        style = ("<<-" if self._code(node).startswith("<<-") else "<<") if is_heredoc else '"'
        pieces: list[Piece] = []
        for part in parts:
            if isinstance(part, str) and pieces and isinstance(pieces[-1], str):
                pieces[-1] += part
            elif part != "":
                pieces.append(part)
        if all(isinstance(piece, str) for piece in pieces):
            text = "".join(str(piece) for piece in pieces)
            return Leaf(text, text=text, style=style)
        if len(pieces) == 1 and not (isinstance(pieces[0], Expression) and pieces[0].operator == "directive"):
            return pieces[0] if not isinstance(pieces[0], str) else Leaf(pieces[0])
        return replace(expression("template", tuple(pieces)), style=style)

    def _quoted(self, node: tree_sitter.Node, bound: frozenset[str]) -> Iterator[Piece]:
        inner = node.children[1:-1] if node.children else []
        start, end = self._offsets(node)
        for text, part in self._between(inner, start + 1, end - 1):
            yield _ESCAPE.sub(_unescaped, text)
            if part is not None:
                yield self._value(part, bound)

    def _heredoc(self, node: tree_sitter.Node, bound: frozenset[str]) -> Iterator[Piece]:
        inner = [child for child in node.children if child.type.startswith("template_")]
        begin, end = self._offsets(node)
        begin = self._text.find("\n", begin) + 1
        end = max(self._text.rfind("\n", begin, end) + 1, begin)
        inner = [child for child in inner if self._offsets(child)[0] >= begin]
        lines: list[Piece] = []  # each line's text in pieces of its own
        for text, part in self._between(inner, begin, end):
            lines += re.findall(r"[^\n]*\n|[^\n]+", text)
            if part is not None:
                lines.append(self._value(part, bound))
        if self._text.startswith("<<-", self._offsets(node)[0]):
            lines = _dedented(lines)
        for line in lines:
            yield _DOUBLED.sub(r"\1{", line) if isinstance(line, str) else line

    def _between(
        self, nodes: Sequence[tree_sitter.Node], start: int, end: int
    ) -> Iterator[tuple[str, tree_sitter.Node | None]]:
        """Yield the text before each value of a template, with the value; `~` removes the blanks beside it."""
        strip = False
        for node in (each for each in nodes if each.type in ("template_interpolation", "template_directive")):
            first, last = self._offsets(node)
            text = self._text[start:first]
            text = text.lstrip() if strip else text
            code = self._text[first:last]
            yield text.rstrip() if code.startswith(("${~", "%{~")) else text, node
            start, strip = last, code.endswith("~}")
        text = self._text[start:end]
        yield text.lstrip() if strip else text, None

    def _value(self, node: tree_sitter.Node, bound: frozenset[str]) -> Piece:
        if node.type == "template_directive":
            return self._at(expression("directive", self._pieces([node], bound, exact=True)), node, node)
        inner = next((child for child in node.children if child.type == "expression"), None)
        return self._expression(inner, bound) if inner else expression("", ())

    # Places

    def _code(self, node: tree_sitter.Node) -> str:
        return self._text[slice(*self._offsets(node))]

    def _offsets(self, node: tree_sitter.Node) -> tuple[int, int]:
        return self._parsed.offset(node.start_byte), self._parsed.offset(node.end_byte)

    def _at(self, found: Node, first: tree_sitter.Node, last: tree_sitter.Node) -> Node:
        start, end = self._parsed.offset(first.start_byte), self._parsed.offset(last.end_byte)
        return replace(found, source=self._parsed.source, start=start, end=end)


_OPERANDS: Mapping[str, Callable[[_Reader, tree_sitter.Node, frozenset[str]], Node]] = {
    **dict.fromkeys(("numeric_lit", "bool_lit", "null_lit"), _Reader._scalar),
    **dict.fromkeys(("string_lit", "quoted_template", "heredoc_template"), _Reader._template),
    **dict.fromkeys(("unary_operation", "binary_operation"), _Reader._operation),
    "tuple": _Reader._tuple,
    "object": _Reader._object,
    "variable_expr": _Reader._name,
}


def _unescaped(found: re.Match[str]) -> str:
    """Return the character that an escape sequence stands for."""
    if found[1]:
        return _ESCAPED[found[1]]
    if found[4]:
        return f"{found[4]}{{"
    code = int(found[2] or found[3], 16)
    return chr(code) if code <= sys.maxunicode and not 0xD800 <= code < 0xE000 else "\ufffd"


def _dedented(lines: list[Piece]) -> list[Piece]:
    """Return the lines of a `<<-` heredoc without the indentation that all of them have; blank lines do not count."""
    before = ["\n", *lines]
    indented = {
        number: len(line) - len(line.lstrip()) if isinstance(line, str) else 0
        for number, line in enumerate(lines)
        if _ends_line(before[number]) and not (_ends_line(line) and not str(line).strip())
    }
    least = min(indented.values(), default=0)
    return [
        line[least:] if number in indented and isinstance(line, str) else line
        for number, line in enumerate(lines)
    ]


def _ends_line(piece: Piece) -> bool:
    return isinstance(piece, str) and piece.endswith("\n")


def _is_number(value: Scalar) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(code: str) -> Scalar:
    try:
        return int(code) if code.isdecimal() else float(code)
    except ValueError:
        return code
