"""Names of a project's folders. Imports almost nothing, because it is loaded before everything else."""

from __future__ import annotations

import os

ENVIRONMENTS = "environments"
TEMPLATES = "templates"
OUT = "out"
BASE = "base"
SCHEMA = "schema.json"
SUFFIX = ".j2"
SETTINGS = "oetgen.yaml"


def is_partial(name: str) -> bool:
    """Return whether other templates alone use the template `name`: it, or a folder above it, begins with `_`."""
    return name.startswith("_") or "/_" in name


def find_root(start: str) -> str | None:
    """Return the nearest folder, from `start` up to the top of the repository, with environments and templates.

    `start` is where the system would go: the parent of a folder behind a link is not the folder that holds the link.
    """
    folder = os.path.realpath(start)
    while not (os.path.isdir(f"{folder}/{ENVIRONMENTS}") and os.path.isdir(f"{folder}/{TEMPLATES}")):
        parent = os.path.dirname(folder)
        if parent == folder or os.path.lexists(
            f"{folder}/.git"
        ):  # the project is not that of another repository
            return None
        folder = parent
    return folder
