"""Kubernetes manifests: YAML documents with `apiVersion` and `kind`, in any folder."""

from __future__ import annotations

from generator.languages.yaml import comment

__all__ = ["BASE", "comment", "recognise"]

BASE = "yaml"


def recognise(path: str, text: str) -> bool:
    """Return whether the file lies in a folder `k8s`, or a line at the left margin begins each of the two keys."""
    if not path.endswith((".yaml", ".yml")):
        return False
    return "/k8s/" in f"/{path}" or all(_at_margin(key, text) for key in ("apiVersion", "kind"))


def _at_margin(key: str, text: str) -> bool:
    return any(
        text.startswith(f"{written}:") or f"\n{written}:" in text for written in (key, f'"{key}"', f"'{key}'")
    )
