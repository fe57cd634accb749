"""Every object that a pod references must exist, and every ConfigMap, Secret and ServiceAccount must be used.

A key of a ConfigMap must be in it. Names of Services and workloads in routes and scalers of other products are
compared with those that are alike.

Why: a pod does not start if its ServiceAccount or ConfigMap is missing. A ConfigMap that no pod mounts has no
effect.

Bad:

    kind: ConfigMap
    metadata: {name: cloudwatch-config}      # and no pod that mounts it

Good:

    volumes: [{name: config, configMap: {name: cloudwatch-config}}]
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error, error_if, warning
from generator.findings.suggest import nearest
from generator.languages.node import Map, leaves, walk
from generator.system import System
from generator.system.kubernetes import Object, config_names, secret_names

CODE = "checks/unused-objects"
ADVICE = "kubernetes.io, Configuration Good Practices"
_SHORT_END = 4  # letters of a number, a colour or a version at the end of a name
_ROLES = frozenset(["admin", "cluster-admin", "edit", "view"])  # which every cluster has
# What a custom resource names of another kind, and the kind if it names none.
_STORES = {
    "ExternalSecret": ("secretStoreRef",),
    "PushSecret": ("secretStoreRef",),
    "Certificate": ("issuerRef",),
}
_DEFAULT = {"secretStoreRef": "SecretStore", "issuerRef": "Issuer"}
_ROUTES = frozenset(
    ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute", "IngressRoute", "IngressRouteTCP"]
)


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.workloads:
        raise NotApplicableError("there are no workloads")
    accounts = [
        (each, each.pod_spec.text("serviceAccountName"), each.pod_spec.at_key("serviceAccountName"))
        for each in system.workloads
        if each.pod_spec.text("serviceAccountName") not in ("", "default")
    ]
    configs = [
        (each, name.text, name.at) for each in system.workloads for name in config_names(each, needed=True)
    ]
    optional = [(each, name.text) for each in system.workloads for name in config_names(each)]
    secrets = [(each, name.text) for each in system.workloads for name in secret_names(each)]
    customs = [(each, name) for each in system.customs for name in _named(each)]
    yield from _both_ways(system, "ServiceAccount", accounts, customs)
    yield from _both_ways(system, "ConfigMap", configs, [*optional, *customs])
    yield from _unused(system.kind("Secret"), [*secrets, *customs])
    for workload in system.workloads:
        yield from _keys(system, workload)
    for each in system.manifests:
        yield from _misspelt(system, each)


def _keys(system: System, workload: Object) -> Iterator[Finding]:
    """Yield an error for each key of a ConfigMap of the tree that the ConfigMap does not have."""
    wanted = [
        entry.map("valueFrom", "configMapKeyRef")
        for container in workload.all_containers
        for entry in container.node.maps("env")
    ]
    used = [(each.text("name"), each) for each in wanted]
    for volume in workload.pod_spec.maps("volumes"):
        used += [(volume.text("configMap", "name"), each) for each in volume.maps("configMap", "items")]
    unknown = system.unknown_files()
    for name, each in used:
        there = [one for one in system.kind("ConfigMap") if one.name == name and _is_same(one, workload)]
        keys = [key for one in there for part in ("data", "binaryData") for key in one.node.map(part)]
        key, is_known = each.text("key"), not any(one.path in unknown for one in there)
        if there and key and is_known and key not in keys and each.value("optional") is not True:
            notes = tuple(Note("the ConfigMap", one.at) for one in there)
            hint = nearest(key, keys) or f"add {key} to it"
            message = f"{workload.identity} uses the key {key}, which the ConfigMap {name} does not have"
            yield error(CODE, message, each.at_key("key"), notes=notes, hint=hint)


def _misspelt(system: System, each: Object) -> Iterator[Finding]:
    """Yield a finding for a name that no object of the tree has, but that is written like the name of one.

    Without its Service, a StatefulSet runs, but its pods have no names.
    """
    for kind, holder, key in _targets(each):
        name = holder.text(key)
        namespace = holder.text("namespace") or each.namespace
        there = [one.name for one in system.kind(kind) if not namespace or one.namespace in ("", namespace)]
        near = nearest(name, [one for one in there if not _is_variant(name, one)])
        if name and near and name not in there:
            message = f"{each.identity} uses the {kind} {name}, which does not exist here"
            is_error = each.kind != "StatefulSet"
            yield error_if(is_error, CODE, message, holder.at_key(key), hint=near)


def _is_variant(name: str, other: str) -> bool:
    """Return whether two names differ as those of releases and copies do: web and web-canary, api-v1 and api-v2."""
    if f"{name}-".startswith(f"{other}-") or f"{other}-".startswith(f"{name}-"):
        return True
    (stem, _, end), (other_stem, _, other_end) = (each.rpartition("-") for each in (name, other))
    return bool(stem) and stem == other_stem and min(len(end), len(other_end)) < _SHORT_END


def _targets(each: Object) -> Iterator[tuple[str, Map, str]]:
    """Yield what an object names: the kind, the map that holds the name, and its key."""
    if each.kind == "StatefulSet":
        yield "Service", each.spec, "serviceName"
    if each.kind in _ROUTES:
        holders = [one for node in walk(each.node) if isinstance(node, Map) for one in _backends(node)]
        yield from (("Service", one, "name") for one in holders if one.text("kind") in ("", "Service"))
    role = each.node.map("roleRef")
    if each.kind in ("RoleBinding", "ClusterRoleBinding") and role.text("name") not in _ROLES:
        yield role.text("kind"), role, "name"
    for keys in _STORES.get(each.kind, ()):
        named = each.spec.map(keys)
        yield named.text("kind") or _DEFAULT[keys], named, "name"
    if each.kind == "ScaledObject":
        target = each.spec.map("scaleTargetRef")
        if target.text("kind") in ("", "Deployment"):
            yield "Deployment", target, "name"


def _backends(node: Map) -> Iterator[Map]:
    yield from (*node.maps("backendRefs"), *node.maps("services"))


def _named(each: Object) -> Iterator[str]:
    """Yield the names that a custom resource may use: every text in it, and the name that many operators derive."""
    yield f"{each.kind.lower()}-{each.name}"
    yield from (leaf.text for leaf in leaves(each.node))


def _both_ways(
    system: System, kind: str, used: list[tuple[Object, str, Span]], customs: list[tuple[Object, str]]
) -> Iterator[Finding]:
    there = system.kind(kind)
    for workload, name, at in used:
        if not any(each.name == name and _is_same(each, workload) for each in there):
            notes = tuple(Note(f"there is {each.name}", each.at) for each in there)
            near = nearest(name, [each.name for each in there if each.name != name])
            hint = near or f"add a {kind} with that name"
            message = f"{workload.identity} uses the {kind} {name}, which does not exist here"
            yield warning(CODE, message, at, notes=notes[:3], hint=hint)
    yield from _unused(there, [*((workload, name) for workload, name, _ in used), *customs])


def _is_same(each: Object, other: Object) -> bool:
    """Return whether two objects may be in one namespace: a command may give one to an object without any."""
    return each.namespace == other.namespace or not (each.namespace and other.namespace)


def _unused(objects: list[Object], used: list[tuple[Object, str]]) -> Iterator[Finding]:
    for each in objects:
        if not any(name == each.name and _is_same(each, workload) for workload, name in used):
            yield warning(CODE, f"no pod uses {each.identity}", each.at, hint="use it in a pod, or delete it")
