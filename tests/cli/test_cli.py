"""The command line as a user meets it: ways to start it, exit statuses, colours, sync."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Sandbox, oetgen


def python(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, *arguments], cwd=cwd, env=env, text=True, capture_output=True)


def test_python_m_generator_is_the_same_command(small: Sandbox) -> None:
    result = python("-m", "generator", "render", "prod", cwd=small.root)
    assert result.returncode == 0, result.stderr
    assert "out/prod: 10 created" in result.stdout


def test_it_finds_the_project_from_a_folder_inside(small: Sandbox) -> None:
    assert oetgen("-C", str(small.root / "templates" / "k8s"), "render", "prod").status == 0


def test_dash_c_works_as_if_started_there(small: Sandbox) -> None:
    assert small.oetgen("render", "prod", "--out", "elsewhere").status == 0
    assert (small.root / "elsewhere" / "prod" / "README.md").is_file()
    assert small.oetgen("report", "prod", "-o", "page.html").status == 1
    assert (small.root / "page.html").is_file()


@pytest.mark.parametrize("start", ["../empty", "sub/../../empty", "link/../empty", "link", "link/.."])
def test_dash_c_goes_where_the_system_goes(
    small: Sandbox, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    """The parent of a folder is not the folder that a link to it is in: no project in sight is taken for another."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    for folder in (
        small.root / "sub",
        small.root.parent / "empty",
        elsewhere / "empty",
        elsewhere / "folder",
    ):
        folder.mkdir(exist_ok=True)
    (small.root / "link").symlink_to(elsewhere / "folder")
    monkeypatch.chdir(small.root)
    result = oetgen("-C", start, "render", "prod")
    assert result.status == 2, result.out
    assert "no project here" in result.err
    assert not (small.root / "out").exists()


@pytest.mark.parametrize("start", ["{alias}", "{alias}/templates/k8s", "templates/.."])
def test_a_project_behind_a_link_is_one_project(
    small: Sandbox, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    alias = tmp_path_factory.mktemp("links") / "alias"
    alias.symlink_to(small.root)
    monkeypatch.chdir(small.root)
    start = start.format(alias=os.path.relpath(alias))
    assert oetgen("-C", start, "render", "prod").status == 0
    for file in ("out/prod/README.md", str(alias / "out/prod/README.md")):
        result = oetgen("-C", start, "blame", f"{file}:1")
        assert result.status == 0, result.err


def test_a_folder_that_is_not_there_cannot_be_worked_in() -> None:
    result = oetgen("-C", "/no/such/folder", "render", "prod")
    assert result.status == 2
    assert "no such folder" in result.err


@pytest.mark.parametrize(
    "arguments", [["frobnicate"], ["render", "--frobnicate"], ["sync", "prod"], ["render", "--all", "prod"]]
)
def test_wrong_usage_is_status_2(small: Sandbox, arguments: list[str]) -> None:
    result = small.oetgen(*arguments)
    assert result.status == 2
    assert result.err


def test_a_bug_is_status_3_and_says_so(small: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr("generator.writer.plan", broken)
    result = small.oetgen("render", "prod")
    assert result.status == 3
    assert "a mistake of ours" in result.err
    assert "this is a bug in oetgen" in result.err


def test_version_and_help_are_status_0() -> None:
    assert oetgen("--version").out.startswith("oetgen, version ")
    assert "render" in oetgen("--help").out


def test_quiet_says_nothing_when_all_is_well(small: Sandbox) -> None:
    result = small.oetgen("-q", "render", "--all")
    assert (result.status, result.out, result.err) == (0, "", "")


def test_colours_come_only_when_asked_for_or_on_a_terminal(
    small: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "\x1b[" not in small.oetgen("render", "prod").out
    assert "\x1b[" in small.oetgen("--color", "always", "render", "test").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in small.oetgen("check", "--no-tools").out


def test_check_is_clean_after_render_and_writes_nothing(small: Sandbox) -> None:
    small.oetgen("render", "--all")
    before = small.snapshot()
    result = small.oetgen("check", "--no-tools")
    assert (result.status, result.err) == (0, "")
    assert "no problems found" in result.out
    assert small.snapshot() == before


def test_all_environments_are_proved_before_any_is_written(small: Sandbox) -> None:
    small.write("environments/test.yaml", "greeting: 12\n")
    assert small.oetgen("render", "--all").status == 1
    assert not (small.root / "out").exists()


def test_sync_copies_what_github_and_docker_look_for(project: Sandbox) -> None:
    target = project.root / "repository"
    target.mkdir()
    result = project.oetgen("sync", "prod", "staging", "--to", str(target))
    assert result.status == 0, result.err
    copied = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    assert {
        ".github/workflows/backend.yml",
        ".github/workflows/backend-staging.yml",
        "backend/Dockerfile",
        "backend/src/health.ts",
        "frontend/Dockerfile",
    } <= copied
    assert not [path for path in copied if path.startswith(("k8s", "terraform", "scripts"))]


def test_sync_refuses_to_overwrite_what_it_did_not_write(project: Sandbox) -> None:
    target = project.root / "repository"
    (target / "backend").mkdir(parents=True)
    (target / "backend" / "Dockerfile").write_text("FROM scratch\n")
    result = project.oetgen("sync", "prod", "--to", str(target))
    assert result.status == 1
    assert "writer/foreign-file" in result.err
    assert [path.name for path in target.rglob("*") if path.is_file()] == ["Dockerfile"]


def test_sync_refuses_environments_that_disagree_about_a_file(project: Sandbox) -> None:
    (project.root / "repository").mkdir()
    result = project.oetgen("sync", "prod", "spec", "--to", "repository")
    assert result.status == 1
    assert "synced/conflict" in result.err
    assert list((project.root / "repository").iterdir()) == []


def test_render_imports_nothing_that_it_does_not_need() -> None:
    """A render needs no network, no processes, no packaging metadata and none of the test tools.

    Where a value stands in a shell script is decided by the parsed script, and only there by a syntax tree.
    """
    code = "import atexit, sys; atexit.register(lambda: print(*sys.modules)); from generator.cli import main; main()"
    result = python("-c", code, "--no-cache", "-q", "render", "prod", cwd=ROOT)
    assert result.returncode == 0, result.stderr
    loaded = set(result.stdout.split())
    assert "generator.render.engine" in loaded
    assert not loaded & {
        "asyncio",
        "http.client",
        "importlib.metadata",
        "multiprocessing",
        "requests",
        "pytest",
        "email.message",
        "tree_sitter",
        "generator.languages.hcl.read",
        "generator.languages.yaml.read",
        "generator.languages.dockerfile.instructions",
    }


def test_shards_split_all_environments_without_overlap(small: Sandbox) -> None:
    for number in range(5):
        small.write(f"environments/e{number}.yaml", "suffix: -e\n")
    parts = [
        small.oetgen("render", "--all", "--shard", f"{share}/3", "--out", f"out{share}")
        for share in (1, 2, 3)
    ]
    assert [part.status for part in parts] == [0, 0, 0]
    made = [sorted(path.name for path in (small.root / f"out{share}").iterdir()) for share in (1, 2, 3)]
    assert made == [["e0", "e3", "test"], ["e1", "e4"], ["e2", "prod"]]


@pytest.mark.parametrize("shard", ["0/3", "4/3", "x", "1", "1/0", "-1/2"])
def test_a_shard_that_is_none_cannot_be_rendered(small: Sandbox, shard: str) -> None:
    result = small.oetgen("render", "--all", "--shard", shard)
    assert result.status == 2
    assert "K/N" in result.err
