"""Terraform's configuration in JSON, of which the resources are not read."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.hazards.model import Effect, Hazard, Place
from generator.system import System
from generator.system.terraform import JSON

_SOURCE = "https://developer.hashicorp.com/terraform/language/syntax/json"


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each file that changes: its effects are unknown."""
    for path in sorted({*old.sources, *new.sources}):
        if path.endswith(JSON) and old.text(path) != new.text(path):
            yield Hazard(
                "terraform-json",
                Effect.UNKNOWN,
                path,
                "changes; what it does to resources is not known, since it is Terraform in JSON",
                Place(path, 1) if path in old.sources else None,
                Place(path, 1) if path in new.sources else None,
                "read the output of `terraform plan` before applying",
                _SOURCE,
            )
