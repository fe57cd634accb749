"""Every volume mount must name a volume of the pod, and every claim that a pod uses must exist.

Why: the API server rejects a pod whose mount has no volume. A pod that uses a claim that does not exist stays
`Pending`.

Bad:

    volumeMounts: [{name: data, mountPath: /data}]
    volumes: [{name: storage, emptyDir: {}}]

Good:

    volumeMounts: [{name: storage, mountPath: /data}]
    volumes: [{name: storage, emptyDir: {}}]
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error, error_if, warning
from generator.findings.suggest import nearest
from generator.system import System
from generator.system.api_server.schema import is_unknown
from generator.system.kubernetes import Object

CODE = "checks/volumes"
ADVICE = "kubernetes.io, Persistent Volumes; Volumes"


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.workloads:
        raise NotApplicableError("there are no workloads")
    for each in system.workloads:
        yield from _mounts(each)
    yield from _claims(system)


def _mounts(workload: Object) -> Iterator[Finding]:
    volumes = {volume.text("name"): volume.at_key("name") for volume in workload.pod_spec.maps("volumes")}
    made = {each.text("metadata", "name") for each in workload.spec.maps("volumeClaimTemplates")}
    mounted: set[str] = set()
    for container in workload.all_containers:
        paths: dict[str, Span] = {}
        for mount in container.node.maps("volumeMounts"):
            name, path = mount.text("name"), mount.text("mountPath")
            mounted.add(name)
            if name not in volumes and name not in made and not is_unknown(name):
                notes = tuple(Note(f"there is {each}", at) for each, at in volumes.items())
                hint = nearest(name, list(volumes)) or "add it to the volumes of the pod"
                message = f"{workload.identity} has no volume {name}"
                yield error(CODE, message, mount.at_key("name"), notes=notes, hint=hint)
            if path in paths:
                note = Note("the first one is here", paths[path])
                message = f"two volumes are mounted at {path}"
                yield error(
                    CODE,
                    message,
                    mount.at_key("mountPath"),
                    notes=(note,),
                    hint="use another mountPath for one of them",
                )
            paths[path] = mount.at_key("mountPath")
    for name, at in volumes.items():
        if name not in mounted:
            message = f"no container of {workload.identity} mounts the volume {name}"
            hint = nearest(name, sorted(mounted)) or "mount it in a container, or remove it"
            yield warning(CODE, message, at, hint=hint)


def _claims(system: System) -> Iterator[Finding]:
    claims = {(each.namespace, each.name): each for each in system.kind("PersistentVolumeClaim")}
    claimed = set()
    for workload in system.workloads:
        made = {each.text("metadata", "name") for each in workload.spec.maps("volumeClaimTemplates")}
        for volume in workload.pod_spec.maps("volumes"):
            claim = volume.map("persistentVolumeClaim")
            name = claim.text("claimName")
            claimed.add((workload.namespace, name))
            if name and name not in made and (workload.namespace, name) not in claims:
                notes = tuple(Note(f"there is {each.name}", each.at) for each in claims.values())
                near = nearest(name, [each for _, each in claims])
                hint = near or "add a PersistentVolumeClaim with that name"
                message = f"{workload.identity} uses the claim {name}, which does not exist"
                yield error_if(near, CODE, message, claim.at_key("claimName"), notes=notes, hint=hint)
    for key, each in claims.items():
        if key not in claimed:
            yield warning(CODE, f"no pod uses {each.identity}", each.at, hint="use it in a pod, or delete it")
