"""A resource must have every required argument, and no unknown ones.

Checked for the resources and data sources that the templates use, against the schema of the provider
(`checks/data/terraform-aws.yaml`): names, required arguments, the types of literal values, and attributes in
references that are misspelt. `terraform validate` checks all of them, but only after `terraform init`.

Why: `terraform plan` reports "Unsupported argument" and "Missing required argument", but needs the provider
and credentials.

Bad:

    resource "aws_ecr_repository" "backend" { names = "shop-backend" }

Good:

    resource "aws_ecr_repository" "backend" { name = "shop-backend" }
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from generator.checks.data import table, words
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, error, warning
from generator.findings.suggest import misspelt, nearest
from generator.languages.node import Block, Leaf, Map, Node, children
from generator.system.terraform import Terraform, arguments, inner_blocks, names

CODE = "checks/terraform-arguments"
ADVICE = "registry.terraform.io, AWS Provider: the attributes of each resource"
_META = frozenset("count depends_on for_each provider".split())
_META_BLOCKS = frozenset("connection dynamic lifecycle provisioner".split())
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def check(context: Context) -> Iterator[Finding]:
    schema = table("terraform-aws")
    known = [
        (block, schema[group][block.labels[0]])
        for kind, group in (("resource", "resources"), ("data", "data"))
        for block in _of_known_version(context.system.terraform, kind, schema["provider"])
        if block.labels[:1] and block.labels[0] in schema[group]
    ]
    if not known:
        raise NotApplicableError("no data about the arguments of any resource")
    for block, entry in known:
        yield from _body(block.labels[0], block, entry, is_top=True)
        yield from _attributes(context.system.terraform, block, entry)


def _attributes(terraform: Terraform, block: Block, entry: dict[str, Any]) -> Iterator[Finding]:
    """Yield a warning for each reference to an attribute that is one edit away from an argument."""
    module, own = terraform.module_of(block), names(block)
    known = {*_types(entry), *entry.get("blocks", {})}
    for each in module.references if module else ():
        if len(each.path) <= len(own) or each.path[: len(own)] != own:
            continue
        name = each.path[len(own)]
        meant = misspelt(name, known, edits=1)
        if meant and name != f"{meant}s":  # as `ids` beside `id`, which only the provider sets
            at = each.source.at(each.start, len(".".join((*own, name))))
            message = f"{block.labels[0]} has no attribute {name} that oetgen knows"
            note = Note("it is declared here", block.at)
            yield warning(CODE, message, at, notes=(note,), hint=f'did you mean "{meant}"?')


def _of_known_version(terraform: Terraform, kind: str, provider: str) -> Iterator[Block]:
    """Yield the blocks of a kind, without those of modules that may take another major version of the provider."""
    source, _, version = provider.partition(" ")
    major = version.partition(".")[0]
    every = _constraints(terraform.blocks("terraform"), source)
    for module in terraform.modules.values():
        own = _constraints(module.blocks("terraform"), source)
        if all(_takes(constraint, major) for constraint in own or every):
            yield from module.blocks(kind)


def _constraints(settings: Iterable[Block], source: str) -> list[str]:
    """Return which versions of a provider the settings of modules allow."""
    lists = (each for block in settings for each in block.blocks("required_providers"))
    entries = (entry for each in lists for entry in children(each) if isinstance(entry, Map))
    return [entry.text("version") for entry in entries if entry.text("source") == source]


def _takes(constraint: str, major: str) -> bool:
    """Return whether a version constraint takes this major version and no later one."""
    found = re.match(rf"\s*(~>|>=|=|)\s*{major}\b", constraint)
    return found is not None and (found[1] != ">=" or "<" in constraint)


def _body(what: str, block: Block, entry: dict[str, Any], *, is_top: bool = False) -> Iterator[Finding]:
    types = _types(entry)
    blocks = entry.get("blocks", {})
    known = types if not is_top else {**dict.fromkeys(_META, "any"), **types}
    yield from _arguments(what, block, known, blocks)
    yield from _missing(what, block, entry)
    for each in inner_blocks(block):
        if each.kind in blocks:
            yield from _body(f"{each.kind} of {what}", each, blocks[each.kind])
        elif not (is_top and each.kind in _META_BLOCKS) and each.kind != "dynamic":
            hint = nearest(each.kind, sorted(blocks)) or "remove it"
            yield error(CODE, f"{what} has no block {each.kind}", each.at, hint=hint)


def _types(entry: dict[str, Any]) -> dict[str, str]:
    """Return the arguments of a resource, each with its type."""
    texts = words(f"{entry.get('required', '')} {entry.get('optional', '')}")
    return {name: kind for text in texts for name, _, kind in [text.partition(":")]}


def _arguments(what: str, block: Block, types: dict[str, str], blocks: Collection[str]) -> Iterator[Finding]:
    for name, value in arguments(block).items():
        if name not in types:
            hint = nearest(name, sorted({*types, *blocks} - _META)) or "remove it"
            yield error(CODE, f"{what} has no argument {name}", value.key_at, hint=hint)
        elif problem := _type(value, types[name]):
            yield error(CODE, f"{name} of {what} is {problem}", value.at, hint="use a value of that type")


def _missing(what: str, block: Block, entry: dict[str, Any]) -> Iterator[Finding]:
    there = {*block, *(each.labels[0] for each in block.blocks("dynamic") if each.labels)}
    required = {text.partition(":")[0] for text in words(entry.get("required", ""))}
    for name in sorted(required - there):
        yield error(CODE, f"{what} has no {name}, which is required", block.at, hint=f"add {name}")
    for name, inner in entry.get("blocks", {}).items():
        if inner.get("least", 0) > len(block.blocks(name)) and name not in there:
            yield error(
                CODE, f"{what} has no block {name}, which is required", block.at, hint=f"add {name} {{ … }}"
            )


def _type(node: Node, kind: str) -> str:
    """Return the problem with a literal value, or "": Terraform converts "1" to a number, but not "one"."""
    if not isinstance(node, Leaf):
        return "a list or map, expected one value" if kind == "" else ""
    value = None if node.is_code else node.value
    if kind == "bool" and isinstance(value, str | int) and str(value).lower() not in ("true", "false"):
        return f"{value}, expected true or false"
    if kind == "number" and isinstance(value, str | bool) and not _NUMBER.fullmatch(str(value)):
        return f"{value}, expected a number"
    if kind in ("list", "set") and isinstance(value, str | bool | int):
        return f"{value}, expected a list"
    return ""
