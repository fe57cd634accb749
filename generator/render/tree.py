"""The rendered files of one environment, in memory."""

from __future__ import annotations

from collections.abc import Iterable

from generator.findings.record import record
from generator.project import OUT
from generator.project.cache import Packed
from generator.writer import File


@record
class Artifact:
    """One output file: `path` is relative to the environment's folder, `template` to the templates.

    `made_from` is a digest of everything its text depends on: the rendered template, and the values for its marks.
    `text` is what readers see, with LF; `content` are the bytes of the file where they differ from it.
    """

    path: str
    format: str
    text: str
    template: str
    made_from: str = ""
    executable: bool = False
    content: bytes | None = None


@record
class Tree:
    """All output files of one environment, sorted by path; `out` is their folder where `oetgen.yaml` sets one."""

    env: str
    artifacts: tuple[Artifact, ...]
    out: str = ""

    @property
    def folder(self) -> str:
        """The folder of the files, relative to the project."""
        return self.out or f"{OUT}/{self.env}"

    @property
    def texts(self) -> dict[str, str]:
        """The text of each file by its path."""
        return {artifact.path: artifact.text for artifact in self.artifacts}

    @property
    def languages(self) -> dict[str, str]:
        """The language of each file by its path, also where `oetgen.yaml` sets it."""
        return {artifact.path: artifact.format for artifact in self.artifacts}

    @property
    def files(self) -> dict[str, File]:
        """Each file as the writer takes it, by its path."""
        return {
            each.path: File(each.text, each.executable, each.template, each.content)
            for each in self.artifacts
        }

    def packed(self) -> list[Packed]:
        """Return the files as plain data."""
        return [
            (each.path, each.format, each.text, each.template, each.made_from, each.executable, each.content)
            for each in self.artifacts
        ]

    @classmethod
    def unpacked(cls, env: str, files: Iterable[Packed], out: str = "") -> Tree:
        """Return the tree that was packed."""
        return cls(env, tuple(Artifact(*file) for file in files), out)
