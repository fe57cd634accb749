"""Kubernetes objects: what identifies them, their pods and containers, and what selectors choose."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from generator.findings import Span
from generator.findings.record import record
from generator.languages.node import Leaf, Map, Node, Scalar, Seq
from generator.languages.source import Source

# The kinds that make pods.
WORKLOADS = frozenset(
    "CronJob DaemonSet Deployment Job Pod ReplicaSet ReplicationController StatefulSet".split()
)
# The kinds of Kubernetes that are in no namespace: "scope": "Cluster" in api/discovery/aggregated_v2.json of
# github.com/kubernetes/kubernetes, and ComponentStatus; read 2026-11-29.
CLUSTER_SCOPED = frozenset(
    "APIService CSIDriver CSINode CertificateSigningRequest ClusterRole ClusterRoleBinding ClusterTrustBundle"
    " ComponentStatus CustomResourceDefinition DeviceClass DeviceTaintRule FlowSchema IPAddress IngressClass"
    " MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration Namespace Node"
    " PersistentVolume PriorityClass PriorityLevelConfiguration ResourceSlice RuntimeClass SelfSubjectAccessReview"
    " SelfSubjectReview SelfSubjectRulesReview ServiceCIDR StorageClass StorageVersion StorageVersionMigration"
    " SubjectAccessReview TokenReview ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding"
    " ValidatingWebhookConfiguration VolumeAttachment VolumeAttributesClass".split()
)
INGRESS_CLASS = "kubernetes.io/ingress.class"
# The kinds of which a whole object has a selector, and the names of patches, as for `kubectl patch --patch-file`.
_SELECTING = frozenset("DaemonSet Deployment ReplicaSet StatefulSet".split())
_PATCH = re.compile(r"(?:^|[/_.-])patch(?:es)?[/_.-]")
PROBES = ("startupProbe", "livenessProbe", "readinessProbe")

Key = tuple[str, str, str, str]
_BUILTIN_GROUPS = frozenset(["", "apps", "autoscaling", "batch", "extensions", "policy"])
# The groups that kinds of `extensions` are in now: kubernetes.io/docs/reference/using-api/deprecation-guide.
_MOVED = {
    "DaemonSet": "apps",
    "Deployment": "apps",
    "Ingress": "networking.k8s.io",
    "NetworkPolicy": "networking.k8s.io",
    "PodSecurityPolicy": "policy",
    "ReplicaSet": "apps",
}
_SOPS = re.compile(r"ENC\[AES256_GCM,data:([A-Za-z0-9+/=]*),.*type:([a-z]+)\]")
_KUSTOMIZE = "kustomize.config.k8s.io"
_KUSTOMIZATIONS = frozenset(["kustomization.yaml", "kustomization.yml", "Kustomization"])


@record
class Object:
    """A Kubernetes object: `node` is all of it, `root` is the kustomization that builds it, if one does."""

    source: Source
    node: Map
    root: str = ""

    @property
    def path(self) -> str:
        return self.source.path

    @cached_property
    def kind(self) -> str:
        return self.node.text("kind")

    @property
    def version(self) -> str:
        """Its `apiVersion`: group and version."""
        return self.node.text("apiVersion")

    @cached_property
    def group(self) -> str:
        return self.version.rpartition("/")[0]

    @property
    def metadata(self) -> Map:
        return self.node.map("metadata")

    @cached_property
    def name(self) -> str:
        return self.metadata.text("name")

    @cached_property
    def namespace(self) -> str:
        """Its namespace; "" when it names none, or is of a kind that is in none."""
        return "" if self.is_cluster_scoped else self.metadata.text("namespace")

    @property
    def key(self) -> Key:
        """What the API server identifies it by: without version, with the group that the kind is in now."""
        group = _MOVED.get(self.kind, self.group) if self.group == "extensions" else self.group
        return group, self.kind, "" if self.namespace == "default" else self.namespace, self.name

    @property
    def spec(self) -> Map:
        return self.node.map("spec")

    @property
    def identity(self) -> str:
        """Its kind and name: `Deployment/backend`."""
        return f"{self.kind}/{self.name}"

    @property
    def subject(self) -> str:
        """The object as users of kubectl name it: `Deployment shop/backend`."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

    @property
    def at(self) -> Span:
        """The place of its name."""
        return self.metadata.at_key("name")

    @property
    def is_builtin(self) -> bool:
        """Whether it is of Kubernetes itself, so that its rules are known."""
        return "." not in self.group or self.group.endswith(".k8s.io") or self.group in _BUILTIN_GROUPS

    @property
    def is_cluster_scoped(self) -> bool:
        return self.kind in CLUSTER_SCOPED and self.is_builtin

    @property
    def is_example(self) -> bool:
        """Whether its file is an example, which is not applied."""
        return self.path.endswith(".example")

    @property
    def is_kustomization(self) -> bool:
        """Whether it is read by kustomize and never sent to the API server: by its group or the name of its file.

        What a generator makes stands in the file of a kustomization as well, and is applied.
        """
        is_named = posixpath.basename(self.path) in _KUSTOMIZATIONS and not self.root
        return is_named or self.group == _KUSTOMIZE

    @property
    def resources(self) -> list[str]:
        """The paths that a kustomization lists, relative to the tree."""
        folder = posixpath.dirname(self.path)
        listed = [*self.node.seq("resources").texts(), *self.node.seq("bases").texts()]
        return [posixpath.normpath(posixpath.join(folder, text)) for text in listed]

    @property
    def patches(self) -> list[str]:
        """The paths of the patches that a kustomization lists, relative to the tree."""
        folder = posixpath.dirname(self.path)
        listed = [
            each.text("path") for name in ("patches", "patchesJson6902") for each in self.node.maps(name)
        ]
        listed += [
            text for name in ("patchesStrategicMerge", "patches") for text in self.node.seq(name).texts()
        ]
        return [
            posixpath.normpath(posixpath.join(folder, text)) for text in listed if text and "\n" not in text
        ]

    def is_apart(self, other: Object) -> bool:
        """Return whether another object is built by another kustomization, so that the two may never meet."""
        return bool(self.root and other.root) and self.root != other.root

    @cached_property
    def is_partial(self) -> bool:
        """Whether it is only a part of an object, for a tool that merges it into the whole."""
        if self.kind in _SELECTING and len(self.spec) and "selector" not in self.spec:
            return not any(each.image for each in self.all_containers)
        return _PATCH.search(self.path) is not None

    @property
    def is_workload(self) -> bool:
        """Whether it makes pods."""
        return self.kind in WORKLOADS and self.is_builtin

    @cached_property
    def labels(self) -> dict[str, str]:
        return self.metadata.map("labels").texts()

    @cached_property
    def template(self) -> Map:
        """The template of its pods, with metadata and spec; an empty map when it has none."""
        if self.kind == "Pod":
            return self.node
        return self.spec.map(*(("jobTemplate", "spec") if self.kind == "CronJob" else ()), "template")

    @property
    def pod_spec(self) -> Map:
        return self.template.map("spec")

    @cached_property
    def pod_labels(self) -> dict[str, str]:
        return self.template.map("metadata", "labels").texts()

    @cached_property
    def containers(self) -> list[Container]:
        """The containers that run as long as the pod does."""
        return [Container(self, node) for node in self.pod_spec.maps("containers")]

    @cached_property
    def all_containers(self) -> list[Container]:
        return [*(Container(self, node) for node in self.pod_spec.maps("initContainers")), *self.containers]


@record
class Container:
    """A container of a workload."""

    workload: Object
    node: Map

    @property
    def name(self) -> str:
        return self.node.text("name")

    @property
    def image(self) -> str:
        return self.node.text("image")

    @property
    def what(self) -> str:
        return f"container {self.name} of {self.workload.identity}"

    @property
    def environment(self) -> dict[str, Map]:
        """The entries of its environment by name."""
        return {entry.text("name"): entry for entry in self.node.maps("env")}

    @property
    def ends(self) -> bool:
        """Whether it ends before the containers of its pod start: an init container that is no sidecar."""
        first = any(node is self.node for node in self.workload.pod_spec.maps("initContainers"))
        return first and self.node.text("restartPolicy") != "Always"


def is_elsewhere(text: str, path: str) -> bool:
    """Return whether a resource is not in this tree: in a repository, at an address, or above the tree."""
    return "://" in text or "?" in text or text.startswith(("github.com/", "git@")) or path.startswith("../")


def is_kustomization_file(path: str) -> bool:
    """Return whether kustomize reads the file at a path as a kustomization."""
    return posixpath.basename(path) in _KUSTOMIZATIONS


def objects(source: Source, documents: Node) -> Iterator[Object]:
    """Yield the objects among the documents of a file; a list, such as `List` or `RoleList`, stands for its items."""
    for document in documents.maps() if isinstance(documents, Seq) else ():
        each = Object(source, _decrypted(document))
        if each.kind.endswith("List") and each.is_builtin and isinstance(document.get("items"), Seq):
            yield from objects(source, document.seq("items"))
        elif each.is_kustomization or (each.kind and each.version):
            yield each


def _decrypted(document: Map) -> Map:
    """Return a document that SOPS has encrypted as it is applied: without what SOPS adds, and with other values.

    A value is replaced by the base64 of its ciphertext, which changes with it. Source: getsops.io/docs.
    """
    if "mac" not in document.map("sops"):
        return document
    kept = {key: _readable(node) for key, node in document.entries.items() if key != "sops"}
    return replace(document, entries=kept)


def _readable(node: Node) -> Node:
    if isinstance(node, Map):
        return replace(node, entries={key: _readable(each) for key, each in node.entries.items()})
    if isinstance(node, Seq):
        return replace(node, items=tuple(_readable(each) for each in node))
    found = _SOPS.match(node.text) if isinstance(node, Leaf) else None
    if not found:
        return node
    value: Scalar = {"int": 1, "float": 1, "bool": False}.get(found[2], found[1])
    return replace(node, value=value, text=str(value))


def ingress_class(ingress: Object) -> str:
    """Return the class of an Ingress: by its field, or by the annotation that came before it; "" without one."""
    annotation = ingress.metadata.map("annotations").text(INGRESS_CLASS)
    return ingress.spec.text("ingressClassName") or annotation


def selects(selector: Map, labels: dict[str, str]) -> bool:
    """Return whether a selector with matchLabels and matchExpressions chooses these labels; an empty one does."""
    wanted = selector.map("matchLabels").texts()
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _holds(each, labels) for each in selector.maps("matchExpressions")
    )


def _holds(expression: Map, labels: dict[str, str]) -> bool:
    label = labels.get(expression.text("key"))
    values = expression.seq("values").texts()
    return {
        "In": label in values,
        "NotIn": label not in values,
        "Exists": label is not None,
        "DoesNotExist": label is None,
    }.get(expression.text("operator"), False)


def secret_names(workload: Object, *, by_key: bool = True, needed: bool = False) -> Iterator[Leaf]:
    """Yield each name of a Secret that the pods of a workload read.

    Without `by_key`, only of those read whole; with `needed`, only of those without which the pods do not start.
    """
    key = "secretKeyRef" if by_key else ""
    return _references(workload, key, "secretRef", ("secret", "secretName"), needed=needed)


def config_names(workload: Object, *, needed: bool = False) -> Iterator[Leaf]:
    """Yield each name of a ConfigMap that the pods of a workload read, or with `needed` do not start without."""
    return _references(workload, "configMapKeyRef", "configMapRef", ("configMap", "name"), needed=needed)


def _references(
    workload: Object, key: str, whole: str, volume: tuple[str, str], *, needed: bool
) -> Iterator[Leaf]:
    holders = []
    for container in workload.all_containers:
        holders += [(entry.map("valueFrom", key), "name") for entry in container.node.maps("env")]
        holders += [(source.map(whole), "name") for source in container.node.maps("envFrom")]
    holders += [(each.map(volume[0]), volume[1]) for each in workload.pod_spec.maps("volumes")]
    for holder, name in holders:
        leaf = holder.leaf(name)
        if leaf and not (needed and holder.value("optional") is True):
            yield leaf
