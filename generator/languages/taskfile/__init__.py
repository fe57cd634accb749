"""Taskfiles.

Source: taskfile.dev, "Schema Reference".
"""

from __future__ import annotations

from generator.languages.yaml import comment

__all__ = ["BASE", "comment", "recognise"]

BASE = "yaml"


def recognise(path: str, text: str) -> bool:
    """Return whether the file has one of the names that Task looks for."""
    name = path.rpartition("/")[2].lower()
    return name.startswith(("taskfile.", "taskfile-", "taskfile_")) and name.endswith((".yml", ".yaml"))
