"""A volume that only one node can mount must be used by one pod at a time.

Why: a rolling update starts the new pod before the old pod has stopped. On another node, the new pod cannot
mount the volume and never starts; on the same node, two databases write to the same files.

Bad:

    spec: {replicas: 1}                      # a Deployment with a ReadWriteOnce claim

Good:

    spec: {replicas: 1, strategy: {type: Recreate}}
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.checks.rules.kubernetes.scaling import copies
from generator.findings import Finding, Note, warning

CODE = "checks/single-writer"
ADVICE = "kubernetes.io, Persistent Volumes, Access Modes"


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    claims = {(each.namespace, each.name): each for each in system.kind("PersistentVolumeClaim")}
    single = {key for key, each in claims.items() if _is_single(each.spec.seq("accessModes").texts())}
    if not single:
        raise NotApplicableError("no volume is limited to one node")
    for workload in system.workloads:
        for volume in workload.pod_spec.maps("volumes"):
            claim = (workload.namespace, volume.map("persistentVolumeClaim").text("claimName"))
            if claim not in single or workload.kind != "Deployment":
                continue
            notes = (Note("the volume", claims[claim].spec.key_place("accessModes")),)
            strategy = workload.spec.map("strategy")
            if strategy.text("type") != "Recreate":
                at = strategy.at_key("type") if strategy else workload.at
                message = f"{workload.identity} starts a new pod before the old pod has released {claim[1]}"
                yield warning(CODE, message, at, notes=notes, hint="set strategy: {type: Recreate}")
            _, most = copies(system, workload)
            if most > 1:
                at = workload.spec.at_key("replicas")
                message = f"{most} pods of {workload.identity} use {claim[1]}, but only one node can mount it"
                yield warning(CODE, message, at, notes=notes, hint="set replicas: 1, or use a StatefulSet")


def _is_single(modes: list[str]) -> bool:
    return bool(modes) and not any(mode.endswith("Many") for mode in modes)
