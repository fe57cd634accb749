"""Every object must use an API version that its cluster serves.

Compared with `cluster_version`: the `apiVersion` and `kind` of each object and the version of Pod Security.
The `kubectl` of the pipeline must be within one minor version of the cluster.

Why: cluster upgrades remove API versions: `autoscaling/v2beta2` is removed in 1.26, and applying it fails.

Bad:

    apiVersion: policy/v1beta1                   # on a cluster of 1.25 or newer

Good:

    apiVersion: policy/v1
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.data import table, words
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error, warning
from generator.system import System
from generator.system.kubernetes import Object

CODE = "checks/served-versions"
ADVICE = "kubernetes.io, Deprecated API Migration Guide"
_POD_SECURITY = re.compile(r"pod-security\.kubernetes\.io/(?:enforce|audit|warn)-version")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    for block in system.terraform.clusters:
        text = system.terraform.text(block, "cluster_version")
        if text and not re.fullmatch(r"1\.\d+", text):
            message = f"cluster_version is {text}, expected a Kubernetes version"
            yield error(CODE, message, block.at_key("cluster_version"), hint='write it like "1.35"')
    if not system.manifests:
        raise NotApplicableError("there are no manifests")
    cluster = cluster_version(system)
    if cluster is None:
        for each in system.manifests:
            yield from _gone(each)
        return
    version, at = cluster
    for each in system.manifests:
        yield from _served(each, version, at)
    for each in system.kind("Namespace"):
        labels = each.metadata.map("labels")
        for key in labels:
            text = labels.text(key).removeprefix("v")
            if _POD_SECURITY.fullmatch(key) and text != "latest" and text != version:
                note = Note(f"the cluster has version {version}", at)
                message = f"{key} is {text}, but the cluster has version {version}"
                yield error(CODE, message, labels.at_key(key), notes=(note,), hint=f"write v{version}")
    yield from _kubectl(system, version, at)


def cluster_version(system: System) -> tuple[str, Span] | None:
    """Return the Kubernetes version of the cluster, and its place."""
    return system.terraform.cluster_version


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _served(each: Object, version: str, at: Span) -> Iterator[Finding]:
    served = table("kubernetes")["served"]
    known = {name for name, entry in served.items() if each.kind in words(entry["kinds"])}
    entry = served.get(each.version)
    if not known:
        return  # a kind of an operator, or newer than the table
    served_now = sorted(
        name
        for name in known
        if _number(served[name]["since"]) <= _number(version) < _number(served[name].get("until", "99.0"))
    )
    notes = (Note(f"the cluster has version {version}", at),)
    hint = f"write {' or '.join(served_now)}"
    if entry is None or each.version not in known:
        message = f"{each.version} has no kind {each.kind}"
        yield error(CODE, message, each.node.at_key("apiVersion"), notes=notes, hint=hint)
    elif each.version not in served_now:
        support = (
            f"has not served since {entry['until']}"
            if "until" in entry and _number(entry["until"]) <= _number(version)
            else f"serves only since {entry['since']}"
        )
        message = f"{each.identity} has the apiVersion {each.version}, which Kubernetes {support}"
        yield error(CODE, message, each.node.at_key("apiVersion"), notes=notes, hint=hint)


def _gone(each: Object) -> Iterator[Finding]:
    """Yield a warning for a version that no supported Kubernetes serves, where that of the cluster is not known."""
    served = table("kubernetes")["served"]
    entry = served.get(each.version, {})
    if "until" in entry and each.kind in words(entry["kinds"]):
        now = [
            name
            for name, other in served.items()
            if "until" not in other and each.kind in words(other["kinds"])
        ]
        message = (
            f"{each.identity} has the apiVersion {each.version},"
            f" which Kubernetes has not served since {entry['until']}"
        )
        hint = f"write {' or '.join(now)}" if now else "remove it"
        yield warning(CODE, message, each.node.at_key("apiVersion"), hint=hint)


def _kubectl(system: System, version: str, at: Span) -> Iterator[Finding]:
    for step in system.steps:
        inputs = step.node.map("with")
        match = (
            re.match(r"v?1\.(\d+)", inputs.text("version")) if step.action == "azure/setup-kubectl" else None
        )
        if match and abs(int(match[1]) - int(version.split(".")[1])) > 1:
            note = Note(f"the cluster has version {version}", at)
            message = f"kubectl {inputs.text('version')} is more than one minor version away from the cluster"
            yield error(CODE, message, inputs.at_key("version"), notes=(note,), hint=f"write v{version}.0")
