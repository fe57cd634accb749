"""The patches of a kustomization: which objects each is for, and what it does to them."""

from __future__ import annotations

from collections.abc import Callable

from generator.languages import read
from generator.languages.node import Leaf, Map, Seq
from generator.languages.source import Source
from generator.system.kubernetes import Object
from generator.system.kustomize import json_patch, merge
from generator.system.kustomize.nodes import RefusedError, UnknownError, relocate
from generator.system.kustomize.objects import Id, Resource, only, select

Documents = Callable[[str], Seq]


def run(resources: list[Resource], kustomization: Map, documents: Documents) -> None:
    """Apply `patchesStrategicMerge` and `patches`; `documents` reads a file."""
    for entry in kustomization.seq("patchesStrategicMerge").leaves():
        inline = "\n" in entry.text or entry.text.startswith("{")
        content = _inline(entry) if inline else documents(entry.text)
        for patch in content.maps():
            _merge(resources, patch)
    for item in kustomization.seq("patches"):
        if not isinstance(item, Map):
            raise UnknownError("patches with an item that is not a map")
        _patch(resources, item, documents)


def run_json(resources: list[Resource], kustomization: Map, documents: Documents) -> None:
    """Apply `patchesJson6902`."""
    for entry in kustomization.maps("patchesJson6902"):
        _patch(resources, entry, documents)


def _patch(resources: list[Resource], entry: Map, documents: Documents) -> None:
    inline, path = entry.leaf("patch"), entry.leaf("path")
    if (inline is None) == (path is None):
        raise RefusedError("a patch needs one of patch and path", entry.at)
    content = _inline(inline) if inline is not None else documents(entry.text("path"))
    target = entry.map("target") if "target" in entry else None
    for patch in content:
        if isinstance(patch, Seq):
            if target is None:
                raise RefusedError("a JSON patch needs a target", entry.at)
            _operate(resources, patch, target)
        elif isinstance(patch, Map) and target is None:
            _merge(resources, patch)
        elif isinstance(patch, Map) and target is not None:
            _merge_all(select(resources, target), patch, entry.map("options"), resources)


def _operate(resources: list[Resource], operations: Seq, target: Map) -> None:
    """Apply a JSON patch to the objects that a target selects."""
    for each in select(resources, target):
        each.remember()
        each.node = json_patch.apply(each.node, operations)


def _merge_all(selected: list[Resource], patch: Map, options: Map, resources: list[Resource]) -> None:
    """Apply a strategic merge patch to the objects that a target selected."""
    renames = options.value("allowNameChange") is True
    changes_kind = options.value("allowKindChange") is True
    for each in selected:
        if renames or changes_kind:
            each.remember()
        if not merge.apply(each, patch, renames=renames, changes_kind=changes_kind):
            _remove(resources, each)


def _merge(resources: list[Resource], patch: Map) -> None:
    """Apply a strategic merge patch to the object that it names."""
    one = Resource(patch.source, patch)
    wanted = Id(one.type, Object(patch.source, patch).namespace, patch.text("metadata", "name"))
    if not wanted.type.kind or not wanted.name:
        raise UnknownError("a patch without kind and name")
    target = only(resources, wanted, "a patch")
    if not merge.apply(target, patch):
        _remove(resources, target)


def _remove(resources: list[Resource], gone: Resource) -> None:
    resources[:] = [each for each in resources if each is not gone]


def _inline(entry: Leaf) -> Seq:
    """Return the documents of a patch that stands in the kustomization, at the place of its key."""
    result = read(Source(entry.source.path, entry.text, "yaml", entry.source.label))
    if result is None or result.problems or not isinstance(result.node, Seq):
        raise UnknownError("a patch that cannot be read")
    moved = relocate(result.node, entry)
    return moved if isinstance(moved, Seq) else Seq()
