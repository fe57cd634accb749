"""Rights that are wider than before: of pods on their node, of roles in the cluster, and of a namespace's pods."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.hazards.model import Effect, Hazard, place
from generator.changes.hazards.pairs import WORKLOADS, both
from generator.languages.node import Map, Node
from generator.system import Container, Object, System

_SECURITY = "https://kubernetes.io/docs/concepts/security/pod-security-standards/"
_ROLES = "https://kubernetes.io/docs/reference/access-authn-authz/rbac/"
_LEVEL = "pod-security.kubernetes.io/enforce"
_LEVELS = ("privileged", "baseline", "restricted")  # the widest first
_OF_NODE = ("hostNetwork", "hostPID", "hostIPC")
_NARROW = "keep it, unless the program cannot work without"

Widened = tuple[str, Node | None]  # what, and where it is set


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each right that is new."""
    for was, now in both(old, new, *WORKLOADS, "Pod"):
        for what, node in _pod(was, now):
            yield _hazard(was, now, what, node, _NARROW, _SECURITY)
    for was, now in both(old, new, "Namespace"):
        yield from _level(was, now)
    for was, now in both(old, new, "Role", "ClusterRole"):
        before = _allowed(was)
        added = {key: node for key, node in _allowed(now).items() if not _covers(before, key)}
        for (verb, resource), node in list(added.items())[:1]:
            more = f" and {len(added) - 1} more" if len(added) > 1 else ""
            safe = "make sure that it is needed, and name the resources and verbs"
            yield _hazard(was, now, f"now allows {verb} of {resource}{more}", node, safe, _ROLES)
    for was, now in both(old, new, "RoleBinding", "ClusterRoleBinding"):
        names = set(_subjects(was))
        for name, node in _subjects(now).items():
            if name not in names:
                safe = "make sure that it needs the role"
                yield _hazard(was, now, f"gives its role to {name}, too", node, safe, _ROLES)


def _hazard(was: Object, now: Object, what: str, node: Node | None, safe: str, source: str) -> Hazard:
    places = place(was.node), place(node, now.node)
    return Hazard("rights", Effect.WIDENED, now.subject, what, *places, safe, source)


def _pod(was: Object, now: Object) -> Iterator[Widened]:
    """Yield what the pods of a workload may do that they might not before."""
    before, after = was.pod_spec, now.pod_spec
    for name in _OF_NODE:
        if after.value(name) is True and before.value(name) is not True:
            yield f"{name} is true: its pods see what belongs to the node", after.get(name)
    paths = {each.text("hostPath", "path") for each in before.maps("volumes")}
    for each in after.maps("volumes"):
        path = each.text("hostPath", "path")
        if path and path not in paths:
            yield f"its pods get {path} of the node", each.get("hostPath")
    old = {each.name: each for each in was.all_containers}
    for container in now.all_containers:
        if container.name in old:
            yield from _container(old[container.name], container)


def _container(was: Container, now: Container) -> Iterator[Widened]:
    before, after = was.node.map("securityContext"), now.node.map("securityContext")
    if after.value("privileged") is True and before.value("privileged") is not True:
        yield f"{now.name} is privileged: it may do on the node what root may", after.get("privileged")
    added = set(after.seq("capabilities", "add").texts()) - set(before.seq("capabilities", "add").texts())
    if added:
        yield f"{now.name} has the capability {', '.join(sorted(added))}", after.get("capabilities")
    if _must_not_be_root(was, before) and not _must_not_be_root(now, after):
        yield f"{now.name} may run as root", now.node.get("securityContext") or now.workload.pod_spec


def _must_not_be_root(container: Container, own: Map) -> bool:
    key = "runAsNonRoot"
    return (own if key in own else container.workload.pod_spec.map("securityContext")).value(key) is True


def _level(was: Object, now: Object) -> Iterator[Hazard]:
    before, after = (each.node.text("metadata", "labels", _LEVEL) for each in (was, now))
    levels = [_LEVELS.index(each) if each in _LEVELS else 0 for each in (before, after)]
    if levels[1] < levels[0]:
        steps = f"{_LEVEL} changes from {before} to {after or 'nothing'}"
        what = f"{steps}: pods with more rights are accepted"
        yield _hazard(was, now, what, now.node.get("metadata", "labels", _LEVEL), f"keep {before}", _SECURITY)


def _allowed(role: Object) -> dict[tuple[str, str], Node]:
    """Return the rule of a role that allows each verb on each resource."""
    return {
        (verb, f"{group}/{resource}".lstrip("/")): rule
        for rule in role.node.maps("rules")
        for verb in rule.seq("verbs").texts()
        for group in rule.seq("apiGroups").texts() or [""]
        for resource in rule.seq("resources").texts() or rule.seq("nonResourceURLs").texts()
    }


def _covers(allowed: dict[tuple[str, str], Node], key: tuple[str, str]) -> bool:
    """Return whether a role allows a verb on a resource, also by `*`."""
    verb, resource = key
    group = resource.rpartition("/")[0]
    resources = (resource, f"{group}/*".lstrip("/"), "*/*", "*")
    return any((each, other) in allowed for each in (verb, "*") for other in resources)


def _subjects(binding: Object) -> dict[str, Node]:
    return {
        " ".join(filter(None, (each.text("kind"), each.text("namespace"), each.text("name")))): each
        for each in binding.node.maps("subjects")
    }
