"""All settings must name the same AWS region.

Compared: Terraform's provider and backend, the login of the workflows, every `--region`, and the registry in
image names.

Why: the region is repeated as plain text in many places. A cluster is not found in another region, and an
image cannot be pulled from there. Without a region Terraform asks for one, or uses the region of the person
who runs it.

Bad:

    aws-region: us-east-1        # and aws_region = "eu-west-3" for Terraform

Good:

    aws-region: eu-west-3        # and aws_region = "eu-west-3" for Terraform
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.agreement import Said, disagreements
from generator.checks.rule import NotApplicable
from generator.findings import Finding, Note, Span, error
from generator.languages.hcl.read import Block, Expr
from generator.languages.shell.script import Command
from generator.system.former import Parsed
from generator.values.layers import Values

CODE = "checks/region"
_HOST = re.compile(r"\d{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com")
_SET = re.compile(r"(?:\w+\.)*(?:awsRegion|region)=([\w-]+)")


def check(tree: Parsed, values: Values) -> Iterator[Finding]:
    said = list(_said(tree))
    if not said:
        raise NotApplicable("nothing names a region")
    yield from disagreements(CODE, "the region", said)
    for block in tree.terraform.blocks("provider", "aws"):
        if not tree.terraform.text(block.body, "region"):
            others = tuple(Note(f"{each.what} says {each.text}", each.at) for each in said[:1])
            wanted = said[0].text
            hint = f'set aws_region = "{wanted}" in terraform.tfvars'
            message = "nothing says which region Terraform works in"
            yield error(CODE, message, block.body.at("region"), notes=others, hint=hint)


def _said(tree: Parsed) -> Iterator[Said]:
    yield from _terraform(tree)
    for step in tree.steps:
        inputs = step.data.sub("with")
        if inputs.text("aws-region") and "${{" not in inputs.text("aws-region"):
            yield Said(inputs.text("aws-region"), "the workflow's login", inputs.at("aws-region"))
    for step, command in tree.commands:
        for text, offset in _in_command(command):
            yield Said(text, "the workflow", step.place(offset, len(text)))
    for script in tree.scripts:
        for command in script.script.commands:
            for text, offset in _in_command(command):
                yield Said(text, f"the script {script.source.path}", script.at(offset, len(text)))
    yield from _registries(tree)


def _terraform(tree: Parsed) -> Iterator[Said]:
    """The provider's region, where the variable that it comes from is set; and that of the state."""
    for block in tree.terraform.blocks("provider", "aws"):
        region = tree.terraform.argument(block.body, "region")
        if region and region.text:
            yield Said(region.text, "Terraform", _setting(tree, block) or region.at)
    for settings in tree.terraform.blocks("terraform"):
        for backend in settings.body.all("backend"):
            state = tree.terraform.argument(backend.body, "region")
            if state and state.text:
                yield Said(state.text, "Terraform's state", state.at)


def _setting(tree: Parsed, provider: Block) -> Span | None:
    """Return the line of a .tfvars file that sets the provider's region, or None."""
    value = provider.body.get("region")
    for reference in value.references if isinstance(value, Expr) else ():
        found = tree.terraform.settings.get(reference.path[-1]) if reference.path[0] == "var" else None
        if found:
            return found[0].body.at(reference.path[-1])
    return None


def _registries(tree: Parsed) -> Iterator[Said]:
    for container in tree.containers:
        found = _HOST.search(container.image)
        if found:
            yield Said(found[1], f"the registry of {container.what}", container.data.at("image"))
    for each in tree.kustomizations:
        for image in each.data.each("images"):
            found = _HOST.search(image.text("newName"))
            if found:
                yield Said(found[1], "the registry in the kustomization", image.at("newName"))


def _in_command(command: Command) -> Iterator[tuple[str, int]]:
    for word in command.options("--region"):
        if "$" not in word.text:
            yield word.text, word.offset
    for word in command.words:
        found = _SET.fullmatch(word.text)
        if found:
            yield found[1], word.offset + found.start(1)
