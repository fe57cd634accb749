"""Fields that the API server refuses to change once the object exists.

Each entry names the path of the field and the source of the rule: the function of Kubernetes' own validation, whose
words the message quotes. A field that is left out has its default, since that is what the server has stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from generator.changes.diff import Change, changes, deepest, path_text
from generator.changes.hazards.model import API_SERVER, Effect, Hazard, place, shown
from generator.changes.hazards.pairs import both, deletes, deleting, same
from generator.findings import Span
from generator.findings.record import record
from generator.languages.node import Leaf, Map, Node, Scalar, Seq, summary, without_nulls
from generator.system import Object, System, image_name

_SOURCE = "https://github.com/kubernetes/kubernetes/blob/v1.35.0"
_IMMUTABLE = "field is immutable"
_RECREATE = "create it under another name, switch everything that uses it, then delete the old one"
_ORPHAN = (
    "delete it with `kubectl delete --cascade=orphan`, which keeps its pods and volumes, and apply again"
)
_DELETE = "delete the object and apply again"


@record
class Field:
    """A field that cannot change: its path in the object, the source, the server's words, and the safe way."""

    path: tuple[str, ...]
    source: str
    message: str = _IMMUTABLE
    safe: str = _DELETE
    default: str | int | tuple[str, ...] | None = None


def _field(path: str, source: str, **more: Any) -> Field:
    folder = "" if source.startswith("staging/") else "pkg/"
    return Field(tuple(path.split(".")), f"{_SOURCE}/{folder}{source}", **more)


_APPS = "apis/apps/validation/validation.go"
_CORE = "apis/core/validation/validation.go"
_STORAGE = "apis/storage/validation/validation.go"
_BATCH = "apis/batch/validation/validation.go"
_SELECTOR_SAFE = f"keep the selector and change other labels; or {_RECREATE}"
_EXTENSIONS = "staging/src/k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go"
_DEFINITION = (
    "make a definition under another name, move the objects, then delete the old one with its objects"
)
_OF_PODS = "pod updates may not change fields other than image, activeDeadlineSeconds and tolerations"
_CLAIM = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
_COPY = "create a claim under another name, copy the data, and use it in the workload"
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
    "Job": (
        *(
            _field(f"spec.{name}", f"{_BATCH}#ValidateJobSpecUpdate")
            for name in "selector podFailurePolicy backoffLimitPerIndex managedBy successPolicy".split()
        ),
        _field("spec.completionMode", f"{_BATCH}#ValidateJobSpecUpdate", default="NonIndexed"),
        _field("spec.completions", f"{_BATCH}#validateCompletions"),
        _field("spec.template", f"{_BATCH}#validatePodTemplateUpdate"),
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
    "PersistentVolumeClaim": (
        _field(
            "spec.resources.limits",
            f"{_CORE}#ValidatePersistentVolumeClaimUpdate",
            message=_CLAIM,
            safe=_COPY,
        ),
    ),
    "Secret": (_field("type", f"{_CORE}#ValidateSecretUpdate", default="Opaque"),),
    "PersistentVolume": (
        _field("spec.volumeMode", f"{_CORE}#ValidatePersistentVolumeUpdate", default="Filesystem"),
        *(
            _field(
                f"spec.{name}",
                f"{_CORE}#ValidatePersistentVolumeUpdate",
                message="spec.persistentvolumesource is immutable",
            )
            for name in "csi nfs hostPath local iscsi fc rbd cephfs awsElasticBlockStore gcePersistentDisk azureDisk "
            "azureFile vsphereVolume glusterfs cinder flexVolume".split()
        ),
        _field("spec.nodeAffinity", f"{_CORE}#ValidatePersistentVolumeUpdate"),
    ),
    "CSIDriver": (
        _field("spec.attachRequired", f"{_STORAGE}#ValidateCSIDriverUpdate", default=True),
        _field("spec.volumeLifecycleModes", f"{_STORAGE}#ValidateCSIDriverUpdate", default=("Persistent",)),
    ),
    "VolumeAttributesClass": tuple(
        _field(name, f"{_STORAGE}#ValidateVolumeAttributesClassUpdate")
        for name in ("driverName", "parameters")
    ),
    "ControllerRevision": (_field("data", f"{_APPS}#ValidateControllerRevisionUpdate"),),
    "CustomResourceDefinition": tuple(
        _field(f"spec.{name}", f"{_EXTENSIONS}#ValidateCustomResourceDefinitionUpdate", safe=_DEFINITION)
        for name in ("group", "scope", "names.plural", "names.kind")
    ),
    "Pod": tuple(
        _field(f"spec.{name}", f"{_CORE}#ValidatePodUpdate", message=_OF_PODS)
        for name in ("containers", "initContainers")
    ),
    "EndpointSlice": (
        _field("addressType", "apis/discovery/validation/validation.go#ValidateEndpointSliceUpdate"),
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
        _field("value", "apis/scheduling/validation/validation.go#ValidatePriorityClassUpdate", default=0),
        _field(
            "preemptionPolicy",
            "apis/scheduling/validation/validation.go#ValidatePriorityClassUpdate",
            default="PreemptLowerPriority",
        ),
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
            message=_CLAIM,
            safe=_COPY,
        ),
    ),
    "Pod": (
        frozenset(
            ["containers", "initContainers", "activeDeadlineSeconds", "tolerations", "schedulingGates"]
        ),
        _field(
            "spec",
            f"{_CORE}#ValidatePodUpdate",
            message=_OF_PODS,
        ),
    ),
}
_DEFAULTS = {
    ("StatefulSet", "podManagementPolicy"): "OrderedReady",
    ("PersistentVolumeClaim", "volumeMode"): "Filesystem",
}


# The defaults of the fields of a pod and of a claim, by the name of the field; setting one changes nothing.
_FIELD_DEFAULTS: Mapping[str, Scalar] = {
    "apiVersion": "v1",
    "apiGroup": "rbac.authorization.k8s.io",
    "defaultMode": 420,
    "dnsPolicy": "ClusterFirst",
    "enableServiceLinks": True,
    "failureThreshold": 3,
    "hostIPC": False,
    "hostNetwork": False,
    "hostPID": False,
    "kind": "PersistentVolumeClaim",
    "operator": "Equal",
    "periodSeconds": 10,
    "protocol": "TCP",
    "readOnly": False,
    "restartPolicy": "Always",
    "schedulerName": "default-scheduler",
    "scheme": "HTTP",
    "successThreshold": 1,
    "terminationGracePeriodSeconds": 30,
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
    "timeoutSeconds": 1,
    "value": "",
    "volumeMode": "Filesystem",
}
_EMPTY_IS_DEFAULT = ("clusterIP", "podManagementPolicy", "type")
_EMPTY_IS_NONE = frozenset(
    "annotations data labels limits metadata nodeSelector overhead requests resources securityContext stringData"
    " volumeAttributes".split()
)
_FALSE_IS_NONE = frozenset("stdin stdinOnce tty".split())
_POINTERS = frozenset("completionMode preemptionPolicy reclaimPolicy storageClassName volumeMode".split())
# What may change in the template of a Job that is suspended and has not started.
_SCHEDULING = (
    ("metadata", "labels"),
    ("metadata", "annotations"),
    ("spec", "nodeSelector"),
    ("spec", "tolerations"),
    ("spec", "affinity", "nodeAffinity"),
    ("spec", "schedulingGates"),
)


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each change of a field that cannot change."""
    for pair in both(old, new):
        was, now = (replace(each, node=without_nulls(each.node)) for each in pair)
        yield from _fixed(was, now, new)
        yield from _others(was, now)
        yield from _stored(was, now)
        yield from _tolerated(was, now)
        yield from _marked_immutable(was, now)
        if was.kind == "Service":
            yield from _family(was, now, new)


def _fixed(was: Object, now: Object, new: System) -> Iterator[Hazard]:
    for field in FIELDS.get(was.kind, ()):
        before, after = was.node.get(*field.path), now.node.get(*field.path)
        if not _differences(was, now, field) or _may_change(was, now, field):
            continue
        if was.kind == "Service" and _given(after, field) is None:
            yield _kept(was, field, before)
        elif was.kind == "Job" and deletes(new, was):
            return
        else:
            yield _refused(was, now, field)


def replaced_by(was: Object, now: Object, new: System) -> Span | None:
    """Return the command that deletes a Job whose fixed fields change, so that it is created again; or None."""
    fields = FIELDS["Job"] if was.kind == "Job" else ()
    changed = any(_differences(was, now, field) and not _may_change(was, now, field) for field in fields)
    return deleting(new, was) if changed else None


def _may_change(was: Object, now: Object, field: Field) -> bool:
    """Return whether the server accepts the change of a field that is usually fixed."""
    if was.kind == "PersistentVolume":
        return field.path[-1] == "nodeAffinity" and "nodeAffinity" not in was.spec  # may be set once
    if field.path == ("spec", "selector") and "selector" not in was.spec:
        return _is_default_selector(was, now.spec.map("selector"))
    if was.kind == "Service":
        kinds = {was.spec.text("type") or "ClusterIP", now.spec.text("type") or "ClusterIP"}
        if field.path[-1] == "loadBalancerClass":
            return len(kinds) > 1
        return "ExternalName" in kinds
    if field.path != ("spec", "completions") or was.kind != "Job":
        return False
    sides = [_counts(each) for each in (was, now)]
    is_indexed = now.spec.text("completionMode") == "Indexed"
    return sides[0][0] == sides[1][0] or (is_indexed and None not in sides[1] and sides[1][0] == sides[1][1])


def _is_default_selector(was: Object, selector: Map) -> bool:
    """Return whether an object without a selector, which only versions before apps/v1 accept, has this one."""
    if "beta" not in was.version:
        return True  # it was never accepted
    return list(selector) == ["matchLabels"] and selector.map("matchLabels").texts() == was.pod_labels


def _counts(job: Object) -> tuple[Node | None, Node | None]:
    """Return the completions and the parallelism of a Job; without both, both are 1."""
    completions, parallelism = (job.spec.get(key) for key in ("completions", "parallelism"))
    if completions is None and parallelism is None:
        return Leaf(1), Leaf(1)
    return completions, Leaf(1) if parallelism is None else parallelism


def _family(was: Object, now: Object, new: System) -> Iterator[Hazard]:
    """Yield a hazard when a Service would need an address of another family than it has."""
    before, after = (each.spec.seq("ipFamilies").texts() for each in (was, now))
    is_ipv6 = any(
        new.terraform.text(each, "ip_family", "cluster_ip_family") == "ipv6"
        for each in new.terraform.clusters
    )
    first = before[0] if before else "IPv6" if is_ipv6 else "IPv4"
    if after and after[0] != first and "ExternalName" not in (was.spec.text("type"), now.spec.text("type")):
        message = (
            "primary ipFamily cannot be changed" if before else f"it was created with an address of {first}"
        )
        field = Field(
            ("spec", "ipFamilies"), f"{_SOURCE}/pkg/{_CORE}#ValidateServiceClusterIPsRelatedFields", message
        )
        yield _refused(was, now, field)


def _stored(was: Object, now: Object) -> Iterator[Hazard]:
    """Yield a hazard for a version of a custom resource that goes while objects may be stored in it."""
    if was.kind != "CustomResourceDefinition":
        return
    kept = {each.text("name") for each in now.spec.maps("versions")}
    for version in was.spec.maps("versions"):
        if version.value("storage") is True and version.text("name") not in kept:
            field = _field(
                "spec.versions",
                f"{_EXTENSIONS}#ValidateCustomResourceDefinitionStoredVersions",
                message="missing from spec.versions; was previously a storage version, and must remain in "
                "spec.versions until a storage migration ensures no data remains persisted in it",
                safe="serve both versions, migrate the objects, and remove the old one from status.storedVersions",
            )
            yield _refused(was, now, field)


def _tolerated(was: Object, now: Object) -> Iterator[Hazard]:
    """Yield a hazard for a toleration of a Pod that goes; others may come."""
    items = [{summary(item) for item in each.spec.maps("tolerations")} for each in (was, now)]
    if was.kind == "Pod" and items[0] - items[1]:
        message = "existing toleration can not be modified except its tolerationSeconds"
        yield _refused(
            was, now, _field("spec.tolerations", f"{_CORE}#validateOnlyAddedTolerations", message=message)
        )


def _differences(was: Object, now: Object, field: Field) -> list[Change]:
    """Return what differs between two objects in a field; what equals its default is no difference."""
    before, after = (_given(each.node.get(*field.path), field) for each in (was, now))
    default = _default(field)
    found = changes(
        default if before is None else before, default if after is None else after, field.path, same
    )
    may_move = was.kind == "Job" and was.spec.value("suspend") is True
    return [
        each
        for each in found
        if not (was.kind == "Pod" and each.path[-1] == "image")
        and not (_is_default(each, was, now) or (may_move and _is_scheduling(each, field)))
    ]


def _given(node: Node | None, field: Field) -> Node | None:
    """Return the value of a field, None where it is empty and the server writes its default."""
    is_empty = isinstance(node, Leaf) and node.value == "" and field.path[-1] in _EMPTY_IS_DEFAULT
    if is_empty or (isinstance(node, Seq) and not len(node)):
        return None
    if isinstance(node, Map) and node.get("apiGroup") is not None and not node.text("apiGroup"):
        return replace(node, entries={key: each for key, each in node.entries.items() if key != "apiGroup"})
    return node


def _is_scheduling(change: Change, field: Field) -> bool:
    inner = change.path[len(field.path) :]
    if field.path != ("spec", "template"):
        return False
    if inner in (("metadata",), ("spec", "affinity")):
        parts = [each for node in (change.old, change.new) if isinstance(node, Map) for each in node]
        return set(parts) <= {"labels", "annotations", "nodeAffinity"}
    return any(inner[: len(path)] == path for path in _SCHEDULING)


def _default(field: Field) -> Node | None:
    if isinstance(field.default, tuple):
        return Seq(tuple(Leaf(text, text=text) for text in field.default))
    return Leaf(field.default) if field.default is not None else None


def _is_default(change: Change, was: Object, now: Object) -> bool:
    """Return whether a field is left out on one side and has its default on the other."""
    if change.old is not None and change.new is not None:
        return False
    node, key = change.new if change.old is None else change.old, change.path[-1]
    if _is_empty(node, key):
        return True
    if not isinstance(node, Leaf):
        return node is None
    if key == "imagePullPolicy":
        holder = deepest((now if change.old is None else was).node, change.path[:-1])
        tag = image_name(holder.text("image")).tag if isinstance(holder, Map) else ""
        return node.text == ("Always" if tag in ("", "latest") else "IfNotPresent")
    if key in ("operator", "value", "readOnly", "apiGroup", "kind") and node.value is None:
        return True
    return key in _FIELD_DEFAULTS and node.value == _FIELD_DEFAULTS[key]


def _is_empty(node: Node | None, key: object) -> bool:
    """Return whether a field is as good as left out: its type has no pointer, and it has the value zero."""
    if isinstance(node, Leaf):
        return (node.value == "" and key not in _POINTERS) or (node.value is False and key in _FALSE_IS_NONE)
    if isinstance(node, Seq):
        return not len(node)
    if not isinstance(node, Map) or key not in _EMPTY_IS_NONE:
        return False
    return all(_is_empty(each, name) for name, each in node.entries.items())


def _kept(was: Object, field: Field, before: Node | None) -> Hazard:
    return Hazard(
        "immutable-field",
        Effect.NO_EFFECT,
        was.subject,
        f"{path_text(field.path)} is removed, but the server keeps {shown(before)}",
        place(before),
        None,
        "to change it, delete the Service and apply again; in between, clients cannot reach its pods",
        f"{_SOURCE}/pkg/registry/core/service/storage/alloc.go#patchAllocatedValues",
    )


def _refused(was: Object, now: Object, field: Field) -> Hazard:
    found = _differences(was, now, field)
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
        API_SERVER,
    )


def _others(was: Object, now: Object) -> Iterator[Hazard]:
    if was.kind not in _OTHERS_FORBIDDEN:
        return
    allowed, rule = _OTHERS_FORBIDDEN[was.kind]
    before, after = was.node.map("spec"), now.node.map("spec")
    for name in sorted({*before.entries, *after.entries} - allowed):
        default = _DEFAULTS.get((was.kind, name))
        field = Field((*rule.path, name), rule.source, rule.message, rule.safe, default)
        if not _differences(was, now, field):
            continue
        if was.kind == "PersistentVolumeClaim" and (name, before.get(name)) == ("storageClassName", None):
            yield _class_named(was, now, field, after.get(name))
        elif not (name == "volumeName" and before.get(name) is None):
            yield _refused(was, now, field)


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
        message = "field is immutable when `immutable` is set"
        field = Field((name,), f"{_SOURCE}/pkg/{_CORE}#Validate{was.kind}Update", message, _RECREATE)
        if _differences(was, now, field):
            yield _refused(was, now, field)
