"""Manifests: objects pair by kind and name, and a ConfigMap's JSON is read as JSON."""

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache

from .changes import Change, ParseError
from .yaml_files import compare, flow, load_all


def changes(document: str, rendered: str) -> Iterator[Change]:
    theirs = _objects(rendered)
    for address, manifest in _objects(document).items():
        if address in theirs:
            yield from compare(f"{address} ", manifest, theirs[address], _json_rule)
        else:
            yield Change(address, flow(manifest), "")


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
