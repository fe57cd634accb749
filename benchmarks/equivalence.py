"""Compare the output of two tools: times can be compared only if the output is equivalent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

Manifests = dict[tuple[str, str, str], Any]


def manifests(texts: Iterable[str]) -> Manifests:
    """Return the Kubernetes objects in YAML texts, by API version, kind and name."""
    documents = (document for text in texts for document in yaml.safe_load_all(text) if document)
    return {(each["apiVersion"], each["kind"], each["metadata"]["name"]): each for each in documents}


def differing_manifests(ours: Manifests, theirs: Manifests) -> list[str]:
    """Return the objects that exist on one side only, or that differ in more than comments."""
    return [" ".join(key) for key in sorted({*ours, *theirs}) if ours.get(key) != theirs.get(key)]


def differing_files(ours: Mapping[str, str], theirs: Mapping[str, str]) -> list[str]:
    """Return the paths that exist on one side only, or whose files differ: YAML in meaning, others in text."""
    return [
        path
        for path in sorted({*ours, *theirs})
        if path not in ours or path not in theirs or not _same(path, ours[path], theirs[path])
    ]


def _same(path: str, one: str, other: str) -> bool:
    if path.endswith((".yaml", ".yml")):
        return list(yaml.safe_load_all(one)) == list(yaml.safe_load_all(other))
    return one.rstrip("\n") == other.rstrip("\n")
