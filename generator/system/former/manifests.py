"""Kubernetes' objects, and what the rules ask of them: which pods, which labels, which amounts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from generator.findings import Span
from generator.languages.source import Source
from generator.system.former.nodes import Map

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod")
CLUSTER_WIDE = frozenset(
    "ClusterRole ClusterRoleBinding CustomResourceDefinition IngressClass Namespace PersistentVolume PriorityClass"
    " StorageClass ValidatingWebhookConfiguration MutatingWebhookConfiguration".split()
)
PROBES = ("startupProbe", "livenessProbe", "readinessProbe")

_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(m|u|n|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\d+)?")
_SUFFIXES = {"": Fraction(1), "n": Fraction(1, 10**9), "u": Fraction(1, 10**6), "m": Fraction(1, 1000)} | {
    suffix: Fraction(base) ** power
    for base, letters in ((1000, "k M G T P E"), (1024, "Ki Mi Gi Ti Pi Ei"))
    for power, suffix in enumerate(letters.split(), start=1)
}


@dataclass(frozen=True)
class Manifest:
    """One object of a manifest file."""

    source: Source
    data: Map

    @property
    def kind(self) -> str:
        return self.data.text("kind")

    @property
    def version(self) -> str:
        return self.data.text("apiVersion")

    @property
    def metadata(self) -> Map:
        return self.data.sub("metadata")

    @property
    def name(self) -> str:
        return self.metadata.text("name")

    @property
    def namespace(self) -> str:
        return self.metadata.text("namespace")

    @property
    def spec(self) -> Map:
        return self.data.sub("spec")

    @property
    def identity(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def at(self) -> Span:
        """The place of its name."""
        return self.metadata.at("name")

    @property
    def is_example(self) -> bool:
        """Whether the file is an example that nobody applies."""
        return self.source.path.endswith(".example")

    @cached_property
    def labels(self) -> dict[str, str]:
        return texts(self.metadata.sub("labels"))

    @cached_property
    def pod(self) -> Map | None:
        """The template of its pods, with metadata and spec; None when it makes none."""
        if self.kind == "Pod":
            return self.data
        if self.kind not in WORKLOADS:
            return None
        spec = self.spec.sub("jobTemplate", "spec") if self.kind == "CronJob" else self.spec
        return spec.sub("template")

    @property
    def pod_spec(self) -> Map:
        return self.pod.sub("spec") if self.pod else Map(self.source)

    @cached_property
    def pod_labels(self) -> dict[str, str]:
        return texts(self.pod.sub("metadata", "labels")) if self.pod else {}

    @property
    def containers(self) -> list[Map]:
        """The containers that run as long as the pod does."""
        return self.pod_spec.each("containers")

    @property
    def all_containers(self) -> list[Map]:
        return [*self.pod_spec.each("initContainers"), *self.containers]


def texts(found: Map) -> dict[str, str]:
    """Return the scalars of a map as they are written."""
    return {key: found.text(key) for key in found}


def selects(selector: Map, labels: dict[str, str]) -> bool:
    """Say whether a selector with matchLabels and matchExpressions chooses these labels; an empty one chooses all."""
    wanted = texts(selector.sub("matchLabels"))
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    return all(_expression(each, labels) for each in selector.each("matchExpressions"))


def _expression(each: Map, labels: dict[str, str]) -> bool:
    found = labels.get(each.text("key"))
    values = [text for text, _ in each.listed("values").texts()]
    return {
        "In": found in values,
        "NotIn": found not in values,
        "Exists": found is not None,
        "DoesNotExist": found is None,
    }.get(each.text("operator"), False)


def quantity(text: str) -> Fraction | None:
    """Return an amount as Kubernetes reads it, or None when it reads none."""
    found = _QUANTITY.fullmatch(text)
    if not found:
        return None
    number, suffix = Fraction(found[1]), found[2] or ""
    if suffix[:1] in ("e", "E") and len(suffix) > 1:
        return number * Fraction(10) ** int(suffix[1:])
    return number * _SUFFIXES[suffix]


def image_parts(image: str) -> tuple[str, str, str]:
    """Return registry host, repository and tag of an image; a host has a dot, a colon or is `localhost`."""
    image, _, digest = image.partition("@")
    head, slash, rest = image.partition("/")
    is_host = bool(slash) and ("." in head or ":" in head or head == "localhost" or "$" in head)
    path = rest if is_host else image
    repository, _, tag = path.partition(":")
    return (head if is_host else ""), repository, tag or digest


def environment(container: Map) -> dict[str, Map]:
    """Return the entries of a container's environment by name."""
    return {entry.text("name"): entry for entry in container.each("env")}


def secret_references(pod_spec: Map) -> Iterator[tuple[Map, str]]:
    """Yield each map of a pod that names a Secret, and the key in it that holds the Secret's name."""
    for container in (*pod_spec.each("initContainers"), *pod_spec.each("containers")):
        for entry in container.each("env"):
            reference = entry.sub("valueFrom", "secretKeyRef")
            if reference:
                yield reference, "name"
        for source in container.each("envFrom"):
            if source.sub("secretRef"):
                yield source.sub("secretRef"), "name"
    for volume in pod_spec.each("volumes"):
        if volume.sub("secret"):
            yield volume.sub("secret"), "secretName"


def config_references(pod_spec: Map) -> Iterator[tuple[Map, str]]:
    """Yield each map of a pod that names a ConfigMap, and the key in it that holds the name."""
    for container in (*pod_spec.each("initContainers"), *pod_spec.each("containers")):
        for entry in container.each("env"):
            if entry.sub("valueFrom", "configMapKeyRef"):
                yield entry.sub("valueFrom", "configMapKeyRef"), "name"
        for source in container.each("envFrom"):
            if source.sub("configMapRef"):
                yield source.sub("configMapRef"), "name"
    for volume in pod_spec.each("volumes"):
        if volume.sub("configMap"):
            yield volume.sub("configMap"), "name"
