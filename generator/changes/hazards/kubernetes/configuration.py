"""Configuration that changes without effect: running pods read most of it only when they start."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.diff import changes, path_text
from generator.changes.hazards.model import Effect, Hazard, place
from generator.changes.hazards.pairs import WORKLOADS, both, same
from generator.languages.node import leaves
from generator.system import Object, System

_SOURCE = "https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically"

# How pods refer to what they read: one variable, all variables, a volume.
_REFERENCES = {
    "ConfigMap": ("configMapKeyRef", "configMapRef", ("configMap", "name")),
    "Secret": ("secretKeyRef", "secretRef", ("secret", "secretName")),
}


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each ConfigMap or Secret that changes while the pods that read it are not replaced."""
    for was, now in both(old, new, *_REFERENCES):
        parts = ("data", "stringData")
        found = [each for key in parts for each in changes(was.node.get(key), now.node.get(key), (key,))]
        if not found or was.node.value("immutable") is True:
            continue
        for before, after in both(old, new, *WORKLOADS):
            if (
                after.namespace == now.namespace
                and _reads_at_start(after, now)
                and not _changes(before, after)
            ):
                first = found[0]
                yield Hazard(
                    "configuration",
                    Effect.NO_EFFECT,
                    now.subject,
                    f"{path_text(first.path)} changes, but {after.subject} reads it only when a pod starts",
                    place(first.old, was.node),
                    place(first.new, now.node),
                    f"run `kubectl rollout restart {after.kind.lower()}/{after.name} --namespace {after.namespace}`",
                    _SOURCE,
                )


def _changes(before: Object, after: Object) -> bool:
    return next(changes(before.template, after.template, (), same), None) is not None


def _reads_at_start(each: Object, read: Object) -> bool:
    """Return whether pods read an object as environment variables, or mount a single file of it."""
    spec, name = each.template.map("spec"), read.name
    variable, every, volume_of = _REFERENCES[read.kind]
    volumes = {volume.text("name") for volume in spec.maps("volumes") if volume.text(*volume_of) == name}
    for container in (*spec.maps("containers"), *spec.maps("initContainers")):
        sources = [*container.maps("env"), *container.maps("envFrom")]
        references = (source.map("valueFrom", variable) for source in sources)
        if any(reference.text("name") == name for reference in references):
            return True
        if any(source.text(every, "name") == name for source in sources):
            return True
        mounts = container.maps("volumeMounts")
        if any(mount.text("name") in volumes and any(leaves(mount.get("subPath"))) for mount in mounts):
            return True
    return False
