"""`kubectl kustomize`: build each kustomization as an apply does, without a cluster.

Why: a kustomization that cannot be built cannot be applied.

Bad:

    resources: [backend.yaml]        # and the file is called backend-deployment.yaml

Good:

    resources: [backend-deployment.yaml]
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator

from generator.checks.validators.work import Work, call, finding, program
from generator.findings import Finding

NAME = "kubectl"
CODES = "kubectl"
INSTALL = "https://kubernetes.io/docs/tasks/tools"
IN_PROCESS = False


def version(work: Work) -> str | None:
    path = program(NAME)
    if path is None:
        return None
    done = call([path, "version", "--client", "--output", "json"], work.folder)
    try:
        return str(json.loads(done.stdout)["clientVersion"]["gitVersion"]).removeprefix("v").partition("-")[0]
    except (ValueError, KeyError):
        return "unknown"


def run(work: Work) -> Iterator[Finding]:
    path = program(NAME)
    for system in work.systems:
        for each in system.kustomizations:
            folder = posixpath.dirname(each.source.label)
            done = call([path or NAME, "kustomize", folder], work.folder)
            if done.returncode:
                message = " ".join(done.stderr.strip().removeprefix("error: ").split()).replace(
                    str(work.folder), ""
                )
                at = each.node.key_place("resources")
                yield finding(
                    system, "kubectl/kustomize", message[:300], at, f"run kubectl kustomize {folder}"
                )
