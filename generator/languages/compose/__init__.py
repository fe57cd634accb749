"""Compose files.

Source: the Compose specification, and docs.docker.com, "How Compose works", for the names of its files.
"""

from __future__ import annotations

from generator.languages.yaml import comment

__all__ = ["BASE", "comment", "recognise"]

BASE = "yaml"


def recognise(path: str, text: str) -> bool:
    """Return whether the file has a name that Compose looks for, or that its users give to overrides."""
    name = path.rpartition("/")[2]
    return name.startswith(("compose.", "compose-", "docker-compose.", "docker-compose-")) and name.endswith(
        (".yml", ".yaml")
    )
