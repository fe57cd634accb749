"""How the providers of Terraform change resources: which arguments replace a resource, and which data is lost.

The tables are in `changes/tables/`; `python -m tests.changes.provider_tables` builds them from the providers' source.
A type that is not listed is unknown, and so is an argument of which versions of a provider disagree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from generator.changes.tables import table
from generator.findings.record import record
from generator.languages.node import Leaf, Map, children
from generator.system.terraform import Module, Terraform

_TABLES = ("terraform-aws", "terraform-digitalocean", "terraform-google", "terraform-hcloud")


@record
class Provider:
    """A provider: its address, what messages call it, who refuses requests, and the versions that were read."""

    source: str
    name: str
    refuses: str
    versions: tuple[str, ...]

    @property
    def majors(self) -> tuple[str, ...]:
        """The major versions that were read."""
        return tuple(dict.fromkeys(each.partition(".")[0] for each in self.versions))


@record
class Kept:
    """The argument and its value for which a resource cannot be deleted; `default` is the value without it."""

    argument: str
    value: bool
    default: bool
    refusal: str


@record
class Kind:
    """A type of resource: its `source`, the arguments that replace it, and the data in it.

    `compared` arguments replace it, too, but the provider compares them in its own way. `name` is the argument whose
    value only one of them may have, if any. `lost` is what goes with it that is no data.
    """

    provider: Provider
    source: str
    replacing: frozenset[str] = frozenset()
    compared: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()
    name: str = "name"
    data: str = ""
    lost: str = ""
    kept: Kept | None = None

    def replaces(self, argument: str) -> bool:
        """Return whether a change of an argument, named by its path through blocks, replaces the resource."""
        parts = argument.split(".")
        inside = (f"{'.'.join(parts[:length])}.*" for length in range(1, len(parts)))
        return (
            argument in self.replacing
            or argument in self.compared
            or any(each in self.replacing for each in inside)
        )

    def holds(self, argument: str) -> bool:
        """Return whether something inside of a block replaces the resource, or may do so."""
        every = (*self.replacing, *self.compared, *self.unsure)
        return any(each.startswith(f"{argument}.") for each in every)


@lru_cache
def kinds() -> Mapping[str, Kind]:
    """Return every type of resource that the tables have."""
    found: dict[str, Kind] = {}
    for name in _TABLES:
        data = table(name)
        versions = tuple(str(data["versions"]).split())
        provider = Provider(data["provider"], data["name"], data["refuses"], versions)
        for type_, facts in data["resources"].items():
            found[type_] = _kind(provider, data["tree"], facts)
    return found


def _kind(provider: Provider, tree: str, facts: Mapping[str, Any]) -> Kind:
    def words(*names: str) -> frozenset[str]:
        return frozenset(word for name in names for word in facts.get(name, "").split())

    kept = facts.get("keeps")
    return Kind(
        provider,
        f"{tree}/{facts['source']}",
        words("replacing") - words("maybe"),
        words("compared") - words("maybe"),
        words("unsure", "maybe"),
        facts.get("name", "name"),
        facts.get("data", ""),
        facts.get("lost", ""),
        Kept(kept["argument"], kept["value"], kept["default"], facts["refusal"]) if kept else None,
    )


def constraints(modules: Iterable[Module]) -> Iterator[tuple[str, Leaf]]:
    """Yield each provider of the modules, by its address, with the constraint on its version."""
    for module in modules:
        for block in module.blocks("terraform"):
            for entry in (each for inner in block.blocks("required_providers") for each in children(inner)):
                version = entry.leaf("version") if isinstance(entry, Map) else None
                if isinstance(entry, Map) and version:
                    yield entry.text("source"), version


def other_version(terraform: Terraform, module: Module | None, provider: Provider) -> str:
    """Return the constraint by which a module takes a major version that was not read; "" without one."""
    own = [
        version for source, version in constraints([module] if module else []) if source == provider.source
    ]
    every = constraints(terraform.modules.values())
    for version in own or [version for source, version in every if source == provider.source]:
        major = re.search(r"\d+", version.text)
        if major and major[0] not in provider.majors:
            return version.text
    return ""
