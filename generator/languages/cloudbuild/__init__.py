"""Google Cloud Build's configurations.

Source: cloud.google.com/build/docs, "Build configuration file schema".
"""

from __future__ import annotations

from generator.languages.yaml import comment

__all__ = ["BASE", "comment", "recognise"]

BASE = "yaml"


def recognise(path: str, text: str) -> bool:
    """Return whether the file is called `cloudbuild`, with or without a word after it."""
    name = path.rpartition("/")[2]
    return name.startswith(("cloudbuild.", "cloudbuild-")) and name.endswith((".yml", ".yaml"))
