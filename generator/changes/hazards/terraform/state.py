"""What Terraform itself refuses or reads anew: where its state is, versions, and values that nobody gives."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.changes.diff import Map, Node, changes, path_text
from generator.changes.hazards.model import Effect, Hazard, place, shown
from generator.changes.hazards.system import System
from generator.changes.hazards.terraform.resources import MAJOR, PROVIDER

_DOCS = "https://developer.hashicorp.com/terraform/language"
_BACKEND = f"{_DOCS}/backend#change-configuration"
_PROVIDERS = f"{_DOCS}/providers/requirements#version-constraints"
_VARIABLES = f"{_DOCS}/values/variables#assigning-values-to-root-module-variables"


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield hazards for the settings of Terraform and for its variables."""
    yield from _backend(old, new)
    yield from _providers(old, new)
    yield from _variables(old, new)


def _settings(side: System, name: str) -> Iterator[tuple[str, Map]]:
    for block in side.of_kind("terraform"):
        for inner in block.body.maps(name):
            yield block.path, inner


def _backend(old: System, new: System) -> Iterator[Hazard]:
    before, after = next(_settings(old, "backend"), None), next(_settings(new, "backend"), None)
    if before is None and after is None:
        return
    old_path, old_node = before or ("", Map())
    new_path, new_node = after or ("", Map())
    found = next(changes(old_node, new_node, ("backend",)), None)
    if found:
        yield Hazard(
            "backend",
            Effect.REFUSED,
            "terraform backend",
            f"{path_text(found.path)} changes from {shown(found.old)} to {shown(found.new)}: Terraform looks for its "
            'state in another place, and stops: "Backend configuration changed"',
            place(old_path, found.old or old_node) if before else None,
            place(new_path, found.new or new_node) if after else None,
            "run `terraform init -migrate-state`; with -reconfigure it would forget what it has made",
            _BACKEND,
        )


def _providers(old: System, new: System) -> Iterator[Hazard]:
    before, after = _constraints(old), _constraints(new)
    for name, (path, node) in before.items():
        new_path, new_node = after.get(name, ("", None))
        was, now = shown(node), shown(new_node)
        if was != now:
            yield Hazard(
                "provider",
                Effect.UNKNOWN,
                f"provider {name}",
                f"the version changes from {was} to {now}: a new one may replace what an older one has made",
                place(path, node),
                place(new_path, new_node) if new_node else None,
                "read the provider's upgrade guide, and `terraform plan` before you apply",
                _PROVIDERS,
            )
    for name, (path, node) in after.items():
        major = re.search(r"\d+", shown(node))
        if name == PROVIDER and before.get(name) and major and major[0] != MAJOR:
            yield Hazard(
                "provider",
                Effect.UNKNOWN,
                f"provider {name}",
                f"which arguments replace a resource is known here for version {MAJOR}, and this is {shown(node)}",
                None,
                place(path, node),
                "read `terraform plan` before you apply",
                _PROVIDERS,
            )


def _constraints(side: System) -> dict[str, tuple[str, Node]]:
    found = {}
    for path, inner in _settings(side, "required_providers"):
        for provider in inner.entries.values():
            if isinstance(provider, Map) and provider.get("version"):
                found[provider.text("source")] = (path, provider.entries["version"])
    return found


def _variables(old: System, new: System) -> Iterator[Hazard]:
    known = {block.type for block in old.of_kind("variable")}
    if not old.blocks:
        return  # all of it is new, and the runbook says what to set
    for block in new.of_kind("variable"):
        if block.type not in known and block.type not in new.variables:
            yield Hazard(
                "variable",
                Effect.UNKNOWN,
                f"var.{block.type}",
                "is new, and these files give it no value: without TF_VAR, and when nobody answers, Terraform "
                'stops with "No value for required variable"',
                None,
                place(block.path, block.body),
                f"set TF_VAR_{block.type} before you apply, or give it a default",
                _VARIABLES,
            )
