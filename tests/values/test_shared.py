"""Templates that several projects of a repository share, or that come in an installed package."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.conftest import SMALL, Sandbox, copy_project


@pytest.fixture
def shop(tmp_path: Path) -> Sandbox:
    """A project beside shared templates, in one repository."""
    (tmp_path / ".git").mkdir()
    project = copy_project(SMALL, tmp_path / "shop")
    project.write("oetgen.yaml", "shared: [../platform/templates]\n")
    project.write(
        "../platform/templates/_labels.txt.j2", "{% macro label(text) %}\nlabel {{ text }}\n{% endmacro %}\n"
    )
    project.write(
        "../platform/templates/common/{service}.txt.j2", "{{ service.name }} {{ service.replicas }}\n"
    )
    project.write("../platform/templates/common/logo.bin", "\0\1")
    project.write(
        "templates/own.txt.j2", '{% from "_labels.txt.j2" import label %}\n{{ label(regions[0]) }}\n'
    )
    return project


def test_shared_templates_are_rendered_included_and_copied(shop: Sandbox) -> None:
    result = shop.oetgen("render", "prod")
    assert result.status == 0, result.err
    assert shop.read("out/prod/common/api.txt") == "api 3\n"
    assert shop.read("out/prod/common/logo.bin") == "\0\1"
    assert shop.read("out/prod/own.txt") == "label eu-west-1\n"
    assert "unchanged" in shop.oetgen("render", "prod").out
    shop.write("../platform/templates/common/{service}.txt.j2", "{{ service.name }}\n")
    assert "common/api.txt" in shop.oetgen("render", "prod").out
    assert shop.oetgen("check", "prod", "--no-tools").status == 0


def test_an_own_template_comes_first(shop: Sandbox) -> None:
    shop.write("templates/common/{service}.txt.j2", "own {{ service.name }}\n")
    assert shop.oetgen("render", "prod").status == 0
    assert shop.read("out/prod/common/api.txt") == "own api\n"


def test_messages_name_the_shared_file(shop: Sandbox) -> None:
    assert shop.oetgen("render", "prod").status == 0
    shown = shop.oetgen("blame", "out/prod/common/api.txt:1").out
    assert "../platform/templates/common/{service}.txt.j2:1" in shown
    assert "../platform/templates/_labels.txt.j2:2" in shop.oetgen("blame", "out/prod/own.txt:1").out
    shop.write("../platform/templates/common/{service}.txt.j2", "{{ service.nmae }}\n")
    result = shop.oetgen("render", "prod")
    assert (
        "../platform/templates/common/{service}.txt.j2:1:" in result.err
        and 'did you mean "name"' in result.err
    )
    shop.write("../platform/templates/common/{service}.txt.j2", "{{ service.name\n")
    assert "../platform/templates/common/{service}.txt.j2:1:" in shop.oetgen("render", "prod").err


@pytest.mark.parametrize("folder", ["../..", "../../elsewhere", "templates", "..", "../missing", "../link"])
def test_what_is_no_folder_of_the_repository_is_a_finding(shop: Sandbox, folder: str) -> None:
    shop.write("../../elsewhere/a.txt.j2", "secret\n")
    (shop.root.parent / "link").symlink_to(shop.root.parent.parent / "elsewhere")
    shop.write("oetgen.yaml", f"shared: [{folder}]\n")
    result = shop.oetgen("render", "prod")
    assert result.status == 1 and "settings/shared" in result.err and "oetgen.yaml:1:10" in result.err


def test_a_link_in_a_shared_folder_is_not_followed(shop: Sandbox) -> None:
    (shop.root.parent / "platform/templates/passwd.j2").symlink_to("/etc/passwd")
    shop.oetgen("render", "prod")
    assert not (shop.root / "out/prod/passwd").exists()


def test_a_package_is_read_and_not_imported(
    shop: Sandbox, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path_factory.mktemp("site")
    package = Sandbox(place / "acme_templates")
    package.write("__init__.py", "raise SystemExit('imported')\n")
    package.write("templates/from-package.txt.j2", "{{ regions[0] }} {{ nothing }}\n")
    monkeypatch.setattr(sys, "path", [str(place), *sys.path])
    shop.write("oetgen.yaml", "shared: [../platform/templates, {package: acme_templates}]\n")
    result = shop.oetgen("render", "prod")
    assert "acme_templates/templates/from-package.txt.j2:1:" in result.err
    package.write("templates/from-package.txt.j2", "{{ regions[0] }}\n")
    assert shop.oetgen("render", "prod").status == 0
    assert shop.read("out/prod/from-package.txt") == "eu-west-1\n"
    assert "acme_templates" not in sys.modules
    shop.write("oetgen.yaml", "shared: [{package: no_such_package}]\n")
    assert "no package no_such_package is installed" in shop.oetgen("render", "prod").err


def test_a_package_inside_the_repository_is_none(shop: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.write("inside/templates/a.txt.j2", "a\n")
    monkeypatch.setattr(sys, "path", [str(shop.root), *sys.path])
    shop.write("oetgen.yaml", "shared: [{package: inside}]\n")
    assert "no package inside is installed" in shop.oetgen("render", "prod").err


def test_a_project_is_found_from_below_and_not_from_another_repository(shop: Sandbox) -> None:
    below = Sandbox(shop.root / "src" / "deep")
    below.root.mkdir(parents=True)
    assert below.oetgen("render", "prod").status == 0
    assert below.oetgen("check", "prod", "--no-tools").status == 0
    (shop.root / "src" / ".git").mkdir()
    result = below.oetgen("render", "prod")
    assert result.status == 2 and "no project here" in result.err
