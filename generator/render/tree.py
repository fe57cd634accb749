"""The rendered files of one environment, in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Artifact:
    """One output file: `path` is relative to the environment's folder, `template` to `templates/`.

    `made_from` is a digest of everything its text depends on: the rendered template, and the values for its marks.
    """

    path: str
    format: str
    text: str
    template: str
    made_from: str = ""

    @property
    def executable(self) -> bool:
        """Whether the file is a script."""
        return self.format == "shell"


@dataclass(frozen=True, slots=True)
class Tree:
    """All output files of one environment, sorted by path."""

    env: str
    artifacts: tuple[Artifact, ...]

    @property
    def texts(self) -> dict[str, str]:
        """The text of each file by its path."""
        return {artifact.path: artifact.text for artifact in self.artifacts}

    @property
    def languages(self) -> dict[str, str]:
        """The language of each file by its path, also where `oetgen.yaml` sets it."""
        return {artifact.path: artifact.format for artifact in self.artifacts}

    def packed(self) -> list[tuple[str, ...]]:
        """Return the files as plain data."""
        return [(each.path, each.format, each.text, each.template, each.made_from) for each in self.artifacts]

    @classmethod
    def unpacked(cls, env: str, files: Iterable[tuple[str, ...]]) -> Tree:
        """Return the tree that was packed."""
        return cls(env, tuple(Artifact(*file) for file in files))
