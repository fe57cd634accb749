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
_MOST_SETTINGS = 4_000_000  # bytes that are read


def is_partial(name: str) -> bool:
    """Return whether other templates alone use the template `name`: it, or a folder above it, begins with `_`."""
    return name.startswith("_") or "/_" in name


def is_project(folder: str) -> bool:
    """Return whether a folder is a project: it has environments and templates, or its settings name their folders."""
    if os.path.isdir(f"{folder}/{ENVIRONMENTS}") and os.path.isdir(f"{folder}/{TEMPLATES}"):
        return True
    return names_folders(folder)


def names_folders(folder: str) -> bool:
    """Return whether the settings in a folder may name other folders than the usual ones."""
    path = f"{folder}/{SETTINGS}"
    if not os.path.isfile(path) or os.path.islink(path):
        return False
    with open(path, "rb") as file:
        return b"folders" in file.read(_MOST_SETTINGS)


def find_root(start: str) -> str | None:
    """Return the nearest folder that is a project, from `start` up to the top of the repository.

    `start` is where the system would go: the parent of a folder behind a link is not the folder that holds the link.
    """
    folder = os.path.realpath(start)
    while not is_project(folder):
        parent = os.path.dirname(folder)
        if parent == folder or os.path.lexists(
            f"{folder}/.git"
        ):  # the project is not that of another repository
            return None
        folder = parent
    return folder
