"""Rules for Terraform files."""

from __future__ import annotations

from generator.checks.rule import Context, NotApplicableError
from generator.system.terraform import Module


def modules(context: Context) -> list[Module]:
    """Return the modules that have files. Raises NotApplicableError where there are none."""
    found = [each for each in context.system.terraform.modules.values() if each.files]
    if not found:
        raise NotApplicableError("there is no Terraform file")
    return found
