"""A container must have the time that it needs to start and to stop.

Checked: the sleep of `preStop` against `terminationGracePeriodSeconds`, and a liveness probe without a startup probe
that gives up within ten seconds.

Why: the grace period counts from the beginning of `preStop`, and the kubelet kills the container when it ends
(kubernetes.io, "Pod Lifecycle"). A liveness probe that fails before the program listens restarts it for ever.

Bad:

    terminationGracePeriodSeconds: 10                      # and preStop sleeps 15 seconds

Good:

    terminationGracePeriodSeconds: 45
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, warning
from generator.languages.node import Map
from generator.system import Container

CODE = "checks/lifecycle"
ADVICE = "kubernetes.io, Pod Lifecycle; Configure Liveness, Readiness and Startup Probes"
_SLEEP = re.compile(r"\bsleep\s+(\d+)\b")
_GRACE = 30  # seconds; kubernetes.io, PodSpec v1 core
_SOON = 10  # seconds


def check(context: Context) -> Iterator[Finding]:
    if not context.system.containers:
        raise NotApplicableError("there are no containers")
    for container in context.system.containers:
        yield from _stop(container)
        if container in container.workload.containers:
            yield from _start(container)


def _stop(container: Container) -> Iterator[Finding]:
    spec, hook = container.workload.pod_spec, container.node.map("lifecycle", "preStop")
    found = _SLEEP.search(" ".join(hook.seq("exec", "command").texts()))
    text = found[1] if found else hook.text("sleep", "seconds")
    grace = spec.text("terminationGracePeriodSeconds") or str(_GRACE)
    if text.isdigit() and grace.isdigit() and int(grace) <= int(text):
        own = "terminationGracePeriodSeconds" in spec
        at = spec.at_key("terminationGracePeriodSeconds") if own else hook.key_at
        note = Note("preStop", hook.key_at)
        message = f"{container.what} is killed {grace} s after the beginning of preStop, which takes {text} s"
        hint = f"set terminationGracePeriodSeconds to {int(text) + _GRACE}"
        yield warning(CODE, message, at, notes=(note,), hint=hint)


def _start(container: Container) -> Iterator[Finding]:
    probe = container.node.map("livenessProbe")
    if not probe or "startupProbe" in container.node:
        return
    seconds = _number(probe, "initialDelaySeconds", 0)
    seconds += _number(probe, "periodSeconds", 10) * _number(probe, "failureThreshold", 3)
    if seconds < _SOON:
        message = f"the livenessProbe of {container.what} gives up {seconds} s after the start"
        yield warning(CODE, message, probe.key_at, hint="add a startupProbe")


def _number(holder: Map, key: str, default: int) -> int:
    text = holder.text(key)
    return int(text) if text.isdigit() else default
