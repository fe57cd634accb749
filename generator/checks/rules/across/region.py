"""All settings must name the same AWS region.

Compared: Terraform's provider and backend, the availability zones of its resources, the login of the workflows, every
`--region`, and the registry in image names.

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

from generator.checks.agreement import Statement, disagreements, in_command
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error_if, warning
from generator.languages.hcl.expressions import references
from generator.languages.node import Block, Leaf, Seq
from generator.system import System

CODE = "checks/region"
ADVICE = "registry.terraform.io, AWS Provider: region"
_HOST = re.compile(r"\d{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com")
# Programs of others, which have regions of their own.
_OTHERS = frozenset("az bq doctl fly flyctl gcloud gsutil hcloud ibmcloud linode-cli oci scw".split())
_ZONE = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d)[a-z]")
_SET = re.compile(r"(?:\w+\.)*(?:awsRegion|region)=([\w-]+)")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    statements = list(_statements(system))
    if not statements:
        raise NotApplicableError("no region is set")
    if system.is_one:
        yield from disagreements(CODE, "the region", statements)
    yield from _zones(system)
    for block in system.terraform.blocks("provider", "aws"):
        if not system.terraform.text(block, "region") and "alias" not in block:
            others = tuple(Note(f"it is {each.text} in {each.what}", each.at) for each in statements[:1])
            wanted = statements[0].text
            hint = f'set region = "{wanted}", or a variable with this value'
            message = "the AWS provider of Terraform has no region"
            yield warning(CODE, message, block.at_key("region"), notes=others, hint=hint)


def _zones(system: System) -> Iterator[Finding]:
    """Yield a finding for each zone of another region than the one of the provider, where there is one."""
    providers = system.terraform.blocks("provider", "aws")
    region = system.terraform.text(providers[0], "region") if len(providers) == 1 else ""
    for block in (each for kind in ("resource", "module") for each in system.terraform.blocks(kind)):
        for key in ("availability_zone", "availability_zones", "azs"):
            node = block.get(key)
            leaves = node.leaves() if isinstance(node, Seq) else [node] if isinstance(node, Leaf) else ()
            for leaf in leaves:
                found = _ZONE.fullmatch(leaf.text) if not leaf.is_code else None
                if region and found and found[1] != region and "region" not in block:
                    is_set = providers[0].text("region") == region or _setting(system, providers[0])
                    message = f"the zone {found[0]} is not in {region}, the region of the provider"
                    notes = (Note("the provider", providers[0].at_key("region")),)
                    hint = f'use a zone of {region}, such as "{region}a"'
                    yield error_if(is_set, CODE, message, leaf.at, notes=notes, hint=hint)


def _statements(system: System) -> Iterator[Statement]:
    yield from _terraform(system)
    for step in system.steps:
        inputs = step.node.map("with")
        if inputs.text("aws-region") and "${{" not in inputs.text("aws-region"):
            yield Statement(
                inputs.text("aws-region"), "the login of the workflow", inputs.at_key("aws-region")
            )
    for run in system.runs:
        if run.command.name in _OTHERS:
            continue
        for text, offset in in_command(run.command, run.command.options("--region"), _SET):
            yield Statement(text, run.what, run.place(offset, len(text)))
    yield from _registries(system)


def _terraform(system: System) -> Iterator[Statement]:
    """Yield the region of the provider, at the place of its variable's value, and that of the state."""
    for block in system.terraform.blocks("provider", "aws"):
        if "alias" in block:
            continue
        region = system.terraform.leaf(block, "region")
        if region:
            yield Statement(region.text, "Terraform", _setting(system, block) or region.at)
    for settings in system.terraform.blocks("terraform"):
        for backend in settings.blocks("backend"):
            state = system.terraform.leaf(backend, "region")
            if state:
                yield Statement(state.text, "the backend of Terraform", state.at)


def _setting(system: System, provider: Block) -> Span | None:
    """Return the line of a .tfvars file that sets the provider's region, or None."""
    module = system.terraform.module_of(provider)
    for reference in references(provider.get("region")):
        found = module.settings.get(reference.path[-1]) if module and reference.path[0] == "var" else None
        if found:
            return found[0].at
    return None


def _registries(system: System) -> Iterator[Statement]:
    for container in system.containers:
        found = _HOST.search(container.image)
        if found:
            yield Statement(found[1], f"the registry of {container.what}", container.node.at_key("image"))
    for each in system.kustomizations:
        for image in each.node.maps("images"):
            found = _HOST.search(image.text("newName"))
            if found:
                yield Statement(found[1], "the registry in the kustomization", image.at_key("newName"))
