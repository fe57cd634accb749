"""`configMapGenerator` and `secretGenerator`: the objects that they make, and the hash at the end of names."""

from __future__ import annotations

import base64
import hashlib
import json
import posixpath
from collections.abc import Callable, Iterator

from generator.findings.record import record
from generator.languages.node import Leaf, Map, Node
from generator.languages.source import Source
from generator.system.kustomize.nodes import RefusedError, UnknownError, leaf, mapping, put, strings
from generator.system.kustomize.objects import Resource, named

Read = Callable[[str], str]
_KEYS = frozenset("name namespace behavior files envs env literals options type".split())


@record
class Generator:
    """The generators of one kustomization: `read` returns the text of a file by its path as it is written there."""

    source: Source
    kustomization: Map
    read: Read

    def run(self, resources: list[Resource]) -> None:
        """Add the generated objects, or merge them into those that are there."""
        for kind, key in (("ConfigMap", "configMapGenerator"), ("Secret", "secretGenerator")):
            for entry in self.kustomization.maps(key):
                if unknown := next((name for name in entry if name not in _KEYS), ""):
                    raise RefusedError(f"{key} has no field {unknown}", entry.key_place(unknown))
                _absorb(resources, self._resource(kind, entry), entry)

    def _resource(self, kind: str, entry: Map) -> Resource:
        data = {key: self._value(kind, text, at) for key, text, at in self._entries(entry)}
        common, own = self.kustomization.map("generatorOptions"), entry.map("options")
        metadata: dict[str, Node] = {"name": leaf(entry.text("name"), entry.leaf("name") or entry)}
        if entry.text("namespace"):
            metadata["namespace"] = leaf(entry.text("namespace"), entry.leaf("namespace") or entry)
        for key in ("labels", "annotations"):
            texts = {**dict(strings(common.map(key))), **dict(strings(own.map(key)))}
            if texts:
                metadata[key] = mapping(texts.items(), entry)
        nodes: dict[str, Node] = {
            "apiVersion": leaf("v1", entry),
            "kind": leaf(kind, entry),
            "metadata": mapping(metadata.items(), entry),
        }
        if data or kind == "Secret":
            nodes["data"] = mapping(sorted(data.items()), entry)
        if kind == "Secret":
            nodes["type"] = leaf(entry.text("type") or "Opaque", entry)
        if True in (common.value("immutable"), own.value("immutable")):
            nodes["immutable"] = leaf(True, entry)
        plain = True in (common.value("disableNameSuffixHash"), own.value("disableNameSuffixHash"))
        return Resource(self.source, mapping(nodes.items(), entry), hashed=not plain)

    def _value(self, kind: str, text: str, at: Leaf) -> Leaf:
        return leaf(base64.b64encode(text.encode()).decode() if kind == "Secret" else text, at)

    def _entries(self, entry: Map) -> Iterator[tuple[str, str, Leaf]]:
        """Yield key, value and place of each entry of data."""
        envs = [*entry.seq("envs").leaves(), *filter(None, [entry.leaf("env")])]
        for each in envs:
            for key, text in _environment(self.read(each.text)):
                yield key, text, each
        for each in entry.seq("literals").leaves():
            key, equals, text = each.text.partition("=")
            if not equals or not key:
                raise RefusedError(f"the literal {each.text} is not KEY=VALUE", each.at)
            if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
                text = text[1:-1]
            yield key, text, each
        for each in entry.seq("files").leaves():
            key, equals, path = each.text.partition("=")
            path = path if equals else key
            yield key if equals else posixpath.basename(path), self.read(path), each


def _environment(text: str) -> Iterator[tuple[str, str]]:
    for line in text.removeprefix("\ufeff").splitlines():
        line = line.lstrip()
        if not line or line.startswith("#"):
            continue
        key, equals, value = line.partition("=")
        if not equals:
            raise UnknownError(f"{key} comes from the environment of the command")
        yield key, value


def _absorb(resources: list[Resource], made: Resource, entry: Map) -> None:
    """Add a generated object; with `merge` and `replace`, in the place of the one with its name."""
    found, behavior = named(resources, made.id), entry.text("behavior")
    if behavior in ("", "create", "unspecified"):
        if found:
            message = (
                f"{made.object.identity} is generated and exists, which needs the behavior merge or replace"
            )
            raise RefusedError(message, entry.at)
        resources.append(made)
        return
    if behavior not in ("merge", "replace") or len(found) > 1:
        raise UnknownError(f"the behavior {behavior} of {made.object.identity}")
    if not found:
        message = f"the behavior {behavior} needs another {made.object.identity}, which is not there"
        raise RefusedError(message, entry.at_key("behavior"))
    _replace(found[0], made, merges=behavior == "merge")


def _replace(old: Resource, made: Resource, *, merges: bool) -> None:
    """Put a generated object in the place of one that is there, whose data it may keep."""
    for key in ("labels", "annotations"):
        texts = {**old.node.map("metadata", key).entries, **made.node.map("metadata", key).entries}
        if texts:
            made.node = put(
                made.node, "metadata", put(made.node.map("metadata"), key, mapping(texts.items(), made.node))
            )
    metadata = made.node.map("metadata")
    for key in ("name", "namespace"):
        metadata = put(metadata, key, old.node.map("metadata").entries.get(key))
    made.node = put(made.node, "metadata", metadata)
    if merges:
        for key in ("data", "binaryData"):
            data = {**old.node.map(key).entries, **made.node.map(key).entries}
            if data:
                made.node = put(made.node, key, mapping(data.items(), made.node))
    old.node, old.source, old.hashed = made.node, made.source, made.hashed or old.hashed


def add_hash(resource: Resource) -> None:
    """Add the hash of its content to the name of a generated object."""
    node, name = resource.node, resource.node.text("metadata", "name")
    content: dict[str, object] = {"kind": node.text("kind"), "name": ""}  # kustomize 5 leaves the name empty
    content["data"] = node.map("data").texts() if "data" in node else ""
    if node.text("kind") == "Secret":
        content["type"] = node.text("type")
    if len(node.map("binaryData")):
        content["binaryData"] = node.map("binaryData").texts()
    resource.remember()
    at = node.map("metadata").leaf("name") or node
    resource.set_metadata("name", f"{name}-{_digest(content)}", at)


def _digest(content: object) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    for each in "<>&\u2028\u2029":  # as Go's encoding/json writes them
        text = text.replace(each, f"\\u{ord(each):04x}")
    digest = hashlib.sha256(text.encode()).hexdigest()[:10]
    return digest.translate(str.maketrans("013ae", "ghkmt"))
