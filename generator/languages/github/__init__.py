"""GitHub workflows, and the metadata files of actions.

Source: docs.github.com, "Workflow syntax for GitHub Actions" and "Metadata syntax for GitHub Actions".
"""

from __future__ import annotations

from generator.languages.yaml import comment

__all__ = ["BASE", "comment", "recognise"]

BASE = "yaml"


def recognise(path: str, text: str) -> bool:
    """Return whether the file is a workflow or describes an action."""
    folder, _, name = f"/{path}".rpartition("/")
    if folder.endswith("/.github/workflows"):
        return name.endswith((".yml", ".yaml"))
    return name in ("action.yml", "action.yaml")
