"""PostgreSQL must keep its data in a subdirectory of the mount point of its volume.

Why: a new EBS volume contains `lost+found`. `initdb` rejects a directory that is not empty, and the database
never starts.

Bad:

    volumeMounts: [{name: storage, mountPath: /var/lib/postgresql/data}]

Good:

    env: [{name: PGDATA, value: /var/lib/postgresql/data/pgdata}]
    volumeMounts: [{name: storage, mountPath: /var/lib/postgresql/data}]
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks import databases
from generator.checks.databases import POSTGRES
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error
from generator.system import Container

CODE = "checks/data-directory"
_DEFAULT = "/var/lib/postgresql/data"


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    running = databases.in_cluster(system, POSTGRES)
    if not running:
        raise NotApplicableError("no database runs in the cluster")
    for container in running:
        kept = {
            volume.text("name")
            for volume in container.workload.pod_spec.maps("volumes")
            if "persistentVolumeClaim" in volume
        }
        kept |= {
            claim.map("metadata").text("name")
            for claim in container.workload.spec.maps("volumeClaimTemplates")
        }
        for mount in container.node.maps("volumeMounts"):
            if mount.text("name") in kept and "subPath" not in mount:
                yield from _below(container, mount.text("mountPath").rstrip("/"), mount.at_key("mountPath"))


def _below(container: Container, path: str, at: Span) -> Iterator[Finding]:
    entry = container.environment.get("PGDATA")
    folder = entry.text("value").rstrip("/") if entry else _DEFAULT
    if folder.startswith(f"{path}/"):
        return
    place = entry.at_key("value") if entry else at
    setting = f"PGDATA is {folder or 'empty'}" if entry else f"PGDATA is not set and defaults to {folder}"
    wanted = f"expected a folder below {path}, where the volume is mounted"
    message = f"{setting}, {wanted}"
    note = Note("the volume is mounted here", at)
    yield error(CODE, message, place, notes=(note,), hint=f"set PGDATA to {path}/pgdata")
