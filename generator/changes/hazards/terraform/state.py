"""Settings of Terraform itself: where its state is, versions of providers, and variables without a value."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.changes.diff import changes, path_text
from generator.changes.hazards.model import Effect, Hazard, place, shown
from generator.changes.hazards.provider import MAJOR, PROVIDER
from generator.changes.hazards.system import System
from generator.languages.node import Leaf, Map, children

_DOCS = "https://developer.hashicorp.com/terraform/language"
_BACKEND = f"{_DOCS}/backend#change-configuration"
_PROVIDERS = f"{_DOCS}/providers/requirements#version-constraints"
_VARIABLES = f"{_DOCS}/values/variables#assigning-values-to-root-module-variables"


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield hazards for the settings of Terraform and for its variables."""
    yield from _backend(old, new)
    yield from _providers(old, new)
    yield from _variables(old, new)


def _settings(side: System, name: str) -> Iterator[Map]:
    return (inner for block in side.of_kind("terraform") for inner in block.body.maps(name))


def _backend(old: System, new: System) -> Iterator[Hazard]:
    before, after = next(_settings(old, "backend"), None), next(_settings(new, "backend"), None)
    found = next(changes(before or Map(), after or Map(), ("backend",)), None)
    if found:
        yield Hazard(
            "backend",
            Effect.REFUSED,
            "terraform backend",
            f"{path_text(found.path)} changes from {shown(found.old)} to {shown(found.new)}: Terraform looks for its "
            'state in another place, and stops: "Backend configuration changed"',
            place(found.old, before),
            place(found.new, after),
            "run `terraform init -migrate-state`; -reconfigure would make Terraform forget the existing resources",
            _BACKEND,
        )


def _providers(old: System, new: System) -> Iterator[Hazard]:
    before, after = _constraints(old), _constraints(new)
    for name, node in before.items():
        new_node = after.get(name)
        was, now = shown(node), shown(new_node)
        if was != now:
            yield Hazard(
                "provider",
                Effect.UNKNOWN,
                f"provider {name}",
                f"the version changes from {was} to {now}: another version may replace existing resources",
                place(node),
                place(new_node),
                "read the provider's upgrade guide, and the output of `terraform plan` before applying",
                _PROVIDERS,
            )
    for name, node in after.items():
        major = re.search(r"\d+", shown(node))
        if name == PROVIDER and before.get(name) and major and major[0] != MAJOR:
            yield Hazard(
                "provider",
                Effect.UNKNOWN,
                f"provider {name}",
                f"which arguments replace a resource is known for version {MAJOR}, but this is {shown(node)}",
                None,
                place(node),
                "read the output of `terraform plan` before applying",
                _PROVIDERS,
            )


def _constraints(side: System) -> dict[str, Leaf]:
    providers = (each for inner in _settings(side, "required_providers") for each in children(inner))
    versions = ((each, each.leaf("version")) for each in providers if isinstance(each, Map))
    return {each.text("source"): version for each, version in versions if version}


def _variables(old: System, new: System) -> Iterator[Hazard]:
    known = {block.type for block in old.of_kind("variable")}
    if not old.blocks:
        return  # everything is new: the runbook lists what to set
    for block in new.of_kind("variable"):
        if block.type not in known and block.type not in new.variables:
            yield Hazard(
                "variable",
                Effect.UNKNOWN,
                f"var.{block.type}",
                "is new and has no value in these files: without TF_VAR, Terraform asks for one, or stops "
                'with "No value for required variable"',
                None,
                place(block.body),
                f"set TF_VAR_{block.type} before applying, or add a default",
                _VARIABLES,
            )
