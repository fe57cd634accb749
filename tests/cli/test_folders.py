"""A project whose oetgen.yaml names other folders for values and templates: every command does the same there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import SMALL, Result, Sandbox, copy_project, oetgen
from tests.report.test_report import data_of

# Names that sort as the usual ones do and are as long, so that what is printed differs in nothing else.
NAMES = {"environments": "environs/all", "templates": "templ/all"}
SETTINGS = "folders: {environments: environs/all, templates: templ/all}\n"


def moved(root: Path) -> Sandbox:
    """Move the folders of a project."""
    for usual, name in NAMES.items():
        target = root / name
        target.parent.mkdir(parents=True)
        (root / usual).rename(target)
    (root / "oetgen.yaml").write_text(SETTINGS, "utf-8")
    return Sandbox(root)


def usual(text: str) -> str:
    """Return a text with the usual names of the folders."""
    for name, other in NAMES.items():
        text = text.replace(f"{other}/", f"{name}/")
    return text


COMMANDS = [
    ("check", "--no-tools"),
    ("check", "--no-tools", "--format", "json"),
    ("check", "--no-tools", "--format", "sarif"),
    ("values", "prod"),
    ("diff", "prod", "test"),
    ("plan", "prod"),
    ("blame", "out/prod/k8s/api.yaml"),
    ("blame", "out/prod/k8s/api.yaml:9"),
    ("impact", "services.api.replicas"),
    ("graph", "prod"),
    ("schema",),
    ("new", "environment", "qa", "--from", "prod", "--dry-run"),
    ("new", "service", "mail", "--like", "worker", "--dry-run"),
    ("promote", "prod", "test", "services.api.replicas", "--dry-run"),
    ("render", "nowhere"),
]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sandbox, Sandbox]:
    """A project with the usual folders, and one with others, both rendered."""
    plain = copy_project(SMALL, tmp_path_factory.mktemp("usual"))
    other = moved(copy_project(SMALL, tmp_path_factory.mktemp("other")).root)
    for each in (plain, other):
        assert each.oetgen("render", "--all").status == 0
    return plain, other


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_prints_the_same(both: tuple[Sandbox, Sandbox], command: tuple[str, ...]) -> None:
    plain, other = (each.oetgen(*command) for each in both)
    assert (other.status, usual(other.out), usual(other.err)) == (plain.status, plain.out, plain.err)


def test_the_output_names_its_templates_where_they_are(both: tuple[Sandbox, Sandbox]) -> None:
    plain, other = (each.snapshot() for each in both)
    assert plain.keys() == other.keys()
    for path in plain.keys() - {path for path in plain if path.endswith(".oetgen")}:
        assert usual(other[path][0].decode()) == plain[path][0].decode()
    assert b"Made by oetgen from templ/all/k8s/{service}.yaml.j2" in other["prod/k8s/api.yaml"][0]


def test_a_render_without_changes_is_known(both: tuple[Sandbox, Sandbox]) -> None:
    _, other = both
    assert "unchanged" in other.oetgen("render", "--all").out
    other.replace("environs/all/prod.yaml", "replicas: 3", "replicas: 4")
    assert "1 updated" in other.oetgen("render", "prod").out
    other.replace("environs/all/prod.yaml", "replicas: 4", "replicas: 3")
    assert "1 updated" in other.oetgen("render", "prod").out


def test_edits_are_written_where_the_values_are(tmp_path: Path) -> None:
    project = moved(copy_project(SMALL, tmp_path).root)
    assert project.oetgen("render", "--all").status == 0
    assert project.oetgen("new", "environment", "qa", "--from", "prod", "--yes").status == 0
    assert (tmp_path / "environs/all/qa.yaml").is_file()
    assert project.oetgen("promote", "prod", "test", "services.api.replicas", "--yes").status == 0
    assert project.oetgen("check", "--no-tools").status == 0
    assert not (tmp_path / "environments").exists()


def test_a_report_and_a_run_from_a_folder_inside(tmp_path: Path) -> None:
    project = moved(copy_project(SMALL, tmp_path).root)
    assert oetgen("-C", str(tmp_path / "templ/all/k8s"), "render", "--all").status == 0
    assert oetgen("-C", str(tmp_path / "environs"), "report", "-o", str(tmp_path / "page.html")).status == 0
    data = data_of((tmp_path / "page.html").read_text("utf-8"))
    assert "templ/all/k8s/{service}.yaml.j2" in [path for path, _ in data["templates"]]
    assert "is a project already" in project.oetgen("init").err


def test_an_output_inside_of_the_templates_is_refused(tmp_path: Path) -> None:
    project = moved(copy_project(SMALL, tmp_path).root)
    for out in ("templ/all/{environment}", "templ/{environment}"):
        project.write("oetgen.yaml", f"{SETTINGS}out: {out}\n")
        result = project.oetgen("render", "--all")
        is_inside = out.startswith("templ/all")
        assert result.status == int(is_inside), result.err


def _wrong(folder: Path, settings: str) -> Result:
    project = moved(copy_project(SMALL, folder).root)
    project.write("oetgen.yaml", settings)
    return project.oetgen("render", "prod")


@pytest.mark.parametrize(
    ("settings", "place", "text"),
    [
        (
            "folders: {environments: environs/al, templates: templ/all}\n",
            "1:25",
            "there is no folder environs/al/",
        ),
        ("folders:\n  environments: environs/all\n  templates: tmpl\n", "3:14", "there is no folder tmpl/"),
        (
            "folders: {environments: environs, templates: environs/all}\n",
            "1:25",
            "neither can be inside the other",
        ),
        (
            "folders: {environment: environs/all}\n",
            "1:11",
            'found "environment", expected one of environments',
        ),
        ("folders: {environments: ../x}\n", "1:25", 'found "../x"'),
        ("folders: {environments: /x}\n", "1:25", 'found "/x"'),
        ("folders: [environs/all]\n", "1:10", "found a list"),
    ],
)
def test_a_wrong_name_is_found_with_its_place(tmp_path: Path, settings: str, place: str, text: str) -> None:
    result = _wrong(tmp_path, settings)
    assert result.status == 1
    assert f"oetgen.yaml:{place}: error[" in result.err
    assert text in result.err
    assert re.search(r"^ +\| +\^+$", result.err, re.M)
