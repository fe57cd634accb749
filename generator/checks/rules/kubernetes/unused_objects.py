"""Every object that a pod references must exist, and every ConfigMap, Secret and ServiceAccount must be used.

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
from generator.findings import Finding, Note, Span, warning
from generator.findings.suggest import nearest
from generator.languages.node import leaves
from generator.system import System
from generator.system.kubernetes import Object, config_names, secret_names

CODE = "checks/unused-objects"
ADVICE = "kubernetes.io, Configuration Good Practices"


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.workloads:
        raise NotApplicableError("there are no workloads")
    accounts = [
        (each, each.pod_spec.text("serviceAccountName"), each.pod_spec.at_key("serviceAccountName"))
        for each in system.workloads
        if each.pod_spec.text("serviceAccountName") not in ("", "default")
    ]
    configs = [(each, name.text, name.at) for each in system.workloads for name in config_names(each)]
    secrets = [(each, name.text) for each in system.workloads for name in secret_names(each)]
    customs = [(each, name) for each in system.customs for name in _named(each)]
    yield from _both_ways(system, "ServiceAccount", accounts, customs)
    yield from _both_ways(system, "ConfigMap", configs, customs)
    yield from _unused(system.kind("Secret"), [*secrets, *customs])


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
