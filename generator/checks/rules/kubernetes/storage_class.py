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

from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicable
from generator.findings import Finding, Note, error
from generator.findings.suggest import nearest

CODE = "checks/storage-class"
_ADDON = "aws-ebs-csi-driver"
_PROVISIONER = "ebs.csi.aws.com"


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    claims = [(each.spec, each.identity) for each in system.kind("PersistentVolumeClaim")]
    for workload in system.kind("StatefulSet"):
        templates = workload.spec.maps("volumeClaimTemplates")
        claims += [(claim.map("spec"), f"a claim of {workload.identity}") for claim in templates]
    classes = {each.name: each for each in system.kind("StorageClass")}
    if not claims and not classes:
        raise NotApplicable("nothing asks for a volume that is kept")
    notes = tuple(Note(f"there is {each.name}", each.at) for each in classes.values())
    for spec, what in claims:
        name = spec.text("storageClassName")
        if name not in classes:
            said = (
                f"asks for the class {name}, which is not there"
                if name
                else "names no class, and EKS has no default"
            )
            hint = nearest(name, list(classes)) or f"write storageClassName: {next(iter(classes), 'gp3')}"
            at = spec.at_key("storageClassName") if name else spec.at
            yield error(CODE, f"{what} {said}", at, notes=notes, hint=hint)
    needed = [each for each in classes.values() if each.node.text("provisioner") == _PROVISIONER]
    if not system.terraform.clusters:
        return
    has_addon = any(_ADDON in file.source.text for file in system.terraform.files)
    if not has_addon and (needed or claims):
        at = needed[0].node.at_key("provisioner") if needed else claims[0][0].at
        note = Note("the cluster", system.terraform.clusters[0].at)
        message = "nothing in the cluster makes EBS volumes"
        yield error(
            CODE, message, at, notes=(note,), hint=f"add {_ADDON} to the cluster's add-ons in Terraform"
        )
