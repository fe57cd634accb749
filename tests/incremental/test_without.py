"""`generator/incremental/` is only there for speed: without it, every command gives the same bytes and status."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.conftest import ROOT, Sandbox

COMMANDS = (
    ("render", "--all"),
    ("render", "prod"),
    ("render", "--all", "--jobs", "2"),
    ("render", "prod", "--out", "elsewhere", "--set", "greeting=hello"),
    ("--no-cache", "render", "--all"),
    ("check", "--no-tools", "--today", "2026-11-24"),
    ("sync", "prod", "--to", "."),
    ("diff", "prod", "test"),
    ("plan", "prod"),
    ("blame", "out/prod/k8s/config.yaml"),
    ("impact", "greeting"),
    ("values", "prod"),
    ("graph", "prod"),
    ("schema",),
    ("explain", "schema/type"),
)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package, but without `incremental/`."""
    top = tmp_path_factory.mktemp("package")
    shutil.copytree(ROOT / "generator", top / "generator", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.rmtree(top / "generator" / "incremental")
    return top


def outcomes(package: Path, project: Path, cache: Path) -> list[tuple[int, str, str]]:
    """Run every command one after the other with a package.

    Without `site`, because an editable install would find what is missing in `package`.
    """
    path = os.pathsep.join([str(package), sysconfig.get_path("purelib")])
    variables = {**os.environ, "PYTHONPATH": path, "XDG_CACHE_HOME": str(cache)}
    found = []
    for command in COMMANDS:
        done = subprocess.run(
            [sys.executable, "-S", "-P", "-c", "from generator.cli import main; main()", *command],
            cwd=project,
            env=variables,
            text=True,
            capture_output=True,
        )
        found.append((done.returncode, done.stdout, done.stderr))
    return found


def same(package: Path, project: Sandbox, places: pytest.TempPathFactory) -> set[int]:
    """Run every command with and without the folder, in copies of a project; return the exit statuses."""
    copy, cache, none = (places.mktemp(name) for name in ("copy", "cache", "none"))
    shutil.copytree(project.root, copy, dirs_exist_ok=True)
    expected = outcomes(ROOT, project.root, cache)
    assert outcomes(package, copy, none) == expected
    assert Sandbox(copy).snapshot(".") == project.snapshot(".")
    assert any(cache.iterdir())
    assert not any(none.iterdir())
    return {status for status, _, _ in expected}


def test_without_the_folder_every_command_does_the_same(
    small: Sandbox, package: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert same(package, small, tmp_path_factory) == {0, 1}


def test_without_the_folder_errors_are_reported_the_same(
    small: Sandbox, package: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert small.oetgen("render", "--all").status == 0
    small.replace("environments/prod.yaml", "replicas: 3", "replica: 3")
    small.replace("out/test/README.md", "plain", "fancy")
    assert 1 in same(package, small, tmp_path_factory)
