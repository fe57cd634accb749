"""An index belongs to a resource, data source or module with `count` or `for_each`, and only to one.

Why: `terraform validate` refuses the two: "Because aws_eip.a does not have "count" or "for_each" set, references to
it must not include an index key", and the reverse (hashicorp/terraform, internal/terraform/evaluate_valid.go). It
needs the providers, which `terraform init` downloads.

Bad:

    resource "aws_eip" "nat" { count = 2 }
    output "address" { value = aws_eip.nat.public_ip }

Good:

    output "address" { value = aws_eip.nat[0].public_ip }
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.rule import SOURCE, Context
from generator.checks.rules.terraform import modules
from generator.findings import Finding, Note, error
from generator.languages.hcl.expressions import Expression, references, written
from generator.languages.node import Block, Leaf
from generator.system.terraform import Module, inner_blocks, names

CODE = "checks/terraform-instances"
_KEY = re.compile(r'\[\s*(\d+|"[^"$%]*")\s*\]')
_ATTRIBUTE = re.compile(r"\.[A-Za-z_]\w*")
_CAUGHT = re.compile(r"\b(?:try|can)\(")
# Keys of `for_each` that are ids: of a set, and of a map that a `for` makes; and a `count` that asks for one.
_ID = r"\.(?:id|arn)\b"
_KEYS = re.compile(rf"^\s*toset\(.*{_ID}|\bfor\b[^:]*:\s*[\w.]+{_ID}\s*=>", re.DOTALL)
_COUNT = re.compile(rf"{_ID}\s*[!=]=")
_KNOWN = re.compile(r"\b(?:length|null|keys)\b")
_BEFORE = (
    f"{SOURCE}developer.hashicorp.com, The for_each Meta-Argument: Limitations on values used in for_each"
)
_ADDRESSES = ("moved", "removed", "import")


def check(context: Context) -> Iterator[Finding]:
    for module in modules(context):
        if module.is_complete:
            yield from _module(module)


def _module(module: Module) -> Iterator[Finding]:
    for kind in ("resource", "data", "module"):
        for block in module.blocks(kind):
            yield from _unknown(module, block)
    declared: dict[tuple[str, ...], list[Block]] = {}
    for block in (each for kind in ("resource", "data", "module") for each in module.blocks(kind)):
        declared.setdefault(names(block), []).append(block)
    for path, body in module.files.items():
        for block in inner_blocks(body) if path.endswith((".tf", ".tofu")) else ():
            for each in references(block) if block.kind not in _ADDRESSES else ():
                name = each.path[: 3 if each.path[0] == "data" else 2]
                if name in declared:
                    yield from _reference(each, ".".join(name), declared[name])


def _unknown(module: Module, block: Block) -> Iterator[Finding]:
    """Yield an error for keys of `for_each`, or a `count`, that only an apply makes known: ids of resources."""
    resources = {names(each) for each in module.blocks("resource")}
    for key, pattern in (("for_each", _KEYS), ("count", _COUNT)):
        node = block.get(key)
        code = written(node)
        if not isinstance(node, Leaf) or not pattern.search(code) or _KNOWN.search(code):
            continue
        of = [each for each in references(node) if each.path[:2] in resources]
        if of:
            what = "its keys" if key == "for_each" else "it"
            message = (
                f"{key} of {'.'.join(names(block))} cannot be known before the apply:"
                f" {what} depend{'' if key == 'for_each' else 's'} on {'.'.join(of[0].path[:2])}"
            )
            hint = "use names that the files have" if key == "for_each" else "use a variable, or length()"
            notes = (Note(_BEFORE),)
            yield error(CODE, message, node.at, notes=notes, hint=hint)


def _reference(each: Expression, name: str, blocks: list[Block]) -> Iterator[Finding]:
    text, end = each.source.text, each.start + len(name)
    if text[each.start : end] != name:
        return
    repeats = {key for key in ("count", "for_each") for block in blocks if key in block}
    at, note = each.source.at(each.start, len(name)), Note("it is declared here", blocks[0].at)
    is_module = each.path[0] == "module"
    # What a module gives is only known when the expression is evaluated.
    if is_module and _CAUGHT.search(text, text.rfind("\n", 0, each.start) + 1, each.start):
        return
    key, attribute = _KEY.match(text, end), _ATTRIBUTE.match(text, end)
    if key and not repeats:
        message = f"{name} has neither count nor for_each, so {name}{key[0]} does not exist"
        yield error(CODE, message, at, notes=(note,), hint=f"write {name} without {key[0]}")
    elif attribute and repeats and not (is_module and "for_each" in repeats):
        by = "count.index" if "count" in repeats else "each.key"
        message = f"{name} has {' and '.join(sorted(repeats))}, so {name}{attribute[0]} does not exist"
        hint = f"write {name}[{by}]{attribute[0]}, or {name}[*]{attribute[0]} for all of them"
        yield error(CODE, message, at, notes=(note,), hint=hint)
