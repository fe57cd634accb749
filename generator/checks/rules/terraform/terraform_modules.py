"""A module call must use arguments and outputs that the module declares.

Checked for the registry modules that the templates call, by major version.

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
from generator.languages.node import Block
from generator.system import System
from generator.system.terraform import arguments, names

CODE = "checks/terraform-modules"
_META = frozenset("source version count for_each providers depends_on".split())


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    known = [(block, found) for block in system.terraform.blocks("module") if (found := _interface(block))]
    if not known:
        raise NotApplicableError("no data about the arguments of any module")
    for block, interface in known:
        yield from _arguments(block, interface)
        yield from _outputs(system, block, interface)


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
