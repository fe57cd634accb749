"""A volume claim must name an existing storage class, and a driver must be installed that provisions its
volumes.

Why: EKS clusters of version 1.30 or newer have no default class, and no class provisions a volume without the
add-on aws-ebs-csi-driver. The claim and the pod stay `Pending`.

Bad:

    kind: PersistentVolumeClaim
    spec: {accessModes: [ReadWriteOnce]}

Good:

    kind: PersistentVolumeClaim
    spec: {storageClassName: gp3, accessModes: [ReadWriteOnce]}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.checks.rule import SOURCE, Context, NotApplicableError
from generator.findings import Finding, Note, Span, error, error_if, warning
from generator.findings.suggest import nearest
from generator.languages.node import Map
from generator.system import System
from generator.system.kubernetes import Object

CODE = "checks/storage-class"
ADVICE = "docs.aws.amazon.com, EKS: Store application data with Amazon EBS"
_CHARTS = ("HelmRelease", "HelmChart", "Application", "ApplicationSet", "HelmChartProxy")
_ADDON = "aws-ebs-csi-driver"
_PROVISIONER = "ebs.csi.aws.com"
_DISKS = {
    "disk.csi.azure.com": "disks of Azure",
    "kubernetes.io/aws-ebs": "volumes of EBS",
    "kubernetes.io/azure-disk": "disks of Azure",
    "kubernetes.io/gce-pd": "disks of Google Cloud",
    "pd.csi.storage.gke.io": "disks of Google Cloud",
    _PROVISIONER: "volumes of EBS",
}
_SHARED = f"{SOURCE}kubernetes.io, Persistent Volumes: Access Modes"


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    claims = list(_claims(system))
    classes = {each.name: each for each in system.kind("StorageClass")}
    if not claims and not classes:
        raise NotApplicableError("there are no volume claims and no storage classes")
    is_eks = bool(system.terraform.clusters) or any(map(_is_ebs, classes.values()))
    has_charts = any(each.kind in _CHARTS for each in system.customs)
    for what, spec in claims:
        if "storageClassName" in spec or is_eks:
            yield from _class(what, spec, classes, has_charts)
        yield from _modes(what, spec, classes.get(spec.text("storageClassName")))
    provisioners = [each.node.at_key("provisioner") for each in classes.values() if _is_ebs(each)]
    places = [*provisioners, *(spec.at for _, spec in claims)]
    if places and system.terraform.clusters:
        yield from _driver(system, places[0])


def _claims(system: System) -> Iterator[tuple[str, Map]]:
    for each in system.kind("PersistentVolumeClaim"):
        yield each.identity, each.spec
    for workload in system.kind("StatefulSet"):
        for claim in workload.spec.maps("volumeClaimTemplates"):
            yield f"a claim of {workload.identity}", claim.map("spec")


def _is_ebs(storage: Object) -> bool:
    return storage.node.text("provisioner") == _PROVISIONER


def _class(what: str, spec: Map, classes: Mapping[str, Object], has_charts: bool) -> Iterator[Finding]:
    name = spec.text("storageClassName")
    if name in classes:
        return
    problem = (
        f"uses the class {name}, which does not exist"
        if name
        else "has no storageClassName, and EKS has no default class"
    )
    at = spec.at_key("storageClassName") if name else spec.at
    notes = tuple(Note(f"there is {each.name}", each.at) for each in classes.values())
    near = nearest(name, list(classes))
    if name and not near and (has_charts or not classes):
        return  # a class that the cluster or a chart comes with
    hint = near or f"write storageClassName: {next(iter(classes), 'gp3')}"
    yield error_if(near, CODE, f"{what} {problem}", at, notes=notes, hint=hint)


def _modes(what: str, spec: Map, storage: Object | None) -> Iterator[Finding]:
    """Yield an error for a claim of several nodes on a disk, which is for one of them."""
    disk = _DISKS.get(storage.node.text("provisioner"), "") if storage else ""
    shared = next((each for each in spec.seq("accessModes").leaves() if each.text == "ReadWriteMany"), None)
    if storage and disk and shared and spec.text("volumeMode") != "Block" and "volumeName" not in spec:
        message = f"{what} is ReadWriteMany, but its class {storage.name} makes {disk}, which one node mounts"
        notes = (Note("the class", storage.node.at_key("provisioner")), Note(_SHARED))
        hint = "write ReadWriteOnce, or use a class of a file system of the network"
        yield error(CODE, message, shared.at, notes=notes, hint=hint)


def _driver(system: System, at: Span) -> Iterator[Finding]:
    if not any(_ADDON in file.source.text for file in system.terraform.files):
        note = Note("the cluster", system.terraform.clusters[0].at)
        hint = f"add {_ADDON} to the cluster's add-ons in Terraform"
        message = "the cluster has no driver that provisions EBS volumes"
        yield warning(CODE, message, at, notes=(note,), hint=hint)
