"""What a kustomization changes in all of its objects: namespace, names, labels, images, replicas."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from operator import is_

from generator.languages.node import Leaf, Map, Node, Seq, walk
from generator.system.kustomize.nodes import (
    Field,
    RefusedError,
    Type,
    UnknownError,
    change,
    field_path,
    fields,
    fields_of,
    leaf,
    mapping,
    put,
    strings,
)
from generator.system.kustomize.objects import Resource

_UNNAMED = frozenset(["CustomResourceDefinition", "APIService", "Namespace"])  # they get no prefix and suffix
_BINDINGS = frozenset(["RoleBinding", "ClusterRoleBinding"])


def transform(resource: Resource, specs: Iterable[Field], to: Map) -> None:
    """Set the entries of `to` in the maps that the fields lead to."""
    added = dict(strings(to))

    def merged(node: Node | None) -> Node:
        base = node if isinstance(node, Map) else mapping((), to)
        new = {key: value for key, value in added.items() if base.value(key) != value.value}
        return replace(base, entries={**base.entries, **new}) if new or base is not node else base

    kind = resource.type
    for each in specs:
        if each.type.selects(kind):
            changed = change(resource.node, each.path, merged, to if each.create else None)
            resource.node = changed if isinstance(changed, Map) else resource.node


def set_namespace(resources: list[Resource], at: Leaf) -> None:
    """Set the namespace of every object that is in one, and of what names it."""
    for each in resources:
        each.remember()
        if not each.is_cluster_scoped:
            each.set_metadata("namespace", at.text, at)
        for spec in fields_of(each.type, "namespace"):
            changed = change(each.node, spec.path, lambda old: _text(old, at), at if spec.create else None)
            each.node = changed if isinstance(changed, Map) else each.node
        if each.node.text("kind") in _BINDINGS and isinstance(each.node.get("subjects"), Seq):
            subjects = each.node.seq("subjects")
            items = tuple(_subject(item, at) for item in subjects)
            each.node = put(each.node, "subjects", replace(subjects, items=items))


def _subject(item: Node, at: Leaf) -> Node:
    if isinstance(item, Map) and (item.text("kind"), item.text("name")) == ("ServiceAccount", "default"):
        return put(item, "namespace", _text(item.get("namespace"), at))
    return item


def _text(old: Node | None, at: Leaf) -> Leaf:
    """Return the text of `at`; a leaf that has it already keeps its place."""
    return old if isinstance(old, Leaf) and old.value == at.text else leaf(at.text, at)


def set_names(resources: list[Resource], prefix: Leaf | None, suffix: Leaf | None) -> None:
    """Add a prefix and a suffix to the names of objects."""
    for each in resources:
        if (each.previous[0] if each.previous else each.id).type.kind in _UNNAMED:
            continue
        for at, is_prefix in ((prefix, True), (suffix, False)):
            if at is None or not at.text:
                continue
            each.remember()
            (each.prefixes if is_prefix else each.suffixes).append(at.text)
            name = each.node.text("metadata", "name")
            each.set_metadata("name", at.text + name if is_prefix else name + at.text, at)


def set_labels(resources: list[Resource], kustomization: Map) -> None:
    """Set `labels`, `commonLabels` and `commonAnnotations`."""
    plain = Field(Type(), ("metadata", "labels"), create=True)
    for entry in kustomization.maps("labels"):
        specs = [_custom(each) for each in entry.maps("fields")]
        if entry.value("includeSelectors") is True:
            specs += fields("labels")
        else:
            specs += fields("templates") if entry.value("includeTemplates") is True else ()
            specs.append(plain)
        for each in resources:
            transform(each, specs, entry.map("pairs"))
    for key, name in (("commonLabels", "labels"), ("commonAnnotations", "annotations")):
        if kustomization.map(key):
            for each in resources:
                transform(each, fields(name), kustomization.map(key))


def _custom(entry: Map) -> Field:
    kind = Type(entry.text("group"), entry.text("version"), entry.text("kind"))
    return Field(kind, field_path(entry.text("path")), entry.value("create") is True)


def set_replicas(resources: list[Resource], entry: Map) -> None:
    """Set the number of replicas of the workloads of a name."""
    found = False
    count = entry.leaf("count")
    if count is None:
        raise UnknownError("replicas without a count")
    for each in resources:
        for spec in fields("replicas"):
            if any(spec.type.selects(one.type) and one.name == entry.text("name") for one in each.ids):
                found = True
                changed = change(each.node, spec.path, lambda old: _count(old, count), count)
                each.node = changed if isinstance(changed, Map) else each.node
    if not found:
        message = f"replicas are set for {entry.text('name')}, which is no object of it"
        raise RefusedError(message, entry.at)


def _count(old: Node | None, count: Leaf) -> Leaf:
    return old if isinstance(old, Leaf) and old.value == count.value else leaf(count.value, count)


def set_images(resources: list[Resource], entries: Iterable[Map]) -> None:
    """Change the images of a name in every container, entry by entry."""
    patterns = [(_pattern(entry), entry) for entry in entries]
    for each in resources:
        if each.type.kind == "CustomResourceDefinition":
            continue
        names = _image_names(each.node)
        for pattern, entry in patterns:
            if not any(map(pattern.fullmatch, names)):
                continue
            changed = _images(each.node, pattern, entry)
            for spec in fields("images"):
                changed = change(changed, spec.path, partial(_image, pattern=pattern, entry=entry))
            each.node = changed if isinstance(changed, Map) else each.node
            names = _image_names(each.node)


def _image_names(node: Node) -> set[str]:
    """Return every text where the name of an image may stand."""
    maps = (each for each in walk(node) if isinstance(each, Map))
    fields = (each.entries.get(key) for each in maps for key in ("image", "reference"))
    return {field.text for field in fields if isinstance(field, Leaf)}


def _pattern(entry: Map) -> re.Pattern[str]:
    if "tagSuffix" in entry:
        raise UnknownError("images with tagSuffix")
    try:
        return re.compile(f"{entry.text('name')}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?")
    except re.error as problem:
        raise UnknownError(f"the image {entry.text('name')} is no pattern") from problem


def _images(node: Node, pattern: re.Pattern[str], entry: Map) -> Node:
    """Change the images in every list of containers below a node."""
    if isinstance(node, Seq):
        items = tuple(_images(item, pattern, entry) for item in node.items)
        return node if all(map(is_, items, node.items)) else replace(node, items=items)
    if not isinstance(node, Map):
        return node
    entries = {key: _images(value, pattern, entry) for key, value in node.entries.items()}
    for key in ("containers", "initContainers"):
        if isinstance(entries.get(key), Seq):
            entries[key] = change(entries[key], ("image",), lambda old: _image(old, pattern, entry))
    same = all(map(is_, entries.values(), node.entries.values()))
    return node if same else replace(node, entries=entries)


def _image(node: Node | None, pattern: re.Pattern[str], entry: Map) -> Node:
    if not isinstance(node, Leaf) or not pattern.fullmatch(node.text):
        return node if node is not None else leaf(None, entry)
    name, _, digest = node.text.partition("@")
    slash, colon = name.rfind("/"), name.rfind(":")
    name, tag = (name[:colon], name[colon + 1 :]) if colon > slash else (name, "")
    name = entry.text("newName") or name
    if entry.text("newTag") or entry.text("digest"):
        tag, digest = entry.text("newTag"), entry.text("digest")
    text = name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    at = entry.leaf("newTag") or entry.leaf("digest") or entry.leaf("newName") or entry
    return leaf(text, at) if text != node.text else node
