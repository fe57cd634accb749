"""A role must name resources that exist, by their plural and group, and no account needs all rights.

Checked: the resources of roles against the kinds of Kubernetes' stable API; bindings of `cluster-admin` to service
accounts, and of any role to everybody.

Why: the API server accepts a role for `pod` or for deployments of the group "", and it permits nothing. A token of an
account with all rights, such as that of a pod, is enough to take the cluster.

Bad:

    rules: [{apiGroups: [""], resources: [deployments], verbs: [get]}]

Good:

    rules: [{apiGroups: [apps], resources: [deployments], verbs: [get]}]
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, warning
from generator.languages.node import Leaf
from generator.system.api_server.schema import schema
from generator.system.kubernetes import Object

CODE = "checks/rights"
ADVICE = "kubernetes.io, Using RBAC Authorization; Role Based Access Control Good Practices"
_ROLES = ("Role", "ClusterRole")
_BINDINGS = ("RoleBinding", "ClusterRoleBinding")
_ALL = ("ServiceAccount", "cluster-admin")
_EVERYBODY = ("system:anonymous", "system:authenticated", "system:unauthenticated")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    roles, bindings = system.kind(*_ROLES), system.kind(*_BINDINGS)
    if not roles and not bindings:
        raise NotApplicableError("there are no roles and no bindings")
    for each in roles:
        yield from _resources(each)
    for each in bindings:
        yield from _binding(each)


def _groups() -> Mapping[str, set[str]]:
    """Return the groups of each resource of the stable API, by its plural."""
    found: dict[str, set[str]] = defaultdict(set)
    for name in schema()["kinds"]:
        version, _, kind = name.partition(" ")
        found[_plural(kind)].add(version.rpartition("/")[0])
    return found


def _plural(kind: str) -> str:
    name = kind.lower()
    if name.endswith("y"):
        return f"{name[:-1]}ies"
    return name if name == "endpoints" else f"{name}{'es' if name.endswith('s') else 's'}"


def _resources(role: Object) -> Iterator[Finding]:
    """Yield a warning for each resource that no group of its rule has, and that no other rule grants."""
    known = _groups()
    stable = {group for groups in known.values() for group in groups}
    rules = role.node.maps("rules")
    granted = {
        (group, text)
        for rule in rules
        for group in rule.seq("apiGroups").texts()
        for text in rule.seq("resources").texts()
    }
    for rule in rules:
        groups = set(rule.seq("apiGroups").texts())
        for leaf in rule.seq("resources").leaves() if groups and groups <= stable else ():
            yield from _resource(role, leaf, groups, granted, known)


def _resource(
    role: Object, leaf: Leaf, groups: set[str], granted: set[tuple[str, str]], known: Mapping[str, set[str]]
) -> Iterator[Finding]:
    name, slash, inner = leaf.text.partition("/")
    plural = _plural(name)
    own = known.get(name, set())
    if name not in known and plural in known and known[plural] & groups:
        message = f"{role.identity} names {leaf.text}, and resources are named by their plural"
        yield warning(CODE, message, leaf.at, hint=f"write {plural}{slash}{inner}")
    elif own and not own & groups and not any((group, leaf.text) in granted for group in own):
        group = min(own) or '""'
        message = f"{role.identity} permits nothing on {leaf.text}, which is in the group {group}"
        yield warning(CODE, message, leaf.at, hint=f"add {group} to apiGroups")


def _binding(binding: Object) -> Iterator[Finding]:
    role = binding.node.map("roleRef")
    for subject in binding.node.maps("subjects"):
        kind, name = subject.text("kind"), subject.text("name")
        if name in _EVERYBODY and not role.text("name").startswith("system:"):
            message = f"{binding.identity} gives the role {role.text('name')} to {name}"
            yield warning(CODE, message, subject.at_key("name"), hint="name the accounts that need it")
        elif binding.kind == "ClusterRoleBinding" and (kind, role.text("name")) == _ALL:
            message = f"{binding.identity} gives the ServiceAccount {name} every right in the cluster"
            hint = "bind a role with the rights that it uses"
            yield warning(CODE, message, role.at_key("name"), hint=hint)
