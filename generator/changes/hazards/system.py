"""The files of one side, read: Kubernetes objects, Terraform blocks, workflows; and what could not be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from generator.changes.diff import Files
from generator.changes.diff.files import read, reason
from generator.languages import language_of
from generator.languages.node import Leaf, Map, Node, ReadResult, Seq
from generator.system.terraform_model import Terraform

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
    def terraform(self) -> Terraform:
        """The modules of Terraform."""
        return Terraform({path: ReadResult(node) for path, node in self.nodes.items()})

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
