"""`generator/incremental/` is only there for speed: without it, every command gives the same bytes and status."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.conftest import ROOT, Sandbox

Commands = tuple[tuple[str, ...], ...]
COMMANDS: Commands = (
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


# Each command runs in a process of its own; a fork costs less than the imports of a new interpreter.
DRIVER = """
import importlib, json, os, pkgutil, sys
import generator
from generator.cli import main

for module in pkgutil.walk_packages(generator.__path__, "generator."):
    if ".editor" not in module.name and "__main__" not in module.name:
        importlib.import_module(module.name)

for number, command in enumerate(json.loads(sys.argv[1])):
    child = os.fork()
    if not child:
        for stream in (1, 2):
            os.dup2(os.open(f"{sys.argv[2]}/{number}.{stream}", os.O_WRONLY | os.O_CREAT), stream)
        sys.exit(main(command))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


# Those that read what is wrong.
FAILING = tuple(command for command in COMMANDS if command[0] in ("render", "check", "sync", "plan"))


def outcomes(
    commands: Commands, package: Path, project: Path, cache: Path, printed: Path
) -> list[tuple[int, str, str]]:
    """Run commands one after the other with a package.

    Without `site`, because an editable install would find what is missing in `package`.
    """
    path = os.pathsep.join([str(package), sysconfig.get_path("purelib")])
    variables = {**os.environ, "PYTHONPATH": path, "XDG_CACHE_HOME": str(cache)}
    done = subprocess.run(
        [sys.executable, "-S", "-P", "-c", DRIVER, json.dumps(commands), str(printed)],
        cwd=project,
        env=variables,
        text=True,
        capture_output=True,
        check=True,
    )
    texts = [[(printed / f"{n}.{stream}").read_text() for stream in (1, 2)] for n in range(len(commands))]
    return [(int(status), out, err) for status, (out, err) in zip(done.stdout.split(), texts, strict=True)]


def same(commands: Commands, package: Path, project: Sandbox, places: pytest.TempPathFactory) -> set[int]:
    """Run commands with and without the folder, in copies of a project; return the exit statuses."""
    copy, cache, none, with_it, without = (
        places.mktemp(name) for name in ("copy", "cache", "none", "with", "without")
    )
    shutil.copytree(project.root, copy, dirs_exist_ok=True)
    expected = outcomes(commands, ROOT, project.root, cache, with_it)
    assert outcomes(commands, package, copy, none, without) == expected
    assert Sandbox(copy).snapshot(".") == project.snapshot(".")
    assert any(cache.iterdir())
    assert not any(none.iterdir())
    return {status for status, _, _ in expected}


def test_without_the_folder_every_command_does_the_same(
    small: Sandbox, package: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert same(COMMANDS, package, small, tmp_path_factory) == {0, 1}


def test_without_the_folder_errors_are_reported_the_same(
    small: Sandbox, package: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert small.oetgen("render", "--all").status == 0
    small.replace("environments/prod.yaml", "replicas: 3", "replica: 3")
    small.replace("out/test/README.md", "plain", "fancy")
    assert 1 in same(FAILING, package, small, tmp_path_factory)
