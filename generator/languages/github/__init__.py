"""GitHub workflows, and the metadata files of actions.

Source: docs.github.com, "Workflow syntax for GitHub Actions" and "Metadata syntax for GitHub Actions".
"""

from __future__ import annotations

from generator.languages.yaml import comment

__all__ = ["BASE", "comment", "is_action", "recognise"]

BASE = "yaml"


def recognise(path: str, text: str) -> bool:
    """Return whether the file is a workflow or describes an action."""
    folder, _, name = f"/{path}".rpartition("/")
    if folder.endswith("/.github/workflows"):
        return name.endswith((".yml", ".yaml"))
    return is_action(path)


def is_action(path: str) -> bool:
    """Return whether a GitHub file describes an action; the others are workflows."""
    return (
        path.rpartition("/")[2] in ("action.yml", "action.yaml") and "/.github/workflows/" not in f"/{path}"
    )
