"""What the API server refuses of an object by itself, by the schema and the validation of Kubernetes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from generator.languages.node import without_nulls
from generator.system.api_server import definitions, objects, pods, services, workloads
from generator.system.api_server.objects import name_of
from generator.system.api_server.schema import Here, Refusal, Walk, schema
from generator.system.kubernetes import Object

_RULES = {**pods.RULES, **workloads.RULES, **services.RULES, **objects.RULES, **definitions.RULES}


def is_stored(each: Object) -> bool:
    """Return whether an object is of a kind of Kubernetes' stable API, which are known to need a name."""
    return f"{each.version} {each.kind}" in schema()["kinds"]


def refusals(each: Object, minor: int | None = None) -> Iterator[Refusal]:
    """Yield why the API server of Kubernetes 1.`minor` refuses an object; None stands for an unknown version."""
    if each.is_builtin:
        each = replace(each, node=without_nulls(each.node))
        yield from name_of(each.node, Here("", each))
        yield from Walk(each, minor, _RULES).object()


__all__ = ["Refusal", "is_stored", "refusals"]
