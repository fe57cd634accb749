"""CircleCI's configurations.

Source: circleci.com/docs, "Configuration reference".
"""

from __future__ import annotations

from generator.languages.yaml import comment

__all__ = ["BASE", "comment", "recognise"]

BASE = "yaml"


def recognise(path: str, text: str) -> bool:
    """Return whether the file lies in a folder `.circleci`."""
    return "/.circleci/" in f"/{path}" and path.endswith((".yml", ".yaml"))
