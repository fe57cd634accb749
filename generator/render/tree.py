"""The rendered files of one environment, in memory."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Artifact:
    """One output file: `path` is relative to the environment's folder, `template` to `templates/`.

    `made_from` is a hash of all that its text depends on: what the template put out, and the values for its marks.
    """

    path: str
    format: str
    text: str
    template: str
    made_from: str = ""

    @property
    def executable(self) -> bool:
        """Scripts are; nothing else is."""
        return self.format == "shell"


@dataclass(frozen=True, slots=True)
class Tree:
    """All output files of one environment, sorted by path."""

    env: str
    artifacts: tuple[Artifact, ...]
