"""Fields that the API server refuses to change once the object exists.

Each entry names the path of the field and the source of the rule: the function of Kubernetes' own validation, whose
words the message quotes. A field that is left out has its default, since that is what the server has stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator.changes.diff import changes, deepest, path_text
from generator.changes.hazards.model import Effect, Hazard, place, shown
from generator.changes.hazards.pairs import both, deletes, same
from generator.languages.node import Leaf, Node
from generator.system import Object, System

_SOURCE = "https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg"
_IMMUTABLE = "field is immutable"
_RECREATE = "create it under another name, switch everything that uses it, then delete the old one"
_ORPHAN = (
    "delete it with `kubectl delete --cascade=orphan`, which keeps its pods and volumes, and apply again"
)
_DELETE = "delete the object and apply again"


@dataclass(frozen=True, slots=True)
class Field:
    """A field that cannot change: its path in the object, the source, the server's words, and the safe way."""

    path: tuple[str, ...]
    source: str
    message: str = _IMMUTABLE
    safe: str = _DELETE
    default: str | int | None = None


def _field(path: str, source: str, **more: str) -> Field:
    return Field(tuple(path.split(".")), f"{_SOURCE}/{source}", **more)


_APPS = "apis/apps/validation/validation.go"
_CORE = "apis/core/validation/validation.go"
_STORAGE = "apis/storage/validation/validation.go"
_BATCH = "apis/batch/validation/validation.go"
_SELECTOR_SAFE = f"keep the selector and change other labels; or {_RECREATE}"
_FORBIDDEN = "updates to {} are forbidden"

FIELDS: Mapping[str, tuple[Field, ...]] = {
    "Deployment": (
        _field("spec.selector", "registry/apps/deployment/strategy.go#ValidateUpdate", safe=_SELECTOR_SAFE),
    ),
    "DaemonSet": (
        _field("spec.selector", "registry/apps/daemonset/strategy.go#ValidateUpdate", safe=_SELECTOR_SAFE),
    ),
    "ReplicaSet": (
        _field("spec.selector", "registry/apps/replicaset/strategy.go#ValidateUpdate", safe=_SELECTOR_SAFE),
    ),
    "Job": tuple(
        _field(f"spec.{name}", f"{_BATCH}#ValidateJobSpecUpdate")
        for name in "template selector completionMode podFailurePolicy backoffLimitPerIndex managedBy successPolicy "
        "completions".split()
    ),
    "StorageClass": (
        _field(
            "provisioner", f"{_STORAGE}#ValidateStorageClassUpdate", message=_FORBIDDEN.format("provisioner")
        ),
        _field(
            "parameters", f"{_STORAGE}#ValidateStorageClassUpdate", message=_FORBIDDEN.format("parameters")
        ),
        _field(
            "reclaimPolicy",
            f"{_STORAGE}#ValidateStorageClassUpdate",
            message=_FORBIDDEN.format("reclaimPolicy"),
            default="Delete",
        ),
        _field("volumeBindingMode", f"{_STORAGE}#ValidateStorageClassUpdate", default="Immediate"),
    ),
    "Service": (
        _field("spec.clusterIP", f"{_CORE}#ValidateServiceUpdate", message="may not change once set"),
        _field("spec.loadBalancerClass", f"{_CORE}#ValidateServiceUpdate", message="may not change once set"),
    ),
    "Secret": (_field("type", f"{_CORE}#ValidateSecretUpdate", default="Opaque"),),
    "PersistentVolume": (
        _field("spec.volumeMode", f"{_CORE}#ValidatePersistentVolumeUpdate", default="Filesystem"),
        _field(
            "spec.csi",
            f"{_CORE}#ValidatePersistentVolumeUpdate",
            message="spec.persistentvolumesource is immutable",
        ),
        _field(
            "spec.nfs",
            f"{_CORE}#ValidatePersistentVolumeUpdate",
            message="spec.persistentvolumesource is immutable",
        ),
        _field("spec.nodeAffinity", f"{_CORE}#ValidatePersistentVolumeUpdate"),
    ),
    "RoleBinding": (
        _field(
            "roleRef",
            "apis/rbac/validation/validation.go#ValidateRoleBindingUpdate",
            message="cannot change roleRef",
        ),
    ),
    "ClusterRoleBinding": (
        _field(
            "roleRef",
            "apis/rbac/validation/validation.go#ValidateClusterRoleBindingUpdate",
            message="cannot change roleRef",
        ),
    ),
    "IngressClass": (
        _field("spec.controller", "apis/networking/validation/validation.go#ValidateIngressClassUpdate"),
    ),
    "PriorityClass": (
        _field("value", "apis/scheduling/validation/validation.go#ValidatePriorityClassUpdate"),
        _field("preemptionPolicy", "apis/scheduling/validation/validation.go#ValidatePriorityClassUpdate"),
    ),
    "RuntimeClass": (_field("handler", "apis/node/validation/validation.go#ValidateRuntimeClassUpdate"),),
    "ResourceQuota": (_field("spec.scopes", f"{_CORE}#ValidateResourceQuotaUpdate"),),
}

# Of these kinds, the server accepts changes of a few fields of `spec` only.
_OTHERS_FORBIDDEN: Mapping[str, tuple[frozenset[str], Field]] = {
    "StatefulSet": (
        frozenset(
            "replicas ordinals template updateStrategy revisionHistoryLimit persistentVolumeClaimRetentionPolicy "
            "minReadySeconds".split()
        ),
        _field(
            "spec",
            f"{_APPS}#ValidateStatefulSetUpdate",
            message="updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
            "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' "
            "are forbidden",
            safe=_ORPHAN,
        ),
    ),
    "PersistentVolumeClaim": (
        frozenset(["resources", "volumeAttributesClassName"]),
        _field(
            "spec",
            f"{_CORE}#ValidatePersistentVolumeClaimUpdate",
            message="spec is immutable after creation except resources.requests and volumeAttributesClassName for "
            "bound claims",
            safe="create a claim under another name, copy the data, and use it in the workload",
        ),
    ),
    "Pod": (
        frozenset(
            ["containers", "initContainers", "activeDeadlineSeconds", "tolerations", "schedulingGates"]
        ),
        _field(
            "spec",
            f"{_CORE}#ValidatePodUpdate",
            message="pod updates may not change fields other than image, activeDeadlineSeconds and tolerations",
        ),
    ),
}
_DEFAULTS = {
    ("StatefulSet", "podManagementPolicy"): "OrderedReady",
    ("PersistentVolumeClaim", "volumeMode"): "Filesystem",
}


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each change of a field that cannot change."""
    for was, now in both(old, new):
        yield from _fixed(was, now, new)
        yield from _others(was, now)
        yield from _marked_immutable(was, now)


def _fixed(was: Object, now: Object, new: System) -> Iterator[Hazard]:
    for field in FIELDS.get(was.kind, ()):
        before, after = was.node.get(*field.path), now.node.get(*field.path)
        if _same(before, after, field):
            continue
        if was.kind == "Service" and after is None:
            yield _kept(was, field, before)
        elif was.kind == "PersistentVolume" and field.path[-1] == "nodeAffinity" and before is None:
            continue  # may be set once
        elif was.kind == "Job" and deletes(new, was):
            return
        else:
            yield _refused(was, now, field, before, after)


def _same(before: Node | None, after: Node | None, field: Field) -> bool:
    default = Leaf(field.default) if field.default is not None else None
    return not list(
        changes(default if before is None else before, default if after is None else after, field.path, same)
    )


def _kept(was: Object, field: Field, before: Node | None) -> Hazard:
    return Hazard(
        "immutable-field",
        Effect.NO_EFFECT,
        was.subject,
        f"{path_text(field.path)} is removed, but the server keeps {shown(before)}",
        place(before),
        None,
        "to change it, delete the Service and apply again; in between, clients cannot reach its pods",
        f"{_SOURCE}/registry/core/service/storage/alloc.go#patchAllocatedValues",
    )


def _refused(was: Object, now: Object, field: Field, before: Node | None, after: Node | None) -> Hazard:
    found = list(changes(before, after, field.path, same))
    first = found[0]
    path = path_text(first.path)
    more = f" (and {len(found) - 1} more below {path_text(field.path)})" if len(found) > 1 else ""
    return Hazard(
        "immutable-field",
        Effect.REFUSED,
        was.subject,
        f'{path} changes from {shown(first.old)} to {shown(first.new)}{more}: "{field.message}"',
        place(deepest(was.node, first.path)),
        place(deepest(now.node, first.path)),
        field.safe,
        field.source,
    )


def _others(was: Object, now: Object) -> Iterator[Hazard]:
    if was.kind not in _OTHERS_FORBIDDEN:
        return
    allowed, rule = _OTHERS_FORBIDDEN[was.kind]
    before, after = was.node.map("spec"), now.node.map("spec")
    for name in sorted({*before.entries, *after.entries} - allowed):
        default = _DEFAULTS.get((was.kind, name))
        field = Field((*rule.path, name), rule.source, rule.message, rule.safe, default)
        old_node, new_node = before.get(name), after.get(name)
        if _same(old_node, new_node, field):
            continue
        if was.kind == "PersistentVolumeClaim" and (name, old_node) == ("storageClassName", None):
            yield _class_named(was, now, field, new_node)
        elif not (name == "volumeName" and old_node is None):
            yield _refused(was, now, field, old_node, new_node)


def _class_named(was: Object, now: Object, field: Field, new_node: Node | None) -> Hazard:
    return Hazard(
        "immutable-field",
        Effect.UNKNOWN,
        was.subject,
        f"spec.storageClassName is now set to {shown(new_node)}; the server refuses that unless it was the cluster's "
        "default class when the claim was created",
        place(was.node.get("spec")),
        place(new_node),
        "check the class of the claim with `kubectl get pvc`",
        field.source,
    )


def _marked_immutable(was: Object, now: Object) -> Iterator[Hazard]:
    """Yield a hazard for each field that changes in a ConfigMap or Secret with `immutable: true`."""
    if was.kind not in ("ConfigMap", "Secret") or was.node.value("immutable") is not True:
        return
    for name in ("data", "binaryData", "stringData", "immutable"):
        before, after = was.node.get(name), now.node.get(name)
        message = "field is immutable when `immutable` is set"
        field = Field((name,), f"{_SOURCE}/{_CORE}#Validate{was.kind}Update", message, _RECREATE)
        if not _same(before, after, field):
            yield _refused(was, now, field, was.node.map(name), now.node.map(name))
