"""A module call must use arguments and outputs that the module declares.

Checked for the registry modules that the templates call, by major version.

Why: version 21 of the EKS module renamed `cluster_name` to `name`. `terraform validate` finds this only after
`terraform init` has downloaded the module.

Bad:

    module "eks" { version = "~> 21.0", cluster_name = "oet" }

Good:

    module "eks" { version = "~> 20.0", cluster_name = "oet" }
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from generator.checks.data import table, words
from generator.checks.rule import Context, NotApplicable
from generator.findings import Finding, Note, error
from generator.findings.suggest import nearest
from generator.languages.hcl.read import Block
from generator.system import System

CODE = "checks/terraform-modules"
_META = frozenset("source version count for_each providers depends_on".split())


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    known = [(block, found) for block in system.terraform.blocks("module") if (found := _interface(block))]
    if not known:
        raise NotApplicable("no data about the arguments of any module")
    for block, interface in known:
        yield from _arguments(block, interface)
        yield from _outputs(system, block, interface)


def major(constraint: str) -> str:
    """Return the first major version in a version constraint."""
    found = re.search(r"\d+", constraint)
    return found[0] if found else ""


def _interface(block: Block) -> dict[str, Any] | None:
    source, version = block.body.get("source"), block.body.get("version")
    versions = table("modules").get(source) if isinstance(source, str) else None
    return versions.get(major(version)) if versions and isinstance(version, str) else None


def _arguments(block: Block, interface: dict[str, Any]) -> Iterator[Finding]:
    inputs = words(interface["inputs"])
    for name, attribute in block.body.attributes.items():
        if name not in inputs | _META:
            at = block.body.source.at(attribute.offset, len(name))
            note = Note(f"the version is {block.body.get('version')}", block.body.at("version"))
            message = f"the module {block.body.get('source')} has no argument {name}"
            yield error(CODE, message, at, notes=(note,), hint=nearest(name, sorted(inputs)) or "remove it")


def _outputs(system: System, block: Block, interface: dict[str, Any]) -> Iterator[Finding]:
    outputs = words(interface["outputs"])
    for file, reference in system.terraform.references:
        path = reference.path
        if path[:2] == ("module", *block.labels[:1]) and len(path) > 2 and path[2] not in outputs:
            note = Note(f"the version is {block.body.get('version')}", block.body.at("version"))
            message = f"the module {block.body.get('source')} has no output {path[2]}"
            at = file.source.at(reference.offset, len(".".join(path[:3])))
            yield error(
                CODE, message, at, notes=(note,), hint=nearest(path[2], sorted(outputs)) or "fix the name"
            )
