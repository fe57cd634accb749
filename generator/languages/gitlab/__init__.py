"""GitLab's pipelines.

Source: docs.gitlab.com, "CI/CD YAML syntax reference".
"""

from __future__ import annotations

from generator.languages.yaml import comment

__all__ = ["BASE", "comment", "recognise"]

BASE = "yaml"


def recognise(path: str, text: str) -> bool:
    """Return whether the file is called as GitLab's pipelines and what they include usually are."""
    folder, _, name = f"/{path}".rpartition("/")
    is_yaml = name.endswith((".yml", ".yaml"))
    return is_yaml and (".gitlab-ci." in name or folder.endswith(("/.gitlab", "/.gitlab/ci", "/.gitlab-ci")))
