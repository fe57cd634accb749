"""Resources must not need each other, and an output of a sensitive value must be marked as sensitive.

Why: `terraform plan` stops with "Cycle" or with "Output refers to sensitive values"; `terraform validate` accepts
neither a cycle, but accepts the output (developer.hashicorp.com, "Manage sensitive data").

Bad:

    output "database_url" { value = "postgresql://postgres:${var.db_password}@db/app" }

Good:

    output "database_url" {
      value     = "postgresql://postgres:${var.db_password}@db/app"
      sensitive = true
    }
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.checks.cycles import cycles
from generator.checks.rule import Context
from generator.checks.rules.terraform import modules
from generator.findings import Finding, Note, error
from generator.languages.hcl.expressions import references
from generator.languages.node import Block, Node
from generator.system.terraform import Module, names

CODE = "checks/terraform-cycles"
Names = tuple[str, ...]


def check(context: Context) -> Iterator[Finding]:
    for module in modules(context):
        yield from _cycles(module)
        yield from _outputs(module)


def _cycles(module: Module) -> Iterator[Finding]:
    """Yield an error for each group of resources and local values that need each other."""
    nodes: dict[Names, Node] = {("local", name): node for name, node in module.locals.items()}
    nodes |= {names(block): block for kind in ("resource", "data") for block in module.blocks(kind)}
    for circle in cycles({name: _needed(name, node, nodes) for name, node in nodes.items()}):
        shown = [".".join(each) for each in circle]
        message = f"{' and '.join(shown)} need each other in a cycle"
        if len(circle) == 1:
            message = f"{shown[0]} needs itself"
        notes = tuple(Note(".".join(each), nodes[each].key_at) for each in circle[1:])
        at = nodes[circle[0]].key_at
        yield error(CODE, message, at, notes=notes, hint="remove one of the references")


def _needed(own: Names, node: Node, nodes: Mapping[Names, Node]) -> list[Names]:
    """Return what a resource or local value refers to, each once."""
    found: dict[Names, None] = {}
    for each in references(node):
        name = each.path[:3] if each.path[0] == "data" else each.path[:2]
        if name in nodes and (name != own or own[0] == "local"):
            found[name] = None
    return list(found)


def _outputs(module: Module) -> Iterator[Finding]:
    secret = {name for name, block in module.variables.items() if block.value("sensitive") is True}
    for block in module.blocks("output"):
        if block.value("sensitive") is True:
            continue
        value = block.get("value")
        if value is None or _unmarks(value):
            continue
        for each in references(value):
            if each.path[0] == "var" and len(each.path) > 1 and each.path[1] in secret:
                yield _sensitive(module, block, each.path[1])
                break


def _unmarks(value: Node) -> bool:
    return "nonsensitive(" in value.source.text[value.start : value.end]


def _sensitive(module: Module, block: Block, name: str) -> Finding:
    note = Note("the variable", module.variables[name].at)
    message = f"the output {block.labels[0]} reveals the sensitive variable {name}: terraform plan refuses it"
    return error(CODE, message, block.at, notes=(note,), hint="add sensitive = true")
