"""Data in volumes: claims that shrink or cannot grow, and pods that begin with another volume than before."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.changes.diff import Leaf, Map
from generator.changes.hazards.kubernetes.pairs import WORKLOADS, both
from generator.changes.hazards.model import Effect, Hazard, place, shown
from generator.changes.hazards.quantities import amount
from generator.changes.hazards.system import Object, System

_VALIDATION = (
    "https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg/apis/core/validation/validation.go"
    "#ValidatePersistentVolumeClaimUpdate"
)
_EXPANSION = (
    "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims"
)
_CLAIMS = "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#claims-as-volumes"
_POSTGRES = "https://www.postgresql.org/docs/current/upgrading.html"
_SIZE = ("spec", "resources", "requests", "storage")
_VERSION = re.compile(r"(?:^|/)postgres:(\d+)")


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield hazards for the size of claims, and for what a workload finds in its volumes."""
    for was, now in both(old, new, "PersistentVolumeClaim"):
        yield from _size(was, now, new)
    for was, now in both(old, new, *WORKLOADS):
        yield from _other_volume(was, now)
        yield from _other_mount(was, now)
        yield from _database_version(was, now)


def _size(was: Object, now: Object, new: System) -> Iterator[Hazard]:
    before, after = was.node.get(*_SIZE), now.node.get(*_SIZE)
    old_size, new_size = amount(before), amount(after)
    if old_size is None or new_size is None or old_size == new_size:
        return
    what = f"spec.resources.requests.storage changes from {shown(before)} to {shown(after)}"
    places = place(was.path, before), place(now.path, after)
    if new_size < old_size:
        safe = "make a smaller claim under another name, copy the data, and point the workload to it"
        message = f'{what}: "field can not be less than status.capacity"'
        yield Hazard("volume-size", Effect.REFUSED, was.subject, message, *places, safe, _VALIDATION)
        return
    name = now.node.text("spec", "storageClassName")
    storage = next(
        (each for each in new.objects.values() if (each.kind, each.name) == ("StorageClass", name)), None
    )
    if storage is None:
        message = f"{what}; whether the class {name or 'by default'} lets volumes grow is not known from these files"
        safe = "look for allowVolumeExpansion in `kubectl get storageclass`"
        yield Hazard("volume-size", Effect.UNKNOWN, was.subject, message, *places, safe, _EXPANSION)
    elif storage.node.scalar("allowVolumeExpansion") is not True:
        message = f"{what}, and {storage.subject} does not say allowVolumeExpansion: true"
        safe = "set allowVolumeExpansion: true in the class first; that field may change"
        yield Hazard("volume-size", Effect.REFUSED, was.subject, message, *places, safe, _EXPANSION)


def _volumes(each: Object) -> dict[str, Map]:
    return {volume.text("name"): volume for volume in each.template.maps("spec", "volumes")}


def _claim(volume: Map | None) -> str:
    return volume.text("persistentVolumeClaim", "claimName") if volume else ""


def _other_volume(was: Object, now: Object) -> Iterator[Hazard]:
    after = _volumes(now)
    for name, volume in _volumes(was).items():
        claim, then = _claim(volume), after.get(name)
        if not claim or claim == _claim(then):
            continue
        if then is None and any(_claim(other) == claim for other in after.values()):
            continue  # the volume has another name inside of the pod
        instead = f"the claim {_claim(then)}" if _claim(then) else "no claim"
        yield Hazard(
            "other-volume",
            Effect.DATA_LOSS,
            was.subject,
            f"the volume {name} was the claim {claim} and is {instead} now: the pods begin without what is in it",
            place(was.path, volume),
            place(now.path, then) or place(now.path, now.node),
            f"keep the claim {claim}, or copy its data to the new one while nothing writes to it",
            _CLAIMS,
        )


def _mounts(each: Object) -> dict[tuple[str, str], Map]:
    """Return the mount of each volume in each container."""
    return {
        (container.text("name"), mount.text("name")): mount
        for container in each.template.maps("spec", "containers")
        for mount in container.maps("volumeMounts")
    }


def _other_mount(was: Object, now: Object) -> Iterator[Hazard]:
    claims = {name for name, volume in _volumes(was).items() if _claim(volume)}
    after = _mounts(now)
    for (container, volume), mount in _mounts(was).items():
        then = after.get((container, volume))
        if volume not in claims or then is None:
            continue
        for field in ("mountPath", "subPath"):
            before, behind = mount.get(field), then.get(field)
            if isinstance(before, Leaf | None) and before != behind:
                yield Hazard(
                    "other-volume",
                    Effect.DATA_LOSS,
                    was.subject,
                    f"{field} of {volume} in {container} changes from {shown(before)} to {shown(behind)}: what the "
                    "program wrote is in another place then, and it begins as if there were nothing",
                    place(was.path, before or mount),
                    place(now.path, behind or then),
                    "keep the path; or move the files on the volume while the workload has no pods",
                    _CLAIMS,
                )


def _database_version(was: Object, now: Object) -> Iterator[Hazard]:
    """A new major version of PostgreSQL does not read the files of an older one."""
    if not any(_claim(volume) for volume in _volumes(now).values()):
        return
    after = {each.text("name"): each for each in now.template.maps("spec", "containers")}
    for container in was.template.maps("spec", "containers"):
        then = after.get(container.text("name"))
        before = _VERSION.search(container.text("image"))
        behind = _VERSION.search(then.text("image")) if then else None
        if then and before and behind and before[1] != behind[1]:
            yield Hazard(
                "database-version",
                Effect.REFUSED,
                was.subject,
                f"PostgreSQL changes from {before[1]} to {behind[1]}: it refuses the files of another major version, "
                "and the pod does not start",
                place(was.path, container.get("image")),
                place(now.path, then.get("image")),
                "dump the database, start the new version with an empty volume, and restore the dump",
                _POSTGRES,
            )
