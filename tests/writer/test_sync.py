"""`oetgen sync`: copies where GitHub and Docker look, by the same rules as `out/`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import SMALL, Sandbox, copy_project


@pytest.fixture
def target(project: Sandbox) -> Path:
    folder = project.root / "repository"
    folder.mkdir()
    return folder


def files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".oetgen"
    }


def synced(project: Sandbox, *arguments: str) -> None:
    result = project.oetgen("sync", *arguments)
    assert result.status == 0, result.err


def test_the_manifest_names_the_environments_that_are_there(project: Sandbox, target: Path) -> None:
    synced(project, "prod", "--to", "repository")
    synced(project, "staging", "--to", "repository")
    lines = (target / ".oetgen").read_text().splitlines()
    assert lines[:2] == ["synced  prod\t..", "synced  staging\t.."]
    assert all(len(line.split("  ")[0]) == 64 and line.endswith("\t..") for line in lines[2:])


def test_one_environment_leaves_the_files_of_others_alone(project: Sandbox, target: Path) -> None:
    synced(project, "prod", "staging", "--to", "repository")
    before = files(target)
    synced(project, "prod", "--to", "repository")
    assert files(target) == before


def test_what_no_environment_makes_any_more_is_deleted(project: Sandbox, target: Path) -> None:
    synced(project, "prod", "staging", "--to", "repository")
    (target / "backend" / "mine").write_text("mine")
    (project.root / "environments" / "staging.yaml").unlink()
    (project.root / "templates" / "{service}" / ".dockerignore.j2").unlink()
    result = project.oetgen("sync", "prod", "--to", "repository")
    assert result.status == 0, result.err
    assert "- repository/.github/workflows/backend-staging.yml" in result.out
    assert files(target) == {
        ".github/workflows/backend.yml",
        ".github/workflows/frontend.yml",
        "backend/Dockerfile",
        "backend/mine",
        "backend/src/health.ts",
        "frontend/Dockerfile",
    }
    assert "synced  staging" not in (target / ".oetgen").read_text()


def test_while_an_environment_has_errors_nothing_is_deleted(project: Sandbox, target: Path) -> None:
    synced(project, "prod", "staging", "--to", "repository")
    before = files(target)
    project.replace("environments/staging.yaml", "suffix: -staging", "suffix: 12")
    (project.root / "templates" / "{service}" / ".dockerignore.j2").unlink()
    synced(project, "prod", "--to", "repository")
    assert files(target) == before


def test_a_hand_edit_stops_it_and_says_where_it_would_last(project: Sandbox, target: Path) -> None:
    synced(project, "prod", "--to", "repository")
    place = target / "backend" / "Dockerfile"
    place.write_text(place.read_text().replace("EXPOSE 8000", "EXPOSE 8001"))
    before = {path: (target / path).read_bytes() for path in files(target)}
    result = project.oetgen("sync", "prod", "--to", "repository")
    assert result.status == 1
    assert "repository/backend/Dockerfile" in result.err
    assert (
        "to keep it, set services.backend.port to 8001 here for all that have this line, or in" in result.err
    )
    assert "environments/prod.yaml for prod alone" in result.err
    assert "nothing was written" in result.err
    assert {path: (target / path).read_bytes() for path in files(target)} == before
    assert project.oetgen("sync", "prod", "--to", "repository", "--overwrite").status == 0
    assert "EXPOSE 8000" in place.read_text()


def test_a_conflict_names_both_lines_and_the_values_behind_them(project: Sandbox, target: Path) -> None:
    result = project.oetgen("sync", "prod", "spec", "--to", "repository")
    assert result.status == 1
    found = next(part for part in result.err.split("\n\n") if "out/spec/backend/Dockerfile" in part)
    assert "error[synced/conflict] prod and spec generate different content for backend/Dockerfile" in found
    assert "FROM node:19-alpine AS base" in found
    assert "in prod the line is this\n       FROM node:24-alpine AS base" in found
    assert 'node.version is "24" in prod' in found
    assert 'node.version is "19" in spec' in found
    assert files(target) == set()


def test_check_says_when_the_copy_is_behind(project: Sandbox) -> None:
    (project.root / ".git").mkdir()
    project.oetgen("render", "--all")
    synced(project, "prod", "staging", "--to", str(project.root))
    assert project.oetgen("check", "--no-tools").status == 0
    project.replace("environments/base.yaml", 'version: "24"', 'version: "22"')
    project.oetgen("render", "--all")
    result = project.oetgen("check", "--no-tools")
    assert result.status == 1
    assert "\nbackend/Dockerfile:1:1: error[synced/behind]" in f"\n{result.out}"
    assert "hint: run: oetgen sync prod staging --to ." in result.out
    synced(project, "prod", "staging", "--to", str(project.root))
    assert project.oetgen("check", "--no-tools").status == 0


def test_check_finds_the_copy_above_a_project_in_a_folder(project: Sandbox) -> None:
    top = Sandbox(project.root)
    inner = Sandbox(project.root / "infra")
    inner.root.mkdir()
    (top.root / ".git").mkdir()
    for name in ("templates", "environments"):
        (top.root / name).rename(inner.root / name)
    inner.oetgen("render", "--all")
    synced(inner, "prod", "--to", "..")
    (top.root / "backend" / "Dockerfile").unlink()
    (top.root / "frontend" / "Dockerfile").write_text("mine\n")
    result = inner.oetgen("check", "--no-tools")
    assert result.status == 1
    assert "../backend/Dockerfile:1:1: error[synced/behind] the copy is missing" in result.out
    assert "../frontend/Dockerfile:1:1: error[writer/hand-edited]" in result.out
    assert "hint: run: oetgen sync prod --to .." in result.out


def test_other_line_endings_are_not_behind(project: Sandbox) -> None:
    (project.root / ".git").mkdir()
    project.oetgen("render", "--all")
    synced(project, "prod", "--to", str(project.root))
    for path in (project.root / "backend").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert project.oetgen("check", "--no-tools").status == 0


# Several projects in one repository.


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the projects `one` and `two/deep`, each of which has a file of its own name to copy."""
    (tmp_path / ".git").mkdir()
    for folder, name in (("one", "first"), ("two/deep", "second")):
        project = copy_project(SMALL, tmp_path / folder)
        project.write(f"templates/.github/workflows/{name}.yml.j2", "on: push\njobs: {}\n")
        (project.root / "templates/.github/workflows/{service}{suffix}.yml.j2").unlink()
        shutil.rmtree(project.root / "templates/{service}")
    return tmp_path


def manifest(repository: Path) -> list[str]:
    return (repository / ".oetgen").read_text().splitlines()


def test_a_project_leaves_the_files_of_another_one_alone(repository: Path) -> None:
    one, two = Sandbox(repository / "one"), Sandbox(repository / "two/deep")
    synced(one, "prod", "--to", "..")
    synced(two, "prod", "--to", "../..")
    assert files(repository / ".github") == {"workflows/first.yml", "workflows/second.yml"}
    synced(one, "prod", "--to", "..")
    assert files(repository / ".github") == {"workflows/first.yml", "workflows/second.yml"}
    lines = manifest(repository)
    assert lines[:2] == ["synced  prod\tone", "synced  prod\ttwo/deep"]
    assert [line[66:] for line in lines[2:]] == [
        ".github/workflows/first.yml\tone",
        ".github/workflows/second.yml\ttwo/deep",
    ]
    (two.root / "templates/.github/workflows/second.yml.j2").unlink()
    synced(two, "prod", "--to", "../..")
    assert files(repository / ".github") == {"workflows/first.yml"}
    for project in (one, two):
        project.oetgen("render", "--all")
        assert "synced/" not in project.oetgen("check", "--no-tools").out


@pytest.mark.parametrize("options", [(), ("--overwrite",)])
@pytest.mark.parametrize("name", ["first", "FIRST"])
def test_the_file_of_another_project_stops_it_before_anything_is_written(
    repository: Path, options: tuple[str, ...], name: str
) -> None:
    one, two = Sandbox(repository / "one"), Sandbox(repository / "two/deep")
    synced(one, "prod", "--to", "..")
    before = Sandbox(repository).snapshot(".")
    two.write(f"templates/.github/workflows/{name}.yml.j2", "on: push\njobs: {}\n# of two\n")
    before = {path: found for path, found in Sandbox(repository).snapshot(".").items() if "two/" not in path}
    result = two.oetgen("sync", "prod", "--to", "../..", *options)
    assert result.status == 1
    code = "synced/other-project" if name == "first" else "writer/case-collision"
    assert f"{code}]" in result.err
    if name == "first":
        assert "first.yml:1:1: error[synced/other-project] the project in one/ wrote this file" in result.err
    after = {path: found for path, found in Sandbox(repository).snapshot(".").items() if "two/" not in path}
    assert after == before


def old_manifest(repository: Path) -> None:
    lines = [line.partition("\t")[0] for line in manifest(repository)]
    (repository / ".oetgen").write_text("".join(f"{line}\n" for line in dict.fromkeys(lines)))


def test_a_manifest_of_an_older_version_gets_its_projects_and_loses_no_file(repository: Path) -> None:
    one, two = Sandbox(repository / "one"), Sandbox(repository / "two/deep")
    synced(one, "prod", "--to", "..")
    synced(two, "prod", "--to", "../..")
    old_manifest(repository)
    result = two.oetgen("sync", "prod", "--to", "../..")
    assert result.status == 0
    assert ".github/workflows/first.yml:1:1: warning[synced/unclaimed]" in result.err
    assert files(repository / ".github") == {"workflows/first.yml", "workflows/second.yml"}
    result = one.oetgen("sync", "prod", "--to", "..")
    assert (result.status, result.err) == (0, "")
    assert [line.partition("\t")[2] for line in manifest(repository)] == ["one", "two/deep"] * 2


def test_a_project_that_was_moved_takes_its_files_along(repository: Path) -> None:
    synced(Sandbox(repository / "one"), "prod", "--to", "..")
    (repository / "one").rename(repository / "infra")
    result = Sandbox(repository / "infra").oetgen("sync", "prod", "--to", "..")
    assert (result.status, result.err) == (0, "")
    assert {line.partition("\t")[2] for line in manifest(repository)} == {"infra"}


def test_the_manifest_of_another_repository_is_not_looked_for(repository: Path) -> None:
    """Folders above the top of the repository may be anybody's."""
    synced(Sandbox(repository / "one"), "prod", "--to", "..")
    shutil.rmtree(repository / ".git")
    (repository / "one" / ".git").mkdir()
    (repository / ".github/workflows/first.yml").unlink()
    Sandbox(repository / "one").oetgen("render", "--all")
    assert "synced/" not in Sandbox(repository / "one").oetgen("check", "--no-tools").out
