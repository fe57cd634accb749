"""Strategic merge patches: maps by key, the lists of built-in kinds by the merge keys of their schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from generator.languages.node import Leaf, Map, Node, Seq
from generator.system.kustomize.nodes import UnknownError, is_null, put
from generator.system.kustomize.objects import Resource

_DIRECTIVE = "$patch"
# x-kubernetes-patch-merge-key and x-kubernetes-list-map-keys of the OpenAPI schema of Kubernetes 1.21, which
# kustomize 5 holds: kyaml/openapi/kubernetesapi of github.com/kubernetes-sigs/kustomize, read 2026-11-29.
_CONTAINER: Mapping[str, tuple[str, ...]] = {
    "env": ("name",),
    "ports": ("containerPort", "protocol"),
    "volumeDevices": ("devicePath",),
    "volumeMounts": ("mountPath",),
}
_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
_POD: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("hostAliases",): ("ip",),
    ("imagePullSecrets",): ("name",),
    ("topologySpreadConstraints",): ("topologyKey", "whenUnsatisfiable"),
    ("volumes",): ("name",),
    **{(name,): ("name",) for name in _CONTAINERS},
    **{(name, key): keys for name in _CONTAINERS for key, keys in _CONTAINER.items()},
}
_TEMPLATE = ("spec", "template", "spec")
_PODS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("v1", "Pod"): ("spec",),
    ("v1", "PodTemplate"): ("template", "spec"),
    ("v1", "ReplicationController"): _TEMPLATE,
    ("batch/v1", "Job"): _TEMPLATE,
    ("batch/v1", "CronJob"): ("spec", "jobTemplate", *_TEMPLATE),
    ("batch/v1beta1", "CronJob"): ("spec", "jobTemplate", *_TEMPLATE),
    **{("apps/v1", kind): _TEMPLATE for kind in ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet")},
}
_LISTS: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("v1", "Service", "spec", "ports"): ("port", "protocol"),
    ("v1", "ServiceAccount", "secrets"): ("name",),
    ("v1", "ServiceAccount", "imagePullSecrets"): ("name",),
    **{
        (f"admissionregistration.k8s.io/{version}", f"{kind}WebhookConfiguration", "webhooks"): ("name",)
        for version in ("v1", "v1beta1")
        for kind in ("Mutating", "Validating")
    },
}

Path = tuple[str, ...]


def apply(resource: Resource, patch: Map, *, renames: bool = False, changes_kind: bool = False) -> bool:
    """Merge a patch into an object; return False when the patch deletes it."""
    before = resource.node
    merged = _Merge(before.text("apiVersion"), before.text("kind")).merge(before, patch, ())
    if not isinstance(merged, Map) or not merged.entries:
        return False
    metadata = merged.map("metadata")
    for key in ("namespace",) if renames else ("name", "namespace"):
        metadata = put(metadata, key, before.map("metadata").entries.get(key))
    merged = put(merged, "metadata", metadata)
    resource.node = merged if changes_kind else put(merged, "kind", before.entries.get("kind"))
    return True


class _Merge:
    """The merge of one object: its type decides which lists are merged."""

    def __init__(self, version: str, kind: str) -> None:
        self._version, self._kind = version, kind
        self._pod = _PODS.get((version, kind), ())

    def merge(self, base: Node | None, patch: Node, path: Path) -> Node | None:
        """Return the merged node, or None where the patch deletes it."""
        if is_null(patch):
            return None
        if isinstance(patch, Map):
            return self._maps(base, patch, path)
        keys = self._keys(path) if isinstance(patch, Seq) else None
        if isinstance(patch, Seq) and keys is not None and (base is None or isinstance(base, Seq)):
            return self._lists(base.items if base else (), patch, keys, path)
        return patch

    def _maps(self, base: Node | None, patch: Map, path: Path) -> Node | None:
        directive = patch.text(_DIRECTIVE)
        if directive == "delete":
            return None
        if any(key.startswith("$") and key != _DIRECTIVE for key in patch):
            raise UnknownError("a patch with a directive other than $patch")
        if directive not in ("", "merge", "replace"):
            raise UnknownError(f"a patch with $patch: {directive}")
        patch = put(patch, _DIRECTIVE, None)
        if directive == "replace":
            return patch
        merged = dict(base.entries) if isinstance(base, Map) else {}
        for key in [key for key in merged if key not in patch]:
            self._clean(merged, key, (*path, key))
        for key, value in patch.entries.items():
            inner = self.merge(merged.get(key), value, (*path, key))
            if inner is None:
                merged.pop(key, None)
            else:
                merged[key] = inner
        return replace(base if isinstance(base, Map) else patch, entries=merged)

    def _clean(self, entries: dict[str, Node], key: str, path: Path) -> None:
        """Remove values that are left empty: a merge visits the whole object and drops them."""
        value = entries[key]
        if isinstance(value, Leaf) and value.value is None and not value.text:
            del entries[key]
        elif isinstance(value, Map):
            entries[key] = self._cleaned(value, path)
        elif isinstance(value, Seq) and self._keys(path):
            items = (self._cleaned(item, path) if isinstance(item, Map) else item for item in value)
            entries[key] = replace(value, items=tuple(items))

    def _cleaned(self, node: Map, path: Path) -> Map:
        entries = dict(node.entries)
        for key in node:
            self._clean(entries, key, (*path, key))
        same = len(entries) == len(node) and all(entries[key] is node.entries[key] for key in node)
        return node if same else replace(node, entries=entries)

    def _keys(self, path: Path) -> tuple[str, ...] | None:
        """Return the merge keys of the list at a path; none for a list of scalars, None for one that is replaced."""
        if self._pod and path[: len(self._pod)] == self._pod:
            return _POD.get(path[len(self._pod) :])
        if path == ("metadata", "finalizers"):
            return ()
        if path == ("metadata", "ownerReferences"):
            return ("uid",)
        return _LISTS.get((self._version, self._kind, *path))

    def _lists(self, base: tuple[Node, ...], patch: Seq, keys: tuple[str, ...], path: Path) -> Node | None:
        """Merge items by their keys: those of the patch come first."""
        directive = next((_directive(item) for item in patch if _is_directive(item)), "")
        patch = replace(patch, items=tuple(item for item in patch if not _is_directive(item)))
        if directive in ("replace", "delete"):
            return patch if directive == "replace" else None
        rest = list(base)
        merged: list[Node] = []
        for item in patch:
            index = next((n for n, other in enumerate(rest) if _same(item, other, keys)), None)
            found = rest.pop(index) if index is not None else None
            is_kept = (
                found is not None and _directive(item) == "replace"
            )  # kustomize 5 does not replace an item
            inner = found if is_kept else self.merge(found, item, path)
            if inner is not None:
                merged.append(inner)
        items = (*merged, *rest)
        return replace(patch, items=items) if items else None


def _directive(node: Node) -> str:
    return node.text(_DIRECTIVE) if isinstance(node, Map) else ""


def _is_directive(node: Node) -> bool:
    return bool(_directive(node)) and isinstance(node, Map) and len(node) == 1


def _same(one: Node, other: Node, keys: tuple[str, ...]) -> bool:
    """Return whether two items are one: all keys that both have are equal, and they have the first."""
    if isinstance(one, Leaf) or not isinstance(one, Map) or not isinstance(other, Map):
        return one == other
    return one.text(keys[0]) == other.text(keys[0]) != "" and all(
        not one.text(key) or not other.text(key) or one.text(key) == other.text(key) for key in keys[1:]
    )
