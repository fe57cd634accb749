"""A small project in the editor, analysed."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from generator.editor.workspace import Workspace
from tests.conftest import SMALL, copy_project


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the small project."""
    return copy_project(SMALL, tmp_path / "small").root


@pytest.fixture
def workspace(folder: Path) -> Workspace:
    """The small project with everything analysed."""
    workspace = Workspace(folder, datetime.date(2026, 11, 29))
    workspace.analyse()
    workspace.examine()
    return workspace
