"""Pipelines of services that have no language of their own here, such as Azure, Bitbucket and Buildkite."""

from __future__ import annotations

import re

from generator.languages.yaml import comment

__all__ = ["BASE", "comment", "recognise"]

BASE = "yaml"
_PATH = re.compile(
    r"(?:.*/)?(?:azure-pipelines[\w.-]*|bitbucket-pipelines|buildspec[\w.-]*|\.drone|\.travis|\.woodpecker|lefthook"
    r"|\.(?:azure-pipelines|azuredevops|buildkite|semaphore|woodpecker)/.+)\.ya?ml"
)


def recognise(path: str, text: str) -> bool:
    """Return whether the file is called as the pipelines of one of these services are."""
    return bool(_PATH.fullmatch(path))
