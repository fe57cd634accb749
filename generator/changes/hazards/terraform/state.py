"""Settings of Terraform itself: where its state is, versions of providers, and variables without a value."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.diff import changes, path_text
from generator.changes.hazards.arguments import label
from generator.changes.hazards.model import TERRAFORM, Effect, Hazard, place, shown
from generator.changes.hazards.provider import constraints
from generator.languages.node import Block
from generator.system import System
from generator.system.terraform import Module

_DOCS = "https://developer.hashicorp.com/terraform/language"
_BACKEND = f"{_DOCS}/backend#change-configuration"
_PROVIDERS = f"{_DOCS}/providers/requirements#version-constraints"
_VARIABLES = f"{_DOCS}/values/variables#assigning-values-to-root-module-variables"


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield hazards for the settings of Terraform and for its variables, folder by folder."""
    for folder, was in old.terraform.modules.items():
        now = new.terraform.modules.get(folder)
        if now:
            prefix = label(old, new, folder, "")
            yield from _backend(was, now, prefix)
            yield from _providers(was, now, prefix)
            yield from _variables(was, now, prefix)


def _settings(module: Module, name: str) -> Iterator[Block]:
    return (inner for block in module.blocks("terraform") for inner in block.blocks(name))


def _backend(was: Module, now: Module, prefix: str) -> Iterator[Hazard]:
    before, after = next(_settings(was, "backend"), None), next(_settings(now, "backend"), None)
    found = next(changes(before, after, ("backend",)), None)
    if found:
        yield Hazard(
            "backend",
            Effect.REFUSED,
            f"{prefix}terraform backend",
            f"{path_text(found.path)} changes from {shown(found.old)} to {shown(found.new)}: Terraform looks for its "
            'state in another place, and stops: "Backend configuration changed"',
            place(found.old, before),
            place(found.new, after),
            "run `terraform init -migrate-state`; -reconfigure would make Terraform forget the existing resources",
            _BACKEND,
            TERRAFORM,
        )


def _providers(old: Module, new: Module, prefix: str) -> Iterator[Hazard]:
    before, after = dict(constraints([old])), dict(constraints([new]))
    for name, node in before.items():
        new_node = after.get(name)
        was, now = shown(node), shown(new_node)
        if was != now:
            yield Hazard(
                "provider",
                Effect.UNKNOWN,
                f"{prefix}provider {name}",
                f"the version changes from {was} to {now}: another version may replace existing resources",
                place(node),
                place(new_node),
                "read the provider's upgrade guide, and the output of `terraform plan` before applying",
                _PROVIDERS,
            )


def _variables(old: Module, new: Module, prefix: str) -> Iterator[Hazard]:
    for name, block in new.variables.items():
        if (
            name not in old.variables
            and "default" not in block
            and name not in new.settings
            and not new.calls
        ):
            yield Hazard(
                "variable",
                Effect.UNKNOWN,
                f"{prefix}var.{name}",
                "is new and has no value in these files: without TF_VAR, Terraform asks for one, or stops "
                'with "No value for required variable"',
                None,
                place(block),
                f"set TF_VAR_{name} before applying, or add a default",
                _VARIABLES,
            )
