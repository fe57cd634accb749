"""Custom resources, whose controllers are not known."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.diff import changes, path_text
from generator.changes.hazards.model import Effect, Hazard, place
from generator.changes.hazards.pairs import both
from generator.system import System

_SOURCE = "https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/custom-resources/"


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each custom resource that changes."""
    for was, now in both(old, new):
        found = [] if was.is_builtin else list(changes(was.node, now.node))
        if found:
            yield Hazard(
                "custom-resource",
                Effect.UNKNOWN,
                was.subject,
                f"{path_text(found[0].path)} changes; the effect depends on its controller and is not known",
                place(found[0].old, was.node),
                place(found[0].new, now.node),
                f"read the documentation of {was.group}, and run `kubectl apply --dry-run=server`",
                _SOURCE,
            )
