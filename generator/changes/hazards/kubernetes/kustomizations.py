"""Kustomizations whose build cannot be known from the files alone."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.hazards.model import Effect, Hazard, Place
from generator.system import System

_SOURCE = "https://kubernetes.io/docs/tasks/manage-kubernetes-objects/kustomization/"


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each kustomization that is not known on one side and uses a file that changes."""
    reported = set()
    for side in (old, new):
        for path, build in side.unknown_files().items():
            root = build.kustomization.path
            if root in reported or old.text(path) == new.text(path):
                continue
            reported.add(root)
            yield Hazard(
                "kustomization",
                Effect.UNKNOWN,
                root,
                f"what it builds is not known: {build.unknown}",
                Place(root, 1) if root in old.sources else None,
                Place(root, 1) if root in new.sources else None,
                "compare the output of `kubectl kustomize` before and after, or run `kubectl diff -k`",
                _SOURCE,
            )
