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

from generator.checks.rule import NotApplicable
from generator.findings import Finding, Note, Span, error
from generator.findings.suggest import nearest
from generator.system.former import Parsed
from generator.system.former.manifests import Manifest, config_references, secret_references
from generator.values.layers import Values

CODE = "checks/unused-objects"


def check(tree: Parsed, values: Values) -> Iterator[Finding]:
    if not tree.workloads:
        raise NotApplicable("there are no workloads")
    accounts = [
        (each, each.pod_spec.text("serviceAccountName"), each.pod_spec.at("serviceAccountName"))
        for each in tree.workloads
        if each.pod_spec.text("serviceAccountName") not in ("", "default")
    ]
    configs = [
        (each, holder.text(key), holder.at(key))
        for each in tree.workloads
        for holder, key in config_references(each.pod_spec)
    ]
    secrets = [
        (each, holder.text(key), holder.at(key))
        for each in tree.workloads
        for holder, key in secret_references(each.pod_spec)
    ]
    yield from _both_ways(tree, "ServiceAccount", accounts)
    yield from _both_ways(tree, "ConfigMap", configs)
    yield from _unused(tree.kind("Secret"), {(each.namespace, name) for each, name, _ in secrets})


def _both_ways(tree: Parsed, kind: str, used: list[tuple[Manifest, str, Span]]) -> Iterator[Finding]:
    there = {(each.namespace, each.name): each for each in tree.kind(kind)}
    for workload, name, at in used:
        if (workload.namespace, name) not in there:
            notes = tuple(Note(f"there is {each.name}", each.at) for each in there.values())
            hint = nearest(name, [each for _, each in there]) or f"add a {kind} of that name"
            message = f"{workload.identity} uses the {kind} {name}, which is not there"
            yield error(CODE, message, at, notes=notes[:3], hint=hint)
    yield from _unused(list(there.values()), {(workload.namespace, name) for workload, name, _ in used})


def _unused(objects: list[Manifest], used: set[tuple[str, str]]) -> Iterator[Finding]:
    for each in objects:
        if (each.namespace, each.name) not in used:
            yield error(CODE, f"no pod uses {each.identity}", each.at, hint="use it in a pod, or delete it")
