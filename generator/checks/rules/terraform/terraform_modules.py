"""A module call must use arguments and outputs that the module declares.

Checked for modules of the tree, which need a value for each variable without a default, and for some modules of the
registry, by major version.

Why: version 21 of the EKS module renamed `cluster_name` to `name`. `terraform validate` finds this only after
`terraform init` has downloaded the module.

Bad:

    module "eks" { version = "~> 21.0", cluster_name = "shop" }

Good:

    module "eks" { version = "~> 20.0", cluster_name = "shop" }
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from generator.checks.data import table, words
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, error
from generator.findings.suggest import nearest
from generator.languages.hcl.expressions import references
from generator.languages.node import Block
from generator.system import System
from generator.system.terraform import Module, arguments, inner_blocks, names

CODE = "checks/terraform-modules"
_OF_RESOURCES = ("import", "moved", "removed")  # which name resources in modules
_META = frozenset("source version count for_each providers depends_on".split())


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    known = [(block, found) for block in system.terraform.blocks("module") if (found := _interface(block))]
    own = [call for calls in system.terraform.calls.values() for call in calls]
    if not known and not own:
        raise NotApplicableError("no data about the arguments of any module")
    for block, interface in known:
        yield from _arguments(block, interface)
        yield from _outputs(system, block, interface)
    for caller, call in own:
        child = system.terraform.child(caller, call)
        if child and child.variables and child.is_complete:
            yield from _call(call, child)
            yield from _results(caller, call, child)


def _call(call: Block, child: Module) -> Iterator[Finding]:
    """Yield an error for each argument that a module of the tree does not have, and each that it needs."""
    what, variables = f"the module {call.text('source')}", child.variables
    for name, value in arguments(call).items():
        if name not in variables and name not in _META:
            hint = nearest(name, sorted(variables)) or "remove it"
            yield error(CODE, f"{what} has no argument {name}", value.key_at, hint=hint)
    for name, variable in variables.items():
        if "default" not in variable and name not in call:
            notes = (Note("it has no default", variable.at),)
            yield error(CODE, f"{what} needs the argument {name}", call.at, notes=notes, hint=f"add {name}")


def _results(caller: Module, call: Block, child: Module) -> Iterator[Finding]:
    outputs = ["".join(block.labels) for block in child.blocks("output")]
    is_repeated = "count" in call or "for_each" in call  # then an index follows its name
    holders = [block for body in caller.files.values() for block in inner_blocks(body)]
    for reference in (
        each
        for block in holders
        if block.kind not in _OF_RESOURCES and not is_repeated
        for each in references(block)
    ):
        path = reference.path
        if path[:2] == names(call) and len(path) > 2 and path[2] not in outputs:
            at = reference.source.at(reference.start, len(".".join(path[:3])))
            hint = nearest(path[2], outputs) or "declare the output, or correct the name"
            yield error(CODE, f"the module {call.text('source')} has no output {path[2]}", at, hint=hint)


def major(constraint: str) -> str:
    """Return the first major version in a version constraint."""
    found = re.search(r"\d+", constraint)
    return found[0] if found else ""


def _interface(block: Block) -> dict[str, Any] | None:
    versions = table("modules").get(block.text("source"))
    return versions.get(major(block.text("version"))) if versions else None


def _version(block: Block) -> Note:
    return Note(f"the version is {block.text('version')}", block.at_key("version"))


def _arguments(block: Block, interface: dict[str, Any]) -> Iterator[Finding]:
    inputs = words(interface["inputs"])
    for name, value in arguments(block).items():
        if name not in inputs | _META:
            message = f"the module {block.text('source')} has no argument {name}"
            hint = nearest(name, sorted(inputs)) or "remove it"
            yield error(CODE, message, value.key_at, notes=(_version(block),), hint=hint)


def _outputs(system: System, block: Block, interface: dict[str, Any]) -> Iterator[Finding]:
    outputs = words(interface["outputs"])
    module = system.terraform.module_of(block)
    for reference in module.references if module else ():
        path = reference.path
        if path[:2] == names(block) and len(path) > 2 and path[2] not in outputs:
            message = f"the module {block.text('source')} has no output {path[2]}"
            at = reference.source.at(reference.start, len(".".join(path[:3])))
            hint = nearest(path[2], sorted(outputs)) or "correct the name"
            yield error(CODE, message, at, notes=(_version(block),), hint=hint)
