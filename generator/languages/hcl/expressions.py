"""The expressions of HCL that are more than a literal, a list or an object: what they refer to, and their code.

An expression is a leaf whose value is its own code, on one line and without comments: two that differ only in their
layout are equal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import field, replace

from generator.findings.record import record
from generator.languages.node import Leaf, Map, Node, children

Piece = str | Node
_IDENTIFIER = re.compile(r"[^\W\d][\w-]*")


@record(kw_only=True)
class Expression(Leaf):
    """An expression. `pieces` are its operands and the code between them; of a template, its text and its values.

    `operator` is what it does with the operands: `+` and the other signs, `?` `(` `[` `.`, `name` for a reference,
    `template`, `directive`, `for`, or a function's name followed by `(`. `path` has the names of a reference up to
    its first index, as in `("var", "region")`; it is empty for the variables of a `for`.
    """

    operator: str = ""
    pieces: tuple[Piece, ...] = field(default=(), compare=False, repr=False)
    path: tuple[str, ...] = ()

    @property
    def operands(self) -> tuple[Node, ...]:
        """Its parts that are values."""
        return tuple(each for each in self.pieces if not isinstance(each, str))


@record(kw_only=True)
class Object(Map):
    """An object with keys that are expressions: `computed` has those by the code that `entries` has for them."""

    computed: tuple[tuple[str, Node], ...] = ()


def expression(operator: str, pieces: tuple[Piece, ...], path: tuple[str, ...] = ()) -> Expression:
    """Return an expression, written as its pieces are."""
    code = _template(pieces) if operator == "template" else "".join(map(written, pieces))
    return Expression(code, is_code=True, operator=operator, pieces=pieces, path=path)


def written(piece: Piece | None) -> str:
    """Return the code of a value on one line."""
    if piece is None or isinstance(piece, str):
        return piece or ""
    if isinstance(piece, Leaf):
        return str(piece.value) if piece.is_code else json.dumps(piece.value, ensure_ascii=False)
    if isinstance(piece, Map):
        entries = (f"{_key(piece, key)} = {written(value)}" for key, value in piece.entries.items())
        return f"{{ {', '.join(entries)} }}" if piece.entries else "{}"
    return f"[{', '.join(map(written, piece.items))}]"


def _key(holder: Map, key: str) -> str:
    computed = isinstance(holder, Object) and any(key == code for code, _ in holder.computed)
    return key if computed or _IDENTIFIER.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _template(pieces: tuple[Piece, ...]) -> str:
    code = ""
    for piece in pieces:
        if isinstance(piece, str):
            code += json.dumps(piece, ensure_ascii=False)[1:-1].replace("${", "$${").replace("%{", "%%{")
        elif isinstance(piece, Expression) and piece.operator == "directive":
            code += str(piece.value)
        else:
            code += f"${{{written(piece)}}}"
    return f'"{code}"'


def references(node: Node | None) -> Iterator[Expression]:
    """Yield every reference in `node`, in the order of the file, but not the variables of a `for`."""
    pending: list[Node] = [node] if node is not None else []
    while pending:
        current = pending.pop()
        if isinstance(current, Expression):
            if current.path:
                yield current
            pending += reversed(current.operands)
        elif isinstance(current, Object):
            inner = [*(key for _, key in current.computed), *current.entries.values()]
            pending += sorted(inner, key=lambda each: each.start, reverse=True)
        else:
            pending += reversed(list(children(current)))


def is_known(node: Node | None) -> bool:
    """Return whether `node` holds no expression, so that all of its values are written out."""
    pending: list[Node] = [node] if node is not None else []
    while pending:
        current = pending.pop()
        if isinstance(current, Object) or (isinstance(current, Leaf) and current.is_code):
            return False
        pending += children(current)
    return True


def differ(old: Node | None, new: Node | None) -> bool:
    """Return whether two values are certainly not equal, whatever the expressions in them come to."""
    if is_known(old) and is_known(new):
        return old != new
    ends = [_ends(each) for each in (old, new) if isinstance(each, Leaf)]
    if len(ends) < 2:
        return False
    (old_start, old_end), (new_start, new_end) = ends
    starts_alike = old_start.startswith(new_start) or new_start.startswith(old_start)
    return not (starts_alike and (old_end.endswith(new_end) or new_end.endswith(old_end)))


def _ends(leaf: Leaf) -> tuple[str, str]:
    """Return the known text at the start and at the end of a value."""
    if not isinstance(leaf, Expression):
        return leaf.text, leaf.text
    pieces = leaf.pieces if leaf.operator == "template" else ()
    first, last = pieces[:1], pieces[-1:]
    return "".join(each for each in first if isinstance(each, str)), "".join(
        each for each in last if isinstance(each, str)
    )


def placed(node: Node, other: Node) -> Node:
    """Return `node` with the place of `other`, or itself when that has none."""
    if other.source is node.source and (other.start, other.end, other.key) == (
        node.start,
        node.end,
        node.key,
    ):
        return node
    return replace(node, source=other.source, start=other.start, end=other.end, key=other.key)


__all__ = [
    "Expression",
    "Object",
    "Piece",
    "differ",
    "expression",
    "is_known",
    "placed",
    "references",
    "written",
]
