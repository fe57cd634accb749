"""A container must declare resource requests that do not exceed its limits, and probes.

Checked: requests and limits for memory and CPU, as valid Kubernetes quantities; and, for a container with a
port, a liveness or startup probe and a readiness probe.

Why: without requests, a node is overcommitted until it fails. Kubernetes rejects a request above the limit.
Without a readiness probe, a Service sends requests to a database that is still recovering.

Bad:

    resources: {requests: {memory: 2Gi}, limits: {memory: 1Gi}}

Good:

    resources: {requests: {memory: 512Mi, cpu: 250m}, limits: {memory: 1Gi, cpu: 500m}}
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, error, warning
from generator.system import Container
from generator.system.quantities import quantity

CODE = "checks/resources"
ADVICE = "kubernetes.io, Resource Management for Pods and Containers; Liveness, Readiness, and Startup Probes"
_KINDS = ("requests", "limits")
_NAMES = ("memory", "cpu")
_REDIS_LIMIT = re.compile(r"(\d+)(k|m|g)b?")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.containers:
        raise NotApplicableError("there are no containers")
    for container in system.containers:
        yield from _amounts(container)
        yield from _order(container)
        yield from _memory(container)
        if container.workload.kind not in ("Job", "CronJob") and container in container.workload.containers:
            yield from _probes(container)
    for claim in system.kind("PersistentVolumeClaim"):
        storage = claim.spec.map("resources", "requests")
        if quantity(storage.text("storage")) is None:
            message = f"storage is {storage.text('storage') or 'empty'}, expected an amount"
            yield error(CODE, message, storage.at_key("storage"), hint="write, for example, 10Gi")


def _amounts(container: Container) -> Iterator[Finding]:
    for kind in _KINDS:
        holder = container.node.map("resources", kind)
        for name in _NAMES:
            if name not in holder:
                at = holder.at if holder else container.node.at_key("name")
                message = f"{container.what} has no {name} {kind.removesuffix('s')}"
                yield warning(CODE, message, at, hint=f"add {name} to its resources.{kind}")
        for name in holder:
            amount = quantity(holder.text(name))
            if amount is None or amount < 0:
                message = f"{name} is {holder.text(name)}, expected an amount that Kubernetes accepts"
                yield error(CODE, message, holder.at_key(name), hint="write, for example, 512Mi or 250m")
            elif name == "memory" and amount.denominator != 1:
                message = f"{holder.text(name)} of memory is less than a byte: the suffix m means thousandths"
                yield warning(CODE, message, holder.at_key(name), hint="use the suffix M or Mi")


def _order(container: Container) -> Iterator[Finding]:
    requests, limits = (container.node.map("resources", kind) for kind in _KINDS)
    for name in requests:
        least, most = quantity(requests.text(name)), quantity(limits.text(name))
        if least is not None and most is not None and least > most:
            note = Note("the limit", limits.at_key(name))
            request, limit = requests.text(name), limits.text(name)
            message = f"{container.what} requests {request} of {name}, more than its limit {limit}"
            yield error(
                CODE,
                message,
                requests.at_key(name),
                notes=(note,),
                hint=f"request at most {limit}, or raise the limit to {request}",
            )


def _memory(container: Container) -> Iterator[Finding]:
    """Yield a warning if Redis may store more than nine tenths of the memory limit of its container."""
    limits = container.node.map("resources", "limits")
    most = quantity(limits.text("memory"))
    for option, word in itertools.pairwise(container.node.seq("args").leaves()):
        match = _REDIS_LIMIT.fullmatch(word.text) if option.text == "--maxmemory" else None
        if match and most is not None:
            keys = int(match[1]) * 1024 ** {"k": 1, "m": 2, "g": 3}[match[2]]
            if keys > most * 9 / 10:
                note = Note("the limit", limits.at_key("memory"))
                whole = limits.text("memory")
                message = (
                    f"Redis may store {word.text} of keys, but {container.what} has a memory limit of {whole}"
                )
                hint = "set --maxmemory to three quarters of the limit"
                yield warning(CODE, message, word.at, notes=(note,), hint=hint)


def _probes(container: Container) -> Iterator[Finding]:
    if not container.node.seq("ports"):
        return
    missing = [] if "readinessProbe" in container.node else ["readinessProbe"]
    missing += [] if {"livenessProbe", "startupProbe"} & set(container.node) else ["livenessProbe"]
    for name in missing:
        message = f"{container.what} has no {name}"
        why = (
            "requests are sent to it before it can answer"
            if name == "readinessProbe"
            else "it is not restarted when it hangs"
        )
        yield warning(CODE, f"{message}: {why}", container.node.at_key("name"), hint=f"add a {name}")
