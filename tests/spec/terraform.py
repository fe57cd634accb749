"""Terraform by block and attribute. A folder is one module: a block may be in any of its files."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import tree_sitter_hcl
from tree_sitter import Language, Node

from .changes import Change, ParseError
from .trees import parse, source

HCL = Language(tree_sitter_hcl.language())
VERBATIM = {"string_lit", "quoted_template", "heredoc_template"}
SPACED = {"conditional", "binary_operation", "for_tuple_expr", "for_object_expr", "for_intro"}
SPACED |= {"for_cond"}
PUNCTUATION = {",", "tuple_start", "tuple_end"}
ACCESS = {"get_attr", "index", "splat"}

Value = str | dict[str, "Value"]


@dataclass(frozen=True)
class Body:
    attributes: dict[str, Value] = field(default_factory=dict)
    blocks: list["Block"] = field(default_factory=list)


@dataclass(frozen=True)
class Block:
    name: str  # type and labels: resource.aws_db_instance.postgres
    body: Body


def changes(document: str, rendered: str) -> Iterator[Change]:
    ours, theirs = _module(document), _module(rendered)
    for address, body in ours.items():
        if address in theirs:
            yield from _body_changes(f"{address} ", body, theirs[address])
        else:
            yield Change(address, _body_text(address, body), "")


def shares_a_block(document: str, rendered: str) -> bool:
    return not _module(document).keys().isdisjoint(_module(rendered))


# Comparison


def _body_changes(place: str, ours: Body, theirs: Body) -> Iterator[Change]:
    yield from _attribute_changes(place, ours.attributes, theirs.attributes)
    for name in dict.fromkeys(block.name for block in ours.blocks):
        yield from _block_changes(place + name, _named(name, ours), _named(name, theirs))


def _named(name: str, body: Body) -> list[Body]:
    return [block.body for block in body.blocks if block.name == name]


def _attribute_changes(place: str, ours: dict[str, Value], theirs: dict[str, Value]) -> Iterator[Change]:
    for name, value in ours.items():
        there = theirs.get(name)
        if isinstance(value, dict) and isinstance(there, dict):
            yield from _attribute_changes(f"{place}{name}.", value, there)
        elif value != there:
            yield Change(place + name, _text(value), "" if there is None else _text(there))


def _block_changes(place: str, ours: list[Body], theirs: list[Body]) -> Iterator[Change]:
    """Blocks of one kind have no order and no name: the most alike belong together."""
    places = dict(enumerate(_places(place, ours)))
    pairs = [
        (found, i, j)
        for i, body in enumerate(ours)
        for j, candidate in enumerate(theirs)
        if len(found := list(_body_changes(f"{places[i]}.", body, candidate))) < _size(body)
    ]
    taken: set[int] = set()
    for found, i, j in sorted(pairs, key=lambda pair: (len(pair[0]), *pair[1:])):
        if i in places and j not in taken:
            del places[i]
            taken.add(j)
            yield from found
    for i, missing in places.items():
        yield Change(missing, _body_text(place.rpartition(" ")[2], ours[i]), "")


def _size(body: Body) -> int:
    inner = sum(_size(block.body) for block in body.blocks)
    return max(1, _leaves(body.attributes) + inner)


def _leaves(value: Value) -> int:
    return sum(map(_leaves, value.values())) if isinstance(value, dict) else 1


def _places(place: str, bodies: list[Body]) -> list[str]:
    """`ingress` when there is one, `ingress[from_port=443]` by what tells several apart."""
    if len(bodies) == 1:
        return [place]
    for name in bodies[0].attributes:
        values = [_text(body.attributes.get(name, "")) for body in bodies]
        if len(set(values)) == len(values):
            return [f"{place}[{name}={value}]" for value in values]
    return [f"{place}[{number}]" for number in range(len(bodies))]


# Reading


@lru_cache(16)
def _module(text: str) -> dict[str, Body]:
    """Top-level blocks by address; those without a label, such as `terraform`, add up."""
    module: dict[str, Body] = {}
    root = parse(HCL, text)
    for block in _body(next((c for c in root.children if c.type == "body"), None)).blocks:
        address = _address(block)
        if address not in module:
            module[address] = block.body
        elif "." in address:
            raise ParseError(f"{address} is declared twice")
        else:
            before = module[address]
            attributes = block.body.attributes | before.attributes
            module[address] = Body(attributes, before.blocks + block.body.blocks)
    return module


def _address(block: Block) -> str:
    alias = block.body.attributes.get("alias")
    aliased = block.name.startswith("provider.") and isinstance(alias, str)
    return f"{block.name}[alias={alias}]" if aliased else block.name


def _body(node: Node | None) -> Body:
    body = Body()
    for child in node.children if node else ():
        if child.type == "attribute":
            name, value = child.named_children[0], child.named_children[-1]
            body.attributes[source(name)] = _value(value)
        elif child.type == "block":
            body.blocks.append(_block(child))
    return body


def _block(node: Node) -> Block:
    labels = [_key(child) for child in node.children if child.type in {"identifier", "string_lit"}]
    inner = next((child for child in node.children if child.type == "body"), None)
    return Block(".".join(labels), _body(inner))


def _value(node: Node) -> Value:
    inner = node
    while inner.type in {"expression", "collection_value"} and len(inner.children) == 1:
        inner = inner.children[0]
    if inner.type != "object":
        return _expression(node)
    elements = (child for child in inner.children if child.type == "object_elem")
    return {_key(each.children[0]): _value(each.children[-1]) for each in elements}


def _key(node: Node) -> str:
    """`"Name"` and `Name` are one key."""
    text = _expression(node)
    plain = text[1:-1]
    return plain if text == f'"{plain}"' and "${" not in plain else text


def _expression(node: Node) -> str:
    """One way to write each expression; what is inside quotes stays as it is."""
    if node.type in VERBATIM or not node.children:
        return source(node)
    if node.type == "object":
        return _text(_value(node))
    children = [child for child in node.children if child.type != "comment"]
    if node.type in {"tuple", "function_arguments"}:
        items = ", ".join(_expression(each) for each in children if each.type not in PUNCTUATION)
        return f"[{items}]" if node.type == "tuple" else items
    gap = " " if node.type in SPACED else ""
    return "".join(("" if child.type in ACCESS else gap) + _expression(child) for child in children).strip()


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    return _braced([f"{name} = {_text(each)}" for name, each in value.items()])


def _body_text(name: str, body: Body) -> str:
    attributes = [f"{name} = {_text(value)}" for name, value in body.attributes.items()]
    blocks = [_body_text(block.name, block.body) for block in body.blocks]
    return f"{name} {_braced(attributes + blocks)}"


def _braced(parts: list[str]) -> str:
    return f"{{ {', '.join(parts)} }}" if parts else "{}"
