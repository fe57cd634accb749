"""The tools that oetgen is compared with. Each module makes a project in its tool's format from our files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from benchmarks.peers import cookiecutter, copier, helm, jsonnet, kapitan, kcl
from benchmarks.pieces import Example


class Peer(Protocol):
    """The interface of a module of this package. Without `ALL_FILES` it renders only Kubernetes manifests."""

    PACKAGE: str
    ALL_FILES: bool

    def project(self, folder: Path, examples: Sequence[Example]) -> int:
        """Write a project that renders the examples; return the number of values in its templates."""

    def command(self, programs: Path, folder: Path, out: Path) -> tuple[str, ...]:
        """Return the command that renders the project in `folder` to `out`; `programs` is the bin folder."""

    def produced(self, out: Path, env: str) -> dict[str, str]:
        """Return the files that it generated for an environment, by their paths in oetgen's output."""


# By the name in tables.
PEERS: Mapping[str, Peer] = {
    "kapitan": kapitan,
    "cookiecutter": cookiecutter,
    "copier": copier,
    "jsonnet": jsonnet,
    "kcl": kcl,
    "helm": helm,
}
