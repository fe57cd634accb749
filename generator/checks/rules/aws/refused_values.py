"""An argument of an AWS resource must have a value that AWS and its Terraform provider accept.

Checked for literal values of common resources and modules (`checks/data/aws-values.yaml`): words of a fixed set,
such as in `retention_in_days`, the form of names, smallest and largest numbers, names that an engine reserves,
static parameters of a database, and arguments that exclude each other.

Why: `terraform validate` accepts most of them, and AWS refuses them in the middle of `terraform apply`, when other
resources are already changed.

Bad:

    retention_in_days = 45
    db_name           = "shop-prod"

Good:

    retention_in_days = 60
    db_name           = "shop_prod"
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from generator.checks.data import table
from generator.checks.rule import SOURCE, Context, NotApplicableError
from generator.findings import Finding, Note, Span, error
from generator.findings.suggest import listed, nearest
from generator.languages.hcl.expressions import Expression
from generator.languages.node import Block, Leaf, Map, Node, Seq
from generator.system.terraform import Terraform, address

CODE = "checks/refused-values"
_PROVIDER = "the AWS provider"


def check(context: Context) -> Iterator[Finding]:
    known = list(_known(context.system.terraform))
    if not known:
        raise NotApplicableError("no data about the values of any resource")
    for block, what, entries in known:
        for entry in entries:
            for holder, key in _holders(block, entry["argument"].split(".")):
                if _is_meant(entry, block, holder):
                    yield from _argument(what, holder, key, entry)


def _known(terraform: Terraform) -> Iterator[tuple[Block, str, list[dict[str, Any]]]]:
    """Yield each block that the data covers, what it is, and the entries about it."""
    data = table("aws-values")
    types = {one: entries for names, entries in data["resources"].items() for one in names.split()}
    for block in terraform.blocks("resource"):
        if block.labels[:1] and block.labels[0] in types:
            yield block, block.labels[0], types[block.labels[0]]
    for block in terraform.blocks("module"):
        for entry in data["modules"].get(block.text("source"), ()):
            like = types[entry["like"]] if "like" in entry else [entry]
            yield block, address(block), like


def _holders(node: Node | None, path: list[str]) -> Iterator[tuple[Map, str]]:
    """Yield each map that a path leads to, with the last key of the path, if the map has it."""
    if isinstance(node, Seq):
        for item in node:
            yield from _holders(item, path)
    elif isinstance(node, Map) and len(path) == 1:
        if path[0] in node:
            yield node, path[0]
    elif isinstance(node, Map):
        for key, inner in node.entries.items():
            if path[0] in ("*", key):
                yield from _holders(inner, path[1:])


def _is_meant(entry: Mapping[str, Any], block: Block, holder: Map) -> bool:
    conditions = ((block, entry.get("where", {})), (holder, entry.get("when", {})))
    return all(
        (key not in node or _literal(node.get(key)) is not None) and re.fullmatch(pattern, _text(node, key))
        for node, wanted in conditions
        for key, pattern in wanted.items()
    )


def _literal(node: Node | None) -> Leaf | None:
    """Return a value that is written out; null and "" stand for no value."""
    return node if isinstance(node, Leaf) and not node.is_code and node.value not in (None, "") else None


def _text(holder: Map, key: str) -> str:
    found = _literal(holder.get(key))
    return found.text if found else ""


def _argument(what: str, holder: Map, key: str, entry: dict[str, Any]) -> Iterator[Finding]:
    node = holder.get(key)
    if "excludes" in entry:
        yield from _both(what, holder, key, entry)
        return
    for leaf in filter(None, map(_literal, node if isinstance(node, Seq) else [node])):
        problem = "" if leaf.text in entry.get("also", "").split() else _problem(leaf.text, holder, entry)
        if problem:
            by = entry.get("by", _PROVIDER)
            message = f"{key} of {what} is {leaf.text}, which {by} refuses: expected {problem}"
            if "message" in entry:
                message = entry["message"].format(value=leaf.text)
            hint = entry.get("hint") or _near(leaf.text, str(entry.get("values", "")).split())
            yield _finding(what, message, leaf.at, entry, hint or f"write {problem}")


def _near(text: str, values: list[str]) -> str:
    """Return the hint that names a similar word, or the next larger number."""
    larger = [each for each in values if text.isdigit() and each.isdigit() and int(each) > int(text)]
    return f"write {larger[0]}" if larger else nearest(text, values)


def _problem(text: str, holder: Map, entry: Mapping[str, Any]) -> str:
    """Return what is expected instead of a value, or "" for one that is accepted."""
    values = str(entry.get("values", "")).split()
    if values and text not in values:
        return f"one of {listed(values)}" if len(values) > 1 else values[0]
    if "pattern" in entry and not re.fullmatch(entry["pattern"], text):
        return str(entry["expected"])
    if text in entry.get("refused", "").split():
        return str(entry.get("expected", "another value"))
    return _range(text, holder, entry)


def _range(text: str, holder: Map, entry: Mapping[str, Any]) -> str:
    for key, word, is_wrong in (("least", "at least", int.__lt__), ("most", "at most", int.__gt__)):
        limit = str(entry.get(key, ""))
        number = limit if limit.isdigit() else _text(holder, limit)
        if text.isdigit() and number.isdigit() and is_wrong(int(text), int(number)):
            return f"{word} {number}" + ("" if limit.isdigit() else f", as {limit}")
    return ""


def _both(what: str, holder: Map, key: str, entry: dict[str, Any]) -> Iterator[Finding]:
    other = entry["excludes"]
    if _is_set(holder.get(key)) and _is_set(holder.get(other)):
        message = f"{what} has {other} and {key}, and the AWS provider refuses the two together"
        yield _finding(what, message, holder.key_place(key), entry, f"remove {other} or {key}")


def _is_set(node: Node | None) -> bool:
    """Return whether an argument has certainly a value: an expression may be null, but no template is."""
    is_text = isinstance(node, Expression) and node.operator == "template"
    return is_text or isinstance(node, Seq) or _literal(node) is not None


def _finding(what: str, message: str, at: Span, entry: Mapping[str, Any], hint: str) -> Finding:
    source = entry.get("source", f"registry.terraform.io, hashicorp/aws: {what}")
    return error(CODE, message, at, notes=(Note(f"{SOURCE}{source}"),), hint=hint)
