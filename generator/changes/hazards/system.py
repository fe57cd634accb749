"""The files of one side, read: Kubernetes objects, Terraform blocks, workflows; and what could not be read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from generator.changes.diff import Files
from generator.changes.diff.files import read, reason
from generator.languages import language_of
from generator.languages.node import Leaf, Map, Node, ReadResult, Seq, moved

# Kinds that are the cluster's own and in no namespace.
_CLUSTER = frozenset(
    "APIService ClusterRole ClusterRoleBinding CSIDriver CustomResourceDefinition IngressClass Namespace Node "
    "PersistentVolume PriorityClass RuntimeClass StorageClass ValidatingWebhookConfiguration VolumeAttributesClass "
    "MutatingWebhookConfiguration".split()
)
_NOT_APPLIED = "kustomize.config.k8s.io"


@dataclass(frozen=True, slots=True)
class Object:
    """A Kubernetes object: `node` is all of it, and `applied` whether a kustomization names its file."""

    kind: str
    group: str
    namespace: str
    name: str
    node: Map
    path: str
    applied: bool = True

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What the API server knows it by; the version of its API is none of that."""
        return self.group, self.kind, self.namespace, self.name

    @property
    def subject(self) -> str:
        """The object, as kubectl's users name it."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

    @property
    def builtin(self) -> bool:
        """Whether it is Kubernetes' own, so that its rules are known."""
        return "." not in self.group or self.group.endswith(".k8s.io") or self.group in _BUILTIN_GROUPS

    @property
    def template(self) -> Map:
        """The template of its pods; an empty map when it has none."""
        if self.kind == "CronJob":
            return self.node.map("spec", "jobTemplate", "spec", "template")
        return self.node.map("spec", "template")


_BUILTIN_GROUPS = frozenset(["apps", "batch", "autoscaling", "policy", ""])


@dataclass(frozen=True, slots=True)
class Block:
    """A block of Terraform: `address` is `aws_db_instance.postgres`, `module.eks`, or the kind of a block alone."""

    kind: str
    type: str
    name: str
    body: Map
    path: str

    @property
    def address(self) -> str:
        """What Terraform calls it."""
        if self.kind == "resource":
            return f"{self.type}.{self.name}"
        return ".".join(part for part in (self.kind, self.type, self.name) if part)


@dataclass(frozen=True)
class System:
    """One side of a comparison, read once."""

    files: Files
    unread: dict[str, str] = field(default_factory=dict)
    """Why a file could not be read, by its path."""
    memory: dict[tuple[str, str], ReadResult | None] = field(default_factory=dict)
    """What was read already; systems that have most files in common may share it."""

    def language(self, path: str) -> str | None:
        """Return the language of a file."""
        return language_of(path, self.files[path])

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """Every file that has a structure, by path."""
        nodes: dict[str, Node] = {}
        for path, text in sorted(self.files.items()):
            if path.endswith(".example"):
                continue
            if (path, text) not in self.memory:
                self.memory[path, text] = read(path, text)
            found = self.memory[path, text]
            if found is None:
                continue
            if found.problems:
                self.unread[path] = reason(found.problems[0])
            else:
                nodes[path] = found.node
        return nodes

    @cached_property
    def objects(self) -> Mapping[tuple[str, str, str, str], Object]:
        """The Kubernetes objects, by what the API server knows them by."""
        found = (each for path, node in self.nodes.items() for each in self._objects(path, node))
        return {each.key: each for each in found}

    def _objects(self, path: str, node: Node) -> Iterator[Object]:
        if self.language(path) != "kubernetes" or not isinstance(node, Seq):
            return
        for document in node.items:
            if (
                not isinstance(document, Map)
                or not document.text("kind")
                or not document.text("metadata", "name")
            ):
                continue
            api, _, _ = document.text("apiVersion").rpartition("/")
            kind = document.text("kind")
            if api == _NOT_APPLIED:
                continue
            namespace = "" if kind in _CLUSTER else document.text("metadata", "namespace")
            name = document.text("metadata", "name")
            yield Object(kind, api, namespace, name, document, path, self._applied(path))

    def _applied(self, path: str) -> bool:
        folder, _, name = path.rpartition("/")
        listed = self.nodes.get(f"{folder}/kustomization.yaml")
        if not isinstance(listed, Seq) or not listed.items or not isinstance(listed.items[0], Map):
            return True
        resources = listed.items[0].get("resources")
        return isinstance(resources, Seq) and Leaf(name) in resources.items

    @cached_property
    def blocks(self) -> Mapping[str, Block]:
        """The blocks of Terraform, by address; of those that have none of their own, by kind and number."""
        found: dict[str, Block] = {}
        for path, node in self.nodes.items():
            if not path.endswith(".tf") or not isinstance(node, Map):
                continue
            for label, body in node.entries.items():
                if not isinstance(body, Map):
                    continue
                kind, type_, name = [*label.partition("#")[0].split("."), "", ""][:3]
                block = Block(kind, type_, name, body, path)
                address, number = block.address, 1
                while address in found:
                    number += 1
                    address = f"{block.address}#{number}"
                found[address] = block
        return found

    def of_kind(self, kind: str) -> list[Block]:
        """Return the blocks of one kind, such as `resource`."""
        return [block for block in self.blocks.values() if block.kind == kind]

    @cached_property
    def resources(self) -> Mapping[str, Block]:
        """The managed resources, by address."""
        return {block.address: block for block in self.of_kind("resource")}

    @cached_property
    def locals(self) -> Mapping[str, Node]:
        """The named expressions."""
        return {name: node for block in self.of_kind("locals") for name, node in block.body.entries.items()}

    @cached_property
    def variables(self) -> Mapping[str, Node]:
        """What is known of each variable's value: the default, or what a `.tfvars` file sets."""
        known = {
            block.type: block.body.entries["default"]
            for block in self.of_kind("variable")
            if "default" in block.body.entries
        }
        for path, node in self.nodes.items():
            if path.endswith(".tfvars") and isinstance(node, Map):
                known.update(node.entries)
        return known

    def resolved(self, node: Node | None, depth: int = 0) -> Node | None:
        """Return `node` with the values of variables and locals in the place of their names, where they are known."""
        if isinstance(node, Map):
            entries = {key: self.resolved(value, depth) or value for key, value in node.entries.items()}
            return moved(Map(entries), node)
        if isinstance(node, Seq):
            return moved(Seq(tuple(self.resolved(item, depth) or item for item in node)), node)
        if not isinstance(node, Leaf) or not node.is_code or depth > 20:
            return node
        text = str(node.value)
        whole = _REFERENCE.fullmatch(text)
        if whole:
            found = self._named(whole[1], whole[2])
            if found is not None:
                return moved(self.resolved(found, depth + 1) or found, node)
        text = _REFERENCE.sub(lambda match: self._inline(match, depth), text)
        return moved(Leaf(text, text=text, is_code=True), node)

    def _named(self, kind: str, name: str) -> Node | None:
        return self.variables.get(name) if kind == "var" else self.locals.get(name)

    def _inline(self, match: re.Match[str], depth: int) -> str:
        found = self.resolved(self._named(match[1], match[2]), depth + 1)
        return match[0] if found is None else _written(found)

    @cached_property
    def workflows(self) -> Mapping[str, Map]:
        """GitHub's workflows, by path."""
        return {
            path: node.items[0]
            for path, node in self.nodes.items()
            if self.language(path) == "github"
            and isinstance(node, Seq)
            and node.items
            and isinstance(node.items[0], Map)
        }

    @cached_property
    def commands(self) -> str:
        """Everything that workflows and scripts run, as one text."""
        return "\n".join(
            text for path, text in self.files.items() if self.language(path) in ("github", "shell")
        ).replace("\\\n", " ")


_REFERENCE = re.compile(r"(?<![\w.])(var|local)\.([A-Za-z_][\w-]*)(?![\w.\[-])")


def _written(node: Node) -> str:
    """Write a value so that equal ones are written alike."""
    if isinstance(node, Leaf):
        return str(node.value) if node.is_code else repr(node.value)
    if isinstance(node, Map):
        return f"{{{', '.join(f'{key} = {_written(value)}' for key, value in sorted(node.entries.items()))}}}"
    return f"[{', '.join(_written(item) for item in node.items)}]"
