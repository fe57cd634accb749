"""Folders to adopt, and the project that they become."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Result, oetgen

Files = Mapping[str, str | bytes]


@dataclass(frozen=True)
class Adopted:
    """The result of `oetgen adopt`, and the folder of the project."""

    root: Path
    result: Result

    @property
    def document(self) -> dict[str, Any]:
        """The JSON document that it printed."""
        document: dict[str, Any] = json.loads(self.result.out)
        return document

    def text(self, path: str) -> str:
        """Return the text of a file of the project."""
        return (self.root / path).read_text("utf-8")

    def values(self, name: str) -> Any:
        """Return what a values file has."""
        return yaml.safe_load(self.text(f"environments/{name}.yaml"))

    def tree(self, environment: str) -> dict[str, bytes]:
        """Return the rendered files of an environment."""
        return read_tree(self.root / "out" / environment)


def read_tree(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder, without oetgen's manifest."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".oetgen"
    }


def write_tree(folder: Path, files: Files) -> None:
    """Write files below a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())


class Adopter:
    """Writes the folders of environments and adopts them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *options: str, **environments: Files) -> Adopted:
        for name, files in environments.items():
            write_tree(self.folder / "deploy" / name, files)
        return self.adopt(*(f"{name}={self.folder / 'deploy' / name}" for name in environments), *options)

    def adopt(self, *arguments: str) -> Adopted:
        root = self.folder / "project"
        return Adopted(root, oetgen("adopt", *arguments, "--to", str(root)))

    def proved(self, **environments: Files) -> Adopted:
        """Adopt, and compare every byte of the output with the originals, which must be untouched."""
        adopted = self("--format", "json", **environments)
        assert adopted.result.status == 0, adopted.result
        for name, files in environments.items():
            wanted = {
                path: text if isinstance(text, bytes) else text.encode() for path, text in files.items()
            }
            assert read_tree(self.folder / "deploy" / name) == wanted
            assert adopted.tree(name) == wanted
        return adopted


@pytest.fixture
def adopter(tmp_path: Path) -> Adopter:
    return Adopter(tmp_path)
