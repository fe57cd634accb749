"""The tools that oetgen is measured against: a module each, which makes from our files a project of its own kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from benchmarks.peers import cookiecutter, copier, helm, jsonnet, kapitan, kcl
from benchmarks.pieces import Example


class Peer(Protocol):
    """What a module of this package offers. Without `ALL_FILES` it renders the manifests of Kubernetes alone."""

    PACKAGE: str
    ALL_FILES: bool

    def project(self, folder: Path, examples: Sequence[Example]) -> int:
        """Write a project that renders the examples; return how many values its templates put in."""

    def command(self, programs: Path, folder: Path, out: Path) -> tuple[str, ...]:
        """Return the command that renders the project in `folder` to `out`; `programs` holds those of the package."""

    def produced(self, out: Path, env: str) -> dict[str, str]:
        """Return the files that it made for an environment, under the paths that they have with us."""


# By the name that tables show.
PEERS: Mapping[str, Peer] = {
    "kapitan": kapitan,
    "cookiecutter": cookiecutter,
    "copier": copier,
    "jsonnet": jsonnet,
    "kcl": kcl,
    "helm": helm,
}
