"""Manifests: objects pair by kind and name, and a ConfigMap's JSON is read as JSON.

Where the document leaves a field to Kubernetes and the rendered tree does not, the default counts as
what the document says, for the fields whose change is noticed in use: the namespace of the objects, how
a Deployment is updated, and whether a container may write to its image.
"""

import copy
import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from .changes import Change, ParseError
from .yaml_files import compare, flow, load_all

STRATEGY = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}}


def changes(document: str, rendered: str) -> Iterator[Change]:
    theirs = _objects(rendered)
    yield from _namespaces(_objects(document), theirs)
    for address, manifest in _objects(document).items():
        if address in theirs:
            ours, other = _with_defaults(manifest), _with_defaults(theirs[address])
            yield from compare(f"{address} ", ours, other, _json_rule)
        else:
            yield Change(address, flow(manifest), "")


def _namespaces(ours: dict[str, Any], theirs: dict[str, Any]) -> Iterator[Change]:
    """Yield one change for all objects of a file that have no namespace in the document."""
    found = {
        theirs[address]["metadata"].get("namespace", "default")
        for address, manifest in ours.items()
        if address in theirs and "namespace" not in manifest["metadata"]
    }
    for namespace in sorted(found - {"default"}):
        yield Change("metadata.namespace", "default", namespace)


def _with_defaults(manifest: object) -> object:
    """Return a manifest with the defaults of a Deployment, as far as it has the form of one."""
    filled = copy.deepcopy(manifest)
    match filled:
        case {"kind": "Deployment", "spec": dict(spec)}:
            strategy = spec.setdefault("strategy", {})
            if isinstance(strategy, dict):  # `Recreate` has no rollingUpdate; the type is difference enough
                spec["strategy"] = copy.deepcopy(STRATEGY) | strategy
            for container in _containers(spec):
                security = container.setdefault("securityContext", {})
                if isinstance(security, dict):
                    security.setdefault("readOnlyRootFilesystem", False)
    return filled


def _containers(spec: dict[str, Any]) -> list[dict[str, Any]]:
    match spec:
        case {"template": {"spec": {"containers": list(containers)}}}:
            return [each for each in containers if isinstance(each, dict)]
    return []


@lru_cache(16)
def _objects(text: str) -> dict[str, object]:
    objects: dict[str, object] = {}
    for manifest in load_all(text):
        address = _address(manifest)
        if address in objects:
            raise ParseError(f"{address} is there twice")
        objects[address] = manifest
    return objects


def _address(manifest: object) -> str:
    match manifest:
        case {"kind": str(kind), "metadata": {"name": str(name)}}:
            return f"{kind}/{name}"
    raise ParseError("an object without kind or metadata.name")


def _json_rule(place: str, document: object, rendered: object) -> Iterable[Change] | None:
    ours, theirs = _json(document), _json(rendered)
    if ours is None or theirs is None:
        return None
    return compare(f"{place} ", ours, theirs, _json_rule)


def _json(value: object) -> object:
    """The object or array that a string holds, None for any other value."""
    try:
        parsed: object = json.loads(value) if isinstance(value, str) else None
    except json.JSONDecodeError:
        return None
    return parsed if isinstance(parsed, dict | list) else None
