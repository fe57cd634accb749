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
from dataclasses import replace

from generator.checks.rule import Context, NotApplicable
from generator.findings import Finding, Note, Span, error
from generator.findings.suggest import nearest
from generator.languages.hcl.read import Block, Expr, File, Reference
from generator.system.terraform import Module, address

CODE = "checks/terraform-names"
_WORD = re.compile(r"[A-Za-z_]\w*")
_TAKE_WORDS = frozenset(["type", "provider", "ignore_changes", "command"])
_BUILT_IN = frozenset(["each", "count", "self", "path", "terraform", "provider", "ephemeral"])


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    module = system.terraform
    if not module.files:
        raise NotApplicable("there is no Terraform file")
    declared = {
        address(block): block
        for kind in ("variable", "module", "resource", "data")
        for block in module.blocks(kind)
    }
    everywhere = [
        *module.references,
        *((file, each) for file in module.test_files for each in file.references),
    ]
    missing: dict[str, list[Finding]] = {}
    for file, reference in everywhere:
        for found in _declared(module, declared, file, reference):
            missing.setdefault(found.message, []).append(found)
    for first, *others in missing.values():
        yield replace(
            first, notes=(*first.notes, *(Note("it is also used here", each.at) for each in others))
        )
    yield from _bare(module)
    yield from _once(module)
    yield from _values(module)
    yield from _used(module)


def _declared(
    module: Module, declared: dict[str, Block], file: File, reference: Reference
) -> Iterator[Finding]:
    path = reference.path
    root = path[0]
    if root in _BUILT_IN or len(path) < 2:
        return
    if root == "local":
        wanted, known = f"local.{path[1]}", [f"local.{name}" for name in module.locals]
    elif root in ("var", "module"):
        wanted, known = f"{root}.{path[1]}", [each for each in declared if each.startswith(f"{root}.")]
    elif root == "data":
        wanted, known = ".".join(path[:3]), [each for each in declared if each.startswith("data.")]
    elif "_" in root:
        wanted = ".".join(path[:2])
        known = [each for each in declared if each.partition(".")[0] == root] or list(declared)
    else:
        return  # a run of a test, or a name that a template directive declares
    if wanted in known or (file in module.test_files and root == "run"):
        return
    at = file.source.at(reference.offset, len(wanted))
    near = nearest(wanted, known)
    notes = tuple(Note(f"{each} is declared", declared[each].at) for each in known[:3] if each in declared)
    what = {"var": "variable", "local": "local value", "module": "module", "data": "data source"}.get(
        root, "resource"
    )
    hint = (
        near
        or f"declare it, or fix the name{'; declared: ' + ', '.join(known[:6]) if known and len(known) < 7 else ''}"
    )
    yield error(CODE, f"the {what} {wanted} is not declared", at, notes=notes, hint=hint)


def _bare(module: Module) -> Iterator[Finding]:
    """Check that no value is a word without quotes."""
    for file in module.files:
        for body in file.body.walk():
            for name, attribute in body.attributes.items():
                value = attribute.value
                if isinstance(value, Expr) and _WORD.fullmatch(value.text) and name not in _TAKE_WORDS:
                    message = f"{value.text} is not a value: a string needs quotes"
                    yield error(CODE, message, body.at(name), hint=f'quote it: "{value.text}"')


def _once(module: Module) -> Iterator[Finding]:
    seen: dict[str, Block] = {}
    for kind in ("variable", "output", "module", "resource", "data"):
        for block in module.blocks(kind):
            name = address(block)
            if name in seen:
                note = Note("the first declaration", seen[name].at)
                yield error(
                    CODE,
                    f"{name} is declared twice",
                    block.at,
                    notes=(note,),
                    hint="rename or remove one of them",
                )
            seen[name] = block
    for file in (*module.files, *module.variable_files):
        for body in file.body.walk():
            for twice in body.duplicates:
                yield error(
                    CODE,
                    f"{twice.name} is set twice",
                    file.source.at(twice.offset, len(twice.name)),
                    hint="remove one of them",
                )


def _values(module: Module) -> Iterator[Finding]:
    for name, (file, attribute) in module.settings.items():
        if name not in module.variables:
            notes = tuple(
                Note(f"{each} is declared", block.at) for each, block in list(module.variables.items())[:3]
            )
            at = file.source.at(attribute.offset, len(name))
            hint = nearest(name, list(module.variables)) or "declare it, or remove it"
            yield error(CODE, f"the variable {name} is not declared", at, notes=notes, hint=hint)
    for name, block in module.variables.items():
        if (
            "default" in block.body.attributes
            or name in module.settings
            or block.body.get("sensitive") is True
        ):
            continue
        notes = tuple(
            Note("this file sets other variables", file.source.span(1)) for file in module.variable_files[:1]
        )
        message = f"the variable {name} has no value: Terraform prompts for it"
        yield error(
            CODE,
            message,
            block.at,
            notes=notes,
            hint=f"set {name} in terraform.tfvars, or add a default",
        )


def _used(module: Module) -> Iterator[Finding]:
    used = {reference.path[:2] for _, reference in module.references}
    for name, block in module.variables.items():
        outside = [
            each
            for _, each in module.references
            if each.path[:2] == ("var", name) and not _is_inside(block, each)
        ]
        if not outside:
            yield _unused(f"variable {name}", block.at, _setting(module, name))
    for name, (file, attribute) in module.locals.items():
        if ("local", name) not in used:
            yield _unused(f"local value {name}", file.source.at(attribute.offset, len(name)), ())


def _is_inside(block: Block, reference: Reference) -> bool:
    """Return whether a reference is in the block itself, such as in a validation."""
    attributes = [each for body in block.body.walk() for each in body.attributes.values()]
    return any(each.value_offset <= reference.offset < each.end for each in attributes)


def _setting(module: Module, name: str) -> tuple[Note, ...]:
    found = module.settings.get(name)
    return (Note("its value is set here", found[0].source.at(found[1].offset, len(name))),) if found else ()


def _unused(what: str, at: Span, notes: tuple[Note, ...]) -> Finding:
    return error(CODE, f"nothing uses the {what}", at, notes=notes, hint="use it, or remove it and its value")
