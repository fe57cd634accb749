"""Every Terraform name that is used must be declared, and every declared name must be used.

Checked: variables, locals, resources, data sources and modules. Every variable needs a value, a default, or
to be a secret that is passed from outside; every value in a `.tfvars` file needs a variable.

Why: `terraform plan` reports "Reference to undeclared resource", but needs credentials. It only warns about a
value for an undeclared variable, and the variable that was meant keeps its default.

Bad:

    region = var.region          # and variable "aws_region" {}

Good:

    region = var.aws_region      # and variable "aws_region" {}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.rule import Context
from generator.checks.rules.terraform import modules
from generator.findings import Finding, Note, Span, error, warning
from generator.findings.suggest import nearest
from generator.languages.hcl.expressions import Expression, references
from generator.languages.node import Block, walk
from generator.system import System
from generator.system.terraform import Module, arguments, inner_blocks, names

CODE = "checks/terraform-names"
ADVICE = "developer.hashicorp.com, Input Variables; tflint: terraform_unused_declarations"
_TAKE_WORDS = frozenset(["type", "provider", "ignore_changes", "command", "iterator", "when", "on_failure"])
_BUILT_IN = frozenset(["each", "count", "self", "path", "terraform", "provider", "ephemeral"])
_KINDS = {"var": "variable", "local": "local value", "module": "module", "data": "data source"}
_OVERRIDE = re.compile(r"(?:.*[_/])?override\.(?:tf|tofu)")
Names = tuple[str, ...]


def check(context: Context) -> Iterator[Finding]:
    for module in modules(context):
        if module.is_complete:
            yield from _undeclared(module)
            yield from _bare(module)
            yield from _once(module)
            yield from _repeated(module)
            yield from _undeclared_settings(module)
            yield from _without_value(context.system, module)
            yield from _unused(module)


def _undeclared(module: Module) -> Iterator[Finding]:
    declared = _declared(module)
    local = [("local", name) for name in module.locals]
    known = {*declared, *local}
    missing: dict[Names, list[Expression]] = {}
    iterators = set(_iterators(module))
    for reference in _references(module):
        wanted = _wanted(reference.path)
        if wanted and wanted not in known and wanted[0] not in iterators:
            missing.setdefault(wanted, []).append(reference)
    for wanted, (first, *others) in missing.items():
        alike = [each for each in (*local, *declared) if _is_alike(each, wanted)]
        alike = alike or (list(declared) if wanted[0] not in _KINDS else [])
        listed = [".".join(each) for each in alike]
        notes = [
            Note(f"{'.'.join(each)} is declared", declared[each].at) for each in alike[:3] if each in declared
        ]
        notes += [Note("it is also used here", _at(each, wanted)) for each in others]
        there = f"; declared: {', '.join(listed)}" if 0 < len(listed) < 7 else ""
        hint = nearest(".".join(wanted), listed) or f"declare it, or fix the name{there}"
        message = f"the {_KINDS.get(wanted[0], 'resource')} {'.'.join(wanted)} is not declared"
        yield error(CODE, message, _at(first, wanted), notes=tuple(notes), hint=hint)


def _repeated(module: Module) -> Iterator[Finding]:
    """Yield an error for each block with both arguments that repeat it, which Terraform refuses."""
    for block in (each for kind in ("resource", "data", "module") for each in module.blocks(kind)):
        if "count" in block and "for_each" in block:
            message = f"{'.'.join(names(block))} has count and for_each, of which Terraform takes one"
            yield error(CODE, message, block.at_key("for_each"), hint="remove one of them")


def _declared(module: Module) -> dict[Names, Block]:
    found = [block for kind in ("variable", "module", "resource", "data") for block in module.blocks(kind)]
    found += [block for each in module.blocks("check") for block in each.blocks("data")]
    return {names(block): block for block in found}


def _references(module: Module) -> Iterator[Expression]:
    """Yield what the files and their tests refer to; `moved` and `removed` name what is not there any more."""
    for body in (*module.files.values(), *module.test_files.values()):
        for block in inner_blocks(body):
            if block.kind not in ("moved", "removed"):
                yield from references(block)


def _iterators(module: Module) -> Iterator[str]:
    """Yield the names that `dynamic` blocks give to their elements."""
    for body in module.files.values():
        for node in walk(body):
            if isinstance(node, Block) and node.kind == "dynamic":
                yield str(node.value("iterator") or "".join(node.labels[:1]))


def _wanted(path: Names) -> Names | None:
    """Return the names of what must be declared; None for what Terraform, a test or a template declares."""
    if path[0] in _BUILT_IN or len(path) < 2:
        return None
    if path[0] in _KINDS or "_" in path[0]:
        return path[:3] if path[0] == "data" else path[:2]
    return None


def _is_alike(each: Names, wanted: Names) -> bool:
    return each[0] == wanted[0]


def _at(reference: Expression, wanted: Names) -> Span:
    return reference.source.at(reference.start, len(".".join(wanted)))


def _bare(module: Module) -> Iterator[Finding]:
    """Check that no value is a word without quotes."""
    for body in module.files.values():
        for holder in (body, *(node for node in walk(body) if isinstance(node, Block))):
            for name, value in arguments(holder).items():
                if isinstance(value, Expression) and value.path == (value.value,) and name not in _TAKE_WORDS:
                    message = f"{value.value} is not a value: a string needs quotes"
                    yield error(CODE, message, value.at, hint=f'quote it: "{value.value}"')


def _once(module: Module) -> Iterator[Finding]:
    seen: dict[Names, Block] = {}
    for kind in ("variable", "output", "module", "resource", "data"):
        for block in module.blocks(kind):
            if _OVERRIDE.fullmatch(block.source.path):
                continue
            first = seen.setdefault(names(block), block)
            if first is not block:
                message = f"{'.'.join(names(block))} is declared twice"
                notes = (Note("the first declaration", first.at),)
                yield error(CODE, message, block.at, notes=notes, hint="rename or remove one of them")


def _undeclared_settings(module: Module) -> Iterator[Finding]:
    for name, (first, *_) in module.settings.items():
        if name not in module.variables:
            notes = tuple(
                Note(f"{each} is declared", block.at) for each, block in list(module.variables.items())[:3]
            )
            hint = nearest(name, list(module.variables)) or "declare it, or remove it"
            yield warning(CODE, f"the variable {name} is not declared", first.key_at, notes=notes, hint=hint)


def _without_value(system: System, module: Module) -> Iterator[Finding]:
    """Where the values of a root module are in its files, each variable has one, unless a command gives it."""
    if module.calls or not module.variable_files:
        return
    for name, block in module.variables.items():
        has_value = "default" in block or name in module.settings or block.value("sensitive") is True
        if not has_value and not _is_given(system.code, name):
            notes = tuple(
                Note("this file sets other variables", body.source.span(1))
                for body in list(module.variable_files.values())[:1]
            )
            message = f"the variable {name} has no value: Terraform prompts for it"
            hint = f"set {name} in terraform.tfvars, or add a default"
            yield warning(CODE, message, block.at, notes=notes, hint=hint)


def _is_given(code: str, name: str) -> bool:
    return (
        f"TF_VAR_{name}" in code
        or re.search(rf"-var-file|-var[ =]['\"]?{re.escape(name)}=", code) is not None
    )


def _unused(module: Module) -> Iterator[Finding]:
    used: dict[Names, list[Expression]] = {}
    for reference in module.references:
        used.setdefault(reference.path[:2], []).append(reference)
    for name, block in module.variables.items():
        if all(_is_inside(each, block) for each in used.get(("var", name), ())):
            notes = tuple(
                Note("its value is set here", each.key_at) for each in module.settings.get(name, [])[:1]
            )
            yield _nothing_uses(f"variable {name}", block.at, notes)
    for name, node in module.locals.items():
        if ("local", name) not in used:
            yield _nothing_uses(f"local value {name}", node.key_at, ())


def _is_inside(reference: Expression, block: Block) -> bool:
    """Return whether a reference is in the block itself, such as in a validation."""
    return reference.source is block.source and block.start <= reference.start < block.end


def _nothing_uses(what: str, at: Span, notes: tuple[Note, ...]) -> Finding:
    return warning(
        CODE, f"nothing uses the {what}", at, notes=notes, hint="use it, or remove it and its value"
    )
