"""The golden trees: what the real environments and the small project render to, byte for byte.

`pytest --update-golden` rewrites them; read the diff.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from generator.languages import language_of
from tests.conftest import ROOT, SMALL, Sandbox, oetgen, rows
from tests.judges import judge

REAL = [pytest.param(ROOT, env, id=env) for env in ("dev", "prod", "spec", "staging")]
TREES = [*REAL, *(pytest.param(SMALL, env, id=f"small-{env}") for env in ("prod", "test"))]


@pytest.fixture(scope="module", autouse=True)
def updated(update_golden: bool) -> None:
    if update_golden:
        for root in (ROOT, SMALL):
            result = oetgen("-C", str(root), "render", "--all", "--overwrite")
            assert result.status == 0, result.err


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize(("root", "env"), TREES)
def test_the_committed_tree_is_what_the_templates_make(root: Path, env: str, tmp_path: Path) -> None:
    result = oetgen("-C", str(root), "render", env, "--out", str(tmp_path))
    assert result.status == 0, result.err
    assert tree(tmp_path / env) == tree(root / "out" / env)


@pytest.mark.parametrize("root", [ROOT, SMALL], ids=["real", "small"])
def test_the_bytes_depend_on_nothing_around(root: Path, tmp_path: Path) -> None:
    """Another hash seed, locale, time zone and current folder change nothing."""
    around = {
        "PYTHONHASHSEED": "4711",
        "LC_ALL": "C",
        "LANG": "tr_TR",
        "TZ": "Pacific/Chatham",
        "PYTHONUTF8": "0",
    }
    subprocess.run(
        [
            sys.executable,
            "-m",
            "generator",
            "-C",
            str(root),
            "render",
            "--all",
            "--out",
            str(tmp_path / "out"),
        ],
        env={**os.environ, **around, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    assert tree(tmp_path / "out") == tree(root / "out")


@pytest.mark.parametrize("root", [ROOT, SMALL], ids=["real", "small"])
def test_a_second_render_writes_nothing(root: Path, tmp_path: Path) -> None:
    for folder in ("templates", "environments"):
        shutil.copytree(root / folder, tmp_path / folder)
    project = Sandbox(tmp_path)
    assert project.oetgen("render", "--all").status == 0
    for path in tmp_path.rglob("*"):
        os.utime(path, ns=(1_000_000_000, 1_000_000_000))
    result = project.oetgen("render", "--all")
    assert result.status == 0
    assert "created" not in result.out
    assert "updated" not in result.out
    changed = [path for path in tmp_path.rglob("*") if path.stat().st_mtime_ns != 1_000_000_000]
    assert changed == []


@rows("root, env", TREES)
def test_every_file_is_one_of_its_kind(root: Path, env: str) -> None:
    for path in sorted((root / "out" / env).rglob("*")):
        if path.is_file() and path.name != ".oetgen":
            judge(path)


@rows("root, env", TREES)
def test_every_file_ends_in_one_newline_and_only_scripts_run(root: Path, env: str) -> None:
    top = root / "out" / env
    for path in sorted(top.rglob("*")):
        if path.is_file():
            text = path.read_bytes()
            assert text.endswith(b"\n"), path
            assert not text.endswith(b"\n\n"), path
            assert b"\r" not in text, path
            is_script = language_of(path.relative_to(top).as_posix()) == "shell"
            assert os.access(path, os.X_OK) == is_script, path


@rows("root, env", TREES)
def test_every_file_says_what_made_it(root: Path, env: str) -> None:
    for path in sorted((root / "out" / env).rglob("*")):
        if path.is_file() and path.name != ".oetgen":
            head = path.read_text("utf-8").split("\n")[:4]
            assert any("Made by oetgen from templates/" in line for line in head), path
            assert any("oetgen render --all" in line for line in head), path
