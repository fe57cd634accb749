"""Custom resources, whose controllers are not known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from generator.changes.diff import changes, path_text
from generator.changes.hazards.model import Effect, Hazard, place
from generator.changes.hazards.pairs import both
from generator.system import System

_SOURCE = "https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/custom-resources/"
# What a program loads again while it runs, and that changes nothing else, by API group.
# Source: prometheus-operator.dev, "Design"; grafana.github.io/grafana-operator, "Dashboards". Read 2026-11-30.
_LOADED = {
    "monitoring.coreos.com": ("PodMonitor", "Probe", "PrometheusRule", "ScrapeConfig", "ServiceMonitor"),
    "grafana.integreatly.org": ("GrafanaDashboard", "GrafanaFolder"),
}


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each custom resource that changes; those of one kind differ in nothing but the object."""
    changed = [
        (was, now, found[0])
        for was, now in both(old, new)
        if not (was.is_builtin or was.kind in _LOADED.get(was.group, ()))
        and (found := list(changes(was.node, now.node)))
    ]
    counts = Counter((was.group, was.kind) for was, _, _ in changed)
    for was, now, first in changed:
        what = "it" if counts[was.group, was.kind] > 1 else path_text(first.path)
        yield Hazard(
            "custom-resource",
            Effect.UNKNOWN,
            was.subject,
            f"{what} changes; the effect depends on its controller and is not known",
            place(first.old, was.node),
            place(first.new, now.node),
            f"read the documentation of {was.group}, and run `kubectl apply --dry-run=server`",
            _SOURCE,
        )
