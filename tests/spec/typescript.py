"""TypeScript by statement and property, each apart from the blocks and objects inside it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import tree_sitter_typescript
from tree_sitter import Language, Node

from .changes import Change, Pair, align, exact, likeness, out_of_order, replaced, same_item
from .trees import parse, source

TYPESCRIPT = Language(tree_sitter_typescript.language_typescript())
BODIES = {"statement_block", "object", "class_body", "interface_body", "object_type"}
VERBATIM = {"template_string", "regex"}
TIGHT = {"call_expression", "member_expression", "subscript_expression", "unary_expression"}
TIGHT |= {"arguments", "formal_parameters", "array", "parenthesized_expression"}
WRAPPERS = {"export_statement", "lexical_declaration"}
BODY_LABELS = {
    "try_statement": "try",
    "catch_clause": "catch",
    "finally_clause": "finally",
    "else_clause": "else",
}
SEPARATOR = " > "


@dataclass(frozen=True)
class Unit:
    """A statement or property: its text with `{}` for each body, and the bodies."""

    kind: str
    label: str
    text: str
    bodies: list["Body"] = field(default_factory=list)


@dataclass(frozen=True)
class Body:
    label: str
    units: list[Unit]


def changes(document: str, rendered: str) -> Iterator[Change]:
    return _unit_changes((), _module(document), _module(rendered))


# Comparison


def _unit_changes(
    path: tuple[str, ...], document: Sequence[Unit], rendered: Sequence[Unit]
) -> Iterator[Change]:
    def pair(ours: Unit, theirs: Unit) -> Pair | None:
        return _pair(path, ours, theirs)

    for unit, match in zip(document, align(document, rendered, pair), strict=True):
        if match is not None:
            yield from match.changes
            continue
        moved = any(pair(unit, candidate) == exact() for candidate in rendered)
        elsewhere = out_of_order(unit.text) if moved else ""
        yield Change(_place(path, unit), unit.text, elsewhere)


def _pair(path: tuple[str, ...], ours: Unit, theirs: Unit) -> Pair | None:
    if ours.kind != theirs.kind or len(ours.bodies) != len(theirs.bodies):
        return None
    inner = [
        change
        for body, candidate in zip(ours.bodies, theirs.bodies, strict=True)
        for change in _unit_changes(_inside(path, ours, body), body.units, candidate.units)
    ]
    if ours.text == theirs.text:
        return same_item(inner)
    if inner and len(inner) >= sum(len(body.units) for body in ours.bodies):
        return None
    change = Change(_place(path, ours), ours.text, theirs.text)
    return replaced([change, *inner], likeness(ours.text, theirs.text))


def _place(path: tuple[str, ...], unit: Unit) -> str:
    return SEPARATOR.join((*path, unit.label or unit.text))


def _inside(path: tuple[str, ...], unit: Unit, body: Body) -> tuple[str, ...]:
    return (*path, *(label for label in (unit.label, body.label) if label))


# Reading


@lru_cache(16)
def _module(text: str) -> list[Unit]:
    return _units(parse(TYPESCRIPT, text))


def _units(node: Node) -> list[Unit]:
    left_out = {"comment", "empty_statement", "hash_bang_line"}
    return [_unit(child) for child in node.named_children if child.type not in left_out]


def _unit(node: Node) -> Unit:
    bodies: list[Body] = []
    text = _text(node, bodies)
    return Unit(node.type, _label(node, text), text, bodies)


def _label(node: Node, text: str) -> str:
    if node.type == "try_statement":
        return ""  # its bodies say try and catch
    while node.type in WRAPPERS and node.named_children:
        node = node.named_children[0]
    name = node.child_by_field_name("name") or node.child_by_field_name("key")
    return source(name).strip("'\"") if name else text


def _text(node: Node, bodies: list[Body]) -> str:
    """One way to write it: no comments, no trailing separators, one kind of quotes."""
    if node.type in BODIES:
        owner = node.parent.type if node.parent else ""
        bodies.append(Body(BODY_LABELS.get(owner, ""), _units(node)))
        return "{}"
    if node.type == "string" and node.is_named:  # unnamed, it is the type's name
        return _quoted(source(node))
    if node.type in VERBATIM or not node.children:
        return source(node)
    children = [child for child in node.children if child.type != "comment"]
    if children[-1].type == ";":
        children.pop()
    return _joined(node.type, [(child.type, _text(child, bodies)) for child in children])


def _quoted(text: str) -> str:
    inner = text[1:-1]
    return text if any(mark in inner for mark in "'\"\\") else f"'{inner}'"


def _joined(kind: str, parts: list[tuple[str, str]]) -> str:
    text = ""
    followers = [*(part for _, part in parts[1:]), ""]
    for (child, part), following in zip(parts, followers, strict=True):
        if part == ",":
            text += "" if following in {")", "]", "}"} else ", "
            continue
        colon = part.startswith(":") and kind != "ternary_expression"
        glued = kind in TIGHT or child == "arguments" or colon
        glued |= part == ")" or text[-1:] in {"", " ", "("}
        fused = _in_word(text[-1:]) and _in_word(part[:1])
        text += part if glued and not fused else f" {part}"
    return text


def _in_word(character: str) -> bool:
    return character.isalnum() or character in {"_", "$"}
