"""Data in volumes: claims that shrink or cannot grow, and pods that start with another volume than before."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.hazards.database_images import IN_THE_SERVER, first_start, version_change
from generator.changes.hazards.model import API_SERVER, Effect, Hazard, place, shown
from generator.changes.hazards.pairs import WORKLOADS, both
from generator.languages.node import Map
from generator.system import Object, System
from generator.system.quantities import amount

_VALIDATION = (
    "https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg/apis/core/validation/validation.go"
    "#ValidatePersistentVolumeClaimUpdate"
)
_ADMISSION = (
    "https://github.com/kubernetes/kubernetes/blob/v1.35.0/plugin/pkg/admission/storage/persistentvolume/resize/"
    "admission.go"
)
_EXPANSION = (
    "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims"
)
_CLAIMS = "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#claims-as-volumes"
_SIZE = ("spec", "resources", "requests", "storage")


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield hazards for the size of claims, and for the data that a workload finds in its volumes."""
    for was, now in both(old, new, "PersistentVolumeClaim"):
        yield from _size(was, now, new)
    for was, now in both(old, new, *WORKLOADS):
        yield from _other_volume(was, now)
        yield from _other_mount(was, now)
        if now.node.maps("spec", "volumeClaimTemplates") or any(map(_claim, _volumes(now).values())):
            yield from _database_version(was, now)
            yield from _first_start(was, now)


def _size(was: Object, now: Object, new: System) -> Iterator[Hazard]:
    before, after = was.node.get(*_SIZE), now.node.get(*_SIZE)
    old_size, new_size = amount(before), amount(after)
    if old_size is None or new_size is None or old_size == new_size:
        return
    what = f"spec.resources.requests.storage changes from {shown(before)} to {shown(after)}"
    places = place(before), place(after)
    if new_size < old_size:
        safe = "create a smaller claim under another name, copy the data, and use it in the workload"
        message = f'{what}: "field can not be less than status.capacity"'
        yield Hazard(
            "volume-size", Effect.REFUSED, was.subject, message, *places, safe, _VALIDATION, API_SERVER
        )
        return
    name = now.node.text("spec", "storageClassName")
    storage = next(
        (each for each in new.by_key.values() if (each.kind, each.name) == ("StorageClass", name)), None
    )
    if now.spec.value("storageClassName") == "":
        message = (
            f"{what}, but the claim takes a volume without a StorageClass, and only a class lets a claim grow"
        )
        safe = "grow the volume by hand, or create a larger claim under another name and copy the data"
        yield Hazard(
            "volume-size", Effect.REFUSED, was.subject, message, *places, safe, _ADMISSION, API_SERVER
        )
    elif storage is None:
        storage_class = f"the StorageClass {name}" if name else "the default StorageClass"
        message = f"{what}; whether {storage_class} allows expansion is not known from these files"
        safe = "check allowVolumeExpansion with `kubectl get storageclass`"
        yield Hazard("volume-size", Effect.UNKNOWN, was.subject, message, *places, safe, _EXPANSION)
    elif storage.node.value("allowVolumeExpansion") is not True:
        message = f"{what}, but {storage.subject} does not set allowVolumeExpansion: true"
        safe = "set allowVolumeExpansion: true in the class first; that field can be changed"
        yield Hazard(
            "volume-size", Effect.REFUSED, was.subject, message, *places, safe, _EXPANSION, API_SERVER
        )


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
            continue  # only the name of the volume inside the pod changes
        instead = f"the claim {_claim(then)}" if _claim(then) else "no claim"
        yield Hazard(
            "other-volume",
            Effect.DATA_LOSS,
            was.subject,
            f"the volume {name} used the claim {claim} and now uses {instead}: the pods start without its data",
            place(volume),
            place(then, now.node),
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
    mounts = _mounts(now)
    for (container, volume), mount in _mounts(was).items():
        then = mounts.get((container, volume))
        if volume not in claims or then is None:
            continue
        for field in ("mountPath", "subPath"):
            before, after = mount.get(field), then.get(field)
            if before != after:
                yield Hazard(
                    "other-volume",
                    Effect.DATA_LOSS,
                    was.subject,
                    f"{field} of {volume} in {container} changes from {shown(before)} to {shown(after)}: the program "
                    "does not find its data there, and starts without it",
                    place(before, mount),
                    place(after, then),
                    "keep the path; or move the files on the volume while the workload has no pods",
                    _CLAIMS,
                )


def _database_version(was: Object, now: Object) -> Iterator[Hazard]:
    """Yield a hazard where another version of a database meets the files of the one before."""
    for container, then in _containers(was, now):
        found = version_change(container.text("image"), then.text("image"), "the pod")
        if found:
            yield Hazard(
                "database-version",
                found.effect,
                was.subject,
                found.message,
                place(container.get("image")),
                place(then.get("image")),
                found.safe,
                found.source,
                found.by,
                upgrades=found.upgrades,
            )


def _first_start(was: Object, now: Object) -> Iterator[Hazard]:
    """Yield a hazard for each variable that a database reads only when it has no files yet."""
    for container, then in _containers(was, now):
        database = first_start(then.text("image"))
        if database is None:
            continue
        before, after = ({each.text("name"): each for each in one.maps("env")} for one in (container, then))
        for name in sorted(database.variables & before.keys() & after.keys()):
            if before[name] != after[name]:
                yield Hazard(
                    "first-start",
                    Effect.NO_EFFECT,
                    was.subject,
                    database.message(name),
                    place(before[name].get("value"), before[name]),
                    place(after[name].get("value"), after[name]),
                    IN_THE_SERVER,
                    database.source,
                )


def _containers(was: Object, now: Object) -> Iterator[tuple[Map, Map]]:
    """Yield each container as it was, and as it is."""
    containers = {each.text("name"): each for each in now.template.maps("spec", "containers")}
    for container in was.template.maps("spec", "containers"):
        yield container, containers.get(container.text("name"), Map())
