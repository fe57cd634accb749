"""`oetgen init`: each starter works at once, and nothing that is there already is touched."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
from pathlib import Path
from types import ModuleType

import pytest

from generator.findings import OetgenError
from generator.project.starters import starter_files, starters
from generator.writer.create import create
from tests.conftest import ROOT, Sandbox, oetgen

NAMES = list(starters())
SMALL_ONES = [name for name in NAMES if name != "aws-eks"]  # tests.starters proves aws-eks
FOLDER = ROOT / "generator" / "project" / "starters"
SUPPORT_READ = "2026-08-22"  # on that day, no support ends soon


def start(folder: Path, *arguments: str) -> Sandbox:
    folder.mkdir(exist_ok=True)
    result = oetgen("-C", str(folder), "init", *arguments)
    assert result.status == 0, result.err
    return Sandbox(folder)


def names_of(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", SMALL_ONES)
def test_a_starter_renders_and_checks_clean(name: str, tmp_path: Path) -> None:
    project = start(tmp_path, "--starter", name)
    assert project.oetgen("render", "--all").status == 0
    checked = project.oetgen("check", "--strict", "--no-tools", "--coverage", "--today", SUPPORT_READ)
    findings = [line for line in checked.out.split("\n") if re.search(r": (error|warning)\[", line)]
    unused = [line for line in findings if "[coverage/" not in line]
    assert not unused, checked.out
    environments = {path.name for path in (tmp_path / "out").iterdir()}
    assert len(environments) == 2 and "prod" in environments


@pytest.mark.parametrize("name", SMALL_ONES)
def test_every_line_and_value_of_a_starter_is_used(name: str, tmp_path: Path) -> None:
    project = start(tmp_path, "--starter", name)
    project.oetgen("render", "--all")
    assert "[coverage/" not in project.oetgen("check", "--no-tools", "--coverage").out


@pytest.mark.parametrize("name", SMALL_ONES)
def test_the_schema_of_a_starter_is_closed_and_describes_everything(name: str) -> None:
    def judge(schema: dict[str, object], path: str) -> None:
        if "$ref" not in schema:
            assert schema.get("type"), path
        assert schema.get("description") or "$ref" in schema, path
        if schema.get("type") == "object":
            assert "additionalProperties" in schema, f"{path} is open"
        if (
            schema.get("type") == "string"
            and "enum" not in schema
            and "Any text" not in str(schema["description"])
        ):
            assert "pattern" in schema or "A word" in str(schema["description"]), f"{path} has no pattern"
        for holder in ("properties", "$defs"):
            inner = schema.get(holder, {})
            assert isinstance(inner, dict)
            for key, value in inner.items():
                judge(value, f"{path}/{key}")
        for holder in ("additionalProperties", "items"):
            if isinstance(value := schema.get(holder), dict):
                judge(value, f"{path}/*")

    judge(json.loads((FOLDER / name / "environments" / "schema.json").read_text("utf-8")), "")


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_says_what_to_change_and_names_files_that_exist(name: str) -> None:
    files = starter_files(name)
    text = files["README.md"].decode()
    assert "## Change this first" in text
    for path in re.findall(r"`((?:environments|templates)/[^`]+\.\w+)`", text):
        assert path in files, path


@pytest.mark.parametrize("name", SMALL_ONES)
def test_the_commands_of_the_readme_work(name: str, tmp_path: Path) -> None:
    project = start(tmp_path, "--starter", name)
    blocks = "".join(re.findall(r"^```sh\n(.*?)^```", project.read("README.md"), re.M | re.S))
    commands = [
        shlex.split(line, comments=True) for line in blocks.splitlines() if line.startswith("oetgen ")
    ]
    assert len(commands) > 3
    for command in commands:
        more = {"check": ["--no-tools"], "new": ["--yes"], "promote": ["--yes"]}.get(command[1], [])
        result = project.oetgen(*command[1:], *more)
        if command[1] != "diff":  # that has differences
            assert result.status == 0, f"{command}: {result.out}{result.err}"
    assert project.oetgen("check", "--no-tools").status == 0


def test_the_last_lines_name_the_next_two_commands_which_work(tmp_path: Path) -> None:
    result = oetgen("-C", str(tmp_path), "init", "a shop")
    assert result.status == 0
    *_, first, second = result.out.splitlines()
    assert first == "next: oetgen -C 'a shop' render --all"
    assert second == "      oetgen -C 'a shop' check"
    for line in (first, second):
        arguments = shlex.split(line.removeprefix("next:"))[3:]
        assert oetgen("-C", str(tmp_path / "a shop"), *arguments).status == 0


def test_in_a_pipe_it_asks_nothing_and_quiet_prints_nothing(tmp_path: Path) -> None:
    result = oetgen("-q", "-C", str(tmp_path), "init")
    assert (result.status, result.out, result.err) == (0, "", "")


def test_a_new_repository_is_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    start(tmp_path)


def test_list_prints_every_starter(tmp_path: Path) -> None:
    lines = oetgen("-C", str(tmp_path), "init", "--list").out.splitlines()
    assert [line.split()[0] for line in lines] == NAMES
    assert names_of(tmp_path) == set()


REFUSED = {
    "a file of its own": ({"README.md": "mine"}, [], "it has README.md; README.md would be overwritten"),
    "another file": (
        {"src/main.py": ""},
        [],
        "the current folder is not empty: it has src\n  hint: name a new",
    ),
    "a project": (
        {"environments/base.yaml": "{}", "templates/a.j2": ""},
        [],
        "the current folder is a project already",
    ),
    "a file at the place": ({"deploy": ""}, ["deploy"], "deploy is not a folder"),
    "a file on the way": ({"deploy": ""}, ["deploy/shop"], "cannot create"),
    "no such starter": ({}, ["--starter", "kubernets"], 'did you mean "kubernetes"?'),
    "nothing like it": (
        {},
        ["--starter", "mainframe"],
        "name one of minimal, compose-vm, kubernetes, aws-eks",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_refuses_and_changes_nothing(case: str, tmp_path: Path) -> None:
    files, arguments, message = REFUSED[case]
    project = Sandbox(tmp_path)
    for path, text in files.items():
        project.write(path, text)
    result = project.oetgen("init", *arguments)
    assert result.status == 2
    assert message in result.err
    assert names_of(tmp_path) == set(files)


@pytest.mark.parametrize("folder", ["templates", "templates/k8s/more", "environments/x", "out/prod/new"])
def test_a_folder_that_belongs_to_another_project_is_refused(folder: str, small: Sandbox) -> None:
    result = small.oetgen("init", folder)
    assert result.status == 2
    assert re.search(f"{folder} is (inside|not empty)", result.err), result.err
    assert not (small.root / folder / "README.md").is_file() or folder == "templates"
    assert small.oetgen("init", "services/shop").status == 0


@pytest.mark.parametrize("fails_at", range(4))
def test_a_failure_in_between_leaves_nothing(
    fails_at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = iter(range(100))
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if next(calls) == fails_at:
            raise OSError(28, "No space left on device", str(self))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    files = {"a.txt": b"", "b/c.txt": b"", "d/e/f.txt": b"", "g.txt": b""}
    with pytest.raises(OetgenError, match="No space left on device"):
        create(tmp_path / "new" / "place", files)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_appears_meanwhile_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = os.listdir

    def late(path: Path) -> list[str]:
        (tmp_path / "b").write_text("mine")
        return listed(path)

    monkeypatch.setattr(os, "listdir", late)
    with pytest.raises(OetgenError, match="exists already"):
        create(tmp_path, {"a": b"", "b": b""})
    assert (tmp_path / "b").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


@pytest.mark.parametrize(
    ("files", "command", "message"),
    [
        ([], ["render", "prod"], "run `oetgen init` in an empty folder to create a project"),
        (["environments/prod.yaml"], ["check"], "create templates/; `oetgen init DIR`"),
        (["templates/a.txt.j2"], ["check"], "create environments/; `oetgen init DIR`"),
        (
            ["environments/x.txt", "templates/a.txt.j2"],
            ["check"],
            "create environments/prod.yaml, for example",
        ),
        (
            ["environments/x.txt", "templates/a.txt.j2"],
            ["render", "prod"],
            "hint: create environments/prod.yaml\n",
        ),
        (
            ["environments/prod.yaml", "templates/a.txt.j2"],
            ["check"],
            "environments/schema.json does not exist: it declares the values of the project\n  hint: create it",
        ),
        (
            ["environments/prod.yaml", "environments/schema.json", "templates/a.txt.j2"],
            ["render", "prod"],
            "hint: create the file; `oetgen init DIR` creates a whole project",
        ),
    ],
)
def test_a_half_made_project_is_told_what_to_do(
    files: list[str], command: list[str], message: str, tmp_path: Path
) -> None:
    project = Sandbox(tmp_path)
    for path in files:
        project.write(path, "{}")
    result = project.oetgen(*command)
    assert result.status in (1, 2)
    assert message in result.err + result.out
    assert "restore" not in result.err + result.out


def test_a_project_without_templates_is_told_so(tmp_path: Path) -> None:
    project = start(tmp_path)
    for path in (tmp_path / "templates").rglob("*.j2"):
        path.unlink()
    assert "warning[project/no-templates] templates/ has no template" in project.oetgen("render", "prod").err


POLICY = "templates/k8s/{service}-network.yaml.j2"


@pytest.mark.parametrize(
    ("edits", "closed"),
    [
        ([(POLICY, "    - namespaceSelector:\n", "    - podSelector:\n")], "port http of Deployment/web"),
        ([(POLICY, "      port: http\n{%", "      port: 8001\n{%")], "port http of Deployment/web"),
        ([("environments/base.yaml", "class: nginx", "class: alb")], "port http of Deployment/web"),
        ([(POLICY, "    ports:\n    - protocol: TCP\n      port: http\n", "")], ""),
    ],
)
def test_the_pods_of_an_ingress_controller_need_a_policy(
    edits: list[tuple[str, str, str]], closed: str, tmp_path: Path
) -> None:
    project = start(tmp_path, "--starter", "kubernetes")
    for edit in edits:
        project.replace(*edit)
    found = project.oetgen("check", "prod", "--no-tools").out
    assert (f"no policy lets the load balancer connect to {closed}" in found) == bool(closed), found


def build() -> ModuleType:
    """Return setup.py without running the build."""
    spec = importlib.util.spec_from_file_location("build_of_the_wheel", ROOT / "setup.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("setuptools.setup", lambda **_: None)
        spec.loader.exec_module(module)
    return module


def test_the_build_copies_every_starter_into_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wheel itself is proved by tests.starters, which builds it."""
    build().copy_starters(tmp_path)
    monkeypatch.setattr("generator.project.starters._FOLDER", tmp_path / "generator" / "project" / "starters")
    monkeypatch.setattr("generator.project.starters._REPOSITORY", tmp_path / "none")
    copied = {name: starter_files(name) for name in NAMES}
    monkeypatch.undo()
    assert copied == {name: starter_files(name) for name in NAMES}


def test_the_source_distribution_has_what_the_build_reads() -> None:
    grafted = re.findall(r"^graft (\S+)$", (ROOT / "MANIFEST.in").read_text("utf-8"), re.M)
    paths = [path for starter in starters().values() for path in starter.get("from_repository", ())]
    for path in ["generator/project/starters", *paths]:
        assert any(path == folder or path.startswith(f"{folder}/") for folder in grafted), path
