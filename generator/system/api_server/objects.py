"""How the fields of storage, configuration, rights and quotas relate, and what names objects may have.

Source: pkg/apis/{core,storage,rbac,scheduling}/validation/validation.go of github.com/kubernetes/kubernetes, 1.35;
the functions are named below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from generator.languages.node import Map
from generator.system.api_server.formats import FORMATS, RESOURCES
from generator.system.api_server.pods import go_number, one_of, unique
from generator.system.api_server.schema import Here, Refusal, Rules, is_absent, is_unknown
from generator.system.quantities import amount

_LABELS = frozenset(["Namespace"])
_FINALIZERS = ("kubernetes", "foregroundDeletion", "orphan")
_SEGMENTS = frozenset(["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"])
_NO_SOURCE = frozenset(
    "capacity accessModes claimRef persistentVolumeReclaimPolicy storageClassName mountOptions volumeMode"
    " nodeAffinity volumeAttributesClassName".split()
)
_WHOLE = frozenset(
    "pods services replicationcontrollers resourcequotas secrets configmaps persistentvolumeclaims services.nodeports"
    " services.loadbalancers".split()
)
_NOT_OF_PODS = _WHOLE - {"pods"} | {"requests.storage"}
_POD_SCOPES = frozenset(
    "Terminating NotTerminating BestEffort NotBestEffort PriorityClass CrossNamespacePodAffinity".split()
)
_OPPOSITE = (("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating"))
_SECURITY = "pod-security.kubernetes.io"
_LEVELS = ("privileged", "baseline", "restricted")
_VERSION = re.compile(r"latest|v1\.(0|[1-9]\d*)")
_NEEDED = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
}


def name_format(kind: str) -> str:
    """Return the format of the names of a kind."""
    wanted = "label" if kind in _LABELS else "segment" if kind in _SEGMENTS else "subdomain"
    return "service-name" if kind == "Service" else wanted


def name_of(node: Map, here: Here) -> Iterator[Refusal]:
    """Yield what is wrong with the name of an object."""
    name, wanted = node.text("metadata", "name"), name_format(here.each.kind)
    at = Here("metadata", here.each, "core ValidateObjectMeta")
    namespace = "" if here.each.is_cluster_scoped else node.text("metadata", "namespace")
    for key, text, form in (("name", name, wanted), ("namespace", namespace, "label")):
        if text and not is_unknown(text) and not FORMATS[form].fits(text):
            fact = f"is {text}, expected {FORMATS[form].expected}"
            yield at.refuse(node.map("metadata"), key, fact, "rename it")
    for text in node.seq("metadata", "finalizers").texts():
        if text not in _FINALIZERS and not ("/" in text and FORMATS["qualified-name"].fits(text)):
            fact = f"has {text}, expected a name with a domain: example.com/name"
            yield at.refuse(node.map("metadata"), "finalizers", fact, "add a domain")


def claim(spec: Map, here: Here) -> Iterator[Refusal]:
    """ValidatePersistentVolumeClaimSpec."""
    wanted = spec.get("resources", "requests", "storage")
    size = amount(wanted)
    if wanted is None or (size is not None and size <= 0):
        at = here._replace(path=f"{here.path}.resources.requests")
        fact = "is missing" if wanted is None else "is not more than 0"
        yield at.refuse(spec.map("resources", "requests"), "storage", fact, "write storage: 10Gi")
    yield from _modes(spec, here)


def _modes(spec: Map, here: Here) -> Iterator[Refusal]:
    modes = spec.seq("accessModes").texts()
    if "ReadWriteOncePod" in modes and len(modes) > 1:
        yield here.refuse(spec, "accessModes", "has modes beside ReadWriteOncePod", "keep one mode")


def volume(spec: Map, here: Here) -> Iterator[Refusal]:
    """ValidatePersistentVolumeSpec."""
    capacity = spec.map("capacity")
    if "capacity" in spec and [*capacity] != ["storage"]:
        yield here.refuse(spec, "capacity", "has other keys than storage", "write storage alone")
    size = amount(capacity.get("storage"))
    if size is not None and size <= 0:
        at = here._replace(path=f"{here.path}.capacity")
        yield at.refuse(capacity, "storage", "is not more than 0", "write storage: 10Gi")
    yield from one_of(spec, here, [key for key in spec if key not in _NO_SOURCE], "type of volume")
    if "local" in spec and "nodeAffinity" not in spec:
        yield here.refuse(spec, "nodeAffinity", "is missing for a local volume", "add nodeAffinity")
    yield from _modes(spec, here)


def namespace(node: Map, here: Here) -> Iterator[Refusal]:
    """PodSecurity admission, ValidateNamespace."""
    labels, at = node.map("metadata", "labels"), here._replace(path="metadata.labels")
    for mode in ("enforce", "audit", "warn"):
        key = f"{_SECURITY}/{mode}"
        level, version = labels.text(key), labels.text(f"{key}-version")
        if level and level not in _LEVELS and not is_unknown(level):
            yield at.refuse(labels, key, f"is {level}, expected {' or '.join(_LEVELS)}", "write baseline")
        if version and not _VERSION.fullmatch(version) and not is_unknown(version):
            fact = f"is {version}, expected latest or a version as v1.35"
            yield at.refuse(labels, f"{key}-version", fact, "write latest")


def config_map(node: Map, here: Here) -> Iterator[Refusal]:
    """ValidateConfigMap."""
    for key in node.map("binaryData"):
        if key in node.map("data"):
            yield here._replace(path="binaryData").refuse(
                node.map("binaryData"), key, "is in data too", "rename one"
            )


def secret(node: Map, here: Here) -> Iterator[Refusal]:
    """ValidateSecret."""
    keys = {*node.map("data"), *node.map("stringData")}
    kind = node.text("type")
    for key in _NEEDED.get(kind, ()):
        if key not in keys:
            yield here.refuse(node, "data", f"has no {key}, which the type {kind} needs", f"add {key}")
    if kind == "kubernetes.io/basic-auth" and not keys & {"username", "password"}:
        yield here.refuse(node, "data", f"has no username and no password, which {kind} needs", "add them")
    account = "kubernetes.io/service-account.name"
    if kind == "kubernetes.io/service-account-token" and not node.text("metadata", "annotations", account):
        yield here.refuse(node, "type", f"needs the annotation {account}", f"add {account}")


def policy_rule(node: Map, here: Here) -> Iterator[Refusal]:
    """ValidatePolicyRule."""
    is_namespaced = here.each.kind == "Role"
    if node.seq("nonResourceURLs"):
        if is_namespaced:
            yield here.refuse(node, "nonResourceURLs", "is only allowed in a ClusterRole", "remove it")
        for key in ("apiGroups", "resources", "resourceNames"):
            if node.seq(key):
                yield here.refuse(node, key, "excludes nonResourceURLs", "write two rules")
        return
    for key in ("apiGroups", "resources"):
        if not node.seq(key):
            yield here.refuse(node, key, "is missing", f"add {key}")


def binding(node: Map, here: Here) -> Iterator[Refusal]:
    """ValidateRoleBinding, ValidateClusterRoleBinding."""
    role = node.map("roleRef")
    kinds = ("Role", "ClusterRole") if here.each.kind == "RoleBinding" else ("ClusterRole",)
    at = here._replace(path="roleRef")
    if is_absent(node.get("roleRef")):
        yield here.refuse(node, "roleRef", "is missing", "add roleRef")
    elif role.text("kind") not in ("", *kinds):
        yield at.refuse(
            role, "kind", f"is {role.text('kind')}, expected {' or '.join(kinds)}", f"write {kinds[0]}"
        )
    for number, subject in enumerate(node.maps("subjects")):
        yield from _subject(subject, here._replace(path=f"subjects[{number}]"))


def _subject(node: Map, here: Here) -> Iterator[Refusal]:
    """ValidateRoleBindingSubject."""
    kind, group, name = node.text("kind"), node.text("apiGroup"), node.text("name")
    expected = "" if kind == "ServiceAccount" else "rbac.authorization.k8s.io"
    if kind in ("ServiceAccount", "User", "Group") and group not in ("", expected):
        yield here.refuse(node, "apiGroup", f"is {group}, expected {expected or 'nothing'}", "remove it")
    if kind != "ServiceAccount":
        return
    if name and not FORMATS["subdomain"].fits(name) and not is_unknown(name):
        yield here.refuse(
            node, "name", f"is {name}, expected {FORMATS['subdomain'].expected}", "correct the name"
        )
    if here.each.kind == "ClusterRoleBinding" and is_absent(node.get("namespace")):
        yield here.refuse(node, "namespace", "is missing", "add the namespace of the service account")


def priority(node: Map, here: Here) -> Iterator[Refusal]:
    """ValidatePriorityClass."""
    value = go_number(node, "value")
    if value is not None and value > 1_000_000_000 and not here.each.name.startswith("system-"):
        yield here.refuse(node, "value", f"is {value}, expected at most 1000000000", "write a smaller number")


def _ratios(node: Map, here: Here) -> Iterator[Refusal]:
    ratios, at = node.map("maxLimitRequestRatio"), here._replace(path=f"{here.path}.maxLimitRequestRatio")
    for name, ratio in ratios.entries.items():
        value, least, most = amount(ratio), amount(node.get("min", name)), amount(node.get("max", name))
        if value is not None and value < 1:
            yield at.refuse(ratios, name, "is less than 1", "write 1 or more")
        if value is not None and least and most is not None and value > most / least:
            yield at.refuse(ratios, name, "is more than max divided by min", "write a smaller number")


def limit_range_item(node: Map, here: Here) -> Iterator[Refusal]:
    """ValidateLimitRange."""
    if node.text("type") == "Pod":
        for key in ("default", "defaultRequest"):
            if not is_absent(node.get(key)):
                yield here.refuse(node, key, "is not allowed with the type Pod", "remove it")
    if node.text("type") == "PersistentVolumeClaim" and not any(
        "storage" in node.map(key) for key in ("min", "max")
    ):
        yield here.refuse(node, "", "has neither min.storage nor max.storage", "add max: {storage: 10Gi}")
    yield from _ratios(node, here)
    for low, high in combinations(("min", "defaultRequest", "default", "max"), 2):
        for name in node.map(low):
            least, most = amount(node.map(low).get(name)), amount(node.map(high).get(name))
            if least is not None and most is not None and least > most:
                at = here._replace(path=f"{here.path}.{low}")
                yield at.refuse(
                    node.map(low), name, f"is more than {high}", f"write at most {node.text(high, name)}"
                )


def quota(spec: Map, here: Here) -> Iterator[Refusal]:
    """ValidateResourceQuotaSpec, validateResourceQuotaScopes."""
    hard, at = spec.map("hard"), here._replace(path=f"{here.path}.hard")
    scopes = [*spec.seq("scopes").texts()]
    for name, value in hard.entries.items():
        size = amount(value)
        if size is not None and size % 1 and name in _WHOLE:
            yield at.refuse(hard, name, f"is {hard.text(name)}, expected a whole number", "write one")
        for scope in scopes:
            is_alien = name in (RESOURCES - {"pods"} if scope == "BestEffort" else _NOT_OF_PODS)
            if is_alien and scope in _POD_SCOPES:
                yield at.refuse(hard, name, f"does not fit the scope {scope}", "move it to another quota")
    for first, second in _OPPOSITE:
        if first in scopes and second in scopes:
            yield here.refuse(spec, "scopes", f"has both {first} and {second}", "keep one of them")


def limit_range(spec: Map, here: Here) -> Iterator[Refusal]:
    """ValidateLimitRange."""
    yield from unique(spec.maps("limits"), "type", here._replace(path=f"{here.path}.limits[]"))


def driver(spec: Map, here: Here) -> Iterator[Refusal]:
    """validateTokenRequests."""
    seen: set[str] = set()
    for each in spec.maps("tokenRequests"):
        text = each.text("audience")
        if text in seen:
            at = here._replace(path=f"{here.path}.tokenRequests[]")
            yield at.refuse(each, "audience", f"is {text or 'empty'} in two items", "remove one")
        seen.add(text)


RULES: Rules = {
    "core.v1.ResourceQuotaSpec": quota,
    "storage.v1.CSIDriverSpec": driver,
    "core.v1.LimitRangeSpec": limit_range,
    "core.v1.PersistentVolumeClaimSpec": claim,
    "core.v1.PersistentVolumeSpec": volume,
    "core.v1.Namespace": namespace,
    "core.v1.ConfigMap": config_map,
    "core.v1.Secret": secret,
    "rbac.v1.PolicyRule": policy_rule,
    "rbac.v1.RoleBinding": binding,
    "rbac.v1.ClusterRoleBinding": binding,
    "scheduling.v1.PriorityClass": priority,
    "core.v1.LimitRangeItem": limit_range_item,
}
