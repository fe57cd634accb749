"""The examples: they render to what is committed, check clean, and every consumer reads what they generate."""

from __future__ import annotations

import ast
import configparser
import io
import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import crossplane
import dockerfile
import json5
import pygohcl
import pytest
import yaml
from dotenv import dotenv_values

from tests.conftest import ROOT, Sandbox, oetgen, rows
from tests.examples.mutations import ENVIRONMENTS, EXAMPLES
from tests.languages.escape.config_consumers import make, unit

TREES = [(example, env) for example, environments in ENVIRONMENTS.items() for env in environments]
TODAY = "2026-11-24"
TITLE = 'O\'Neil & Söhne: "10 % off" <b>; #1 \\ {x}'


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize(("example", "env"), TREES)
def test_the_committed_tree_is_what_the_templates_make(
    example: str, env: str, tmp_path: Path, update_golden: bool
) -> None:
    if update_golden:
        assert oetgen("-C", str(EXAMPLES / example), "render", env, "--overwrite").status == 0
    result = oetgen("-C", str(EXAMPLES / example), "render", env, "--out", str(tmp_path))
    assert result.status == 0, result.err
    assert _files(tmp_path / env) == _files(EXAMPLES / example / "out" / env)


@pytest.mark.parametrize("example", ENVIRONMENTS)
def test_an_example_checks_clean(example: str) -> None:
    result = oetgen("-C", str(EXAMPLES / example), "check", "--no-tools", "--strict", "--today", TODAY)
    assert result.status == 0, result.out + result.err
    assert "no problems found" in result.out


def _yaml(path: Path, text: str) -> None:
    assert list(yaml.load_all(text, yaml.CSafeLoader))


def _ini(path: Path, text: str) -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(f"[top]\n{text}" if path.name == ".editorconfig" else text)
    assert len(parser.sections()) > 1


def _unit(path: Path, text: str) -> None:
    found = re.findall(r"^(Exec\w+)=", text, re.M)
    for setting in found:
        assert unit(setting, 0, is_command=True)(text)[1].startswith("/")
    assert found or "[Timer]" in text


def _nginx(path: Path, text: str) -> None:
    found = crossplane.parse(str(path), single=True, check_ctx=False)
    assert found["status"] == "ok", found["errors"]


def _makefile(path: Path, text: str) -> None:
    for target in re.findall(r"^(\w+):", text, re.M):
        assert make("-n", target)(text)[1]


def _shell(path: Path, text: str) -> None:
    subprocess.run(["bash", "-n", str(path)], check=True)
    subprocess.run(["dash", "-n", str(path)], check=True)


def _helm(path: Path, text: str) -> None:
    assert text.count("{{") == text.count("}}") > 10


READERS: dict[str, Callable[[Path, str], object]] = {
    r".*/chart/templates/.*": _helm,
    r".*\.ya?ml": _yaml,
    r".*\.json5|.*/tsconfig\.json": lambda path, text: json5.loads(text),
    r".*\.json": lambda path, text: json.loads(text),
    r".*\.toml": lambda path, text: tomllib.loads(text),
    r".*\.ini|.*/\.editorconfig": _ini,
    r".*\.py": lambda path, text: ast.parse(text),
    r".*\.tf": lambda path, text: pygohcl.loads(text),
    r".*/Dockerfile": lambda path, text: dockerfile.parse_string(text),
    r".*\.(?:service|timer)": _unit,
    r".*/nginx/.*\.conf": _nginx,
    r".*/Makefile": _makefile,
    r".*\.sh": _shell,
    r".*/\.env\.example": lambda path, text: dotenv_values(stream=io.StringIO(text)),
}
# Files that no program refuses.
TEXT = ("CODEOWNERS", "robots.txt", ".gcloudignore", ".oetgen")


@rows("example, env", TREES)
def test_every_consumer_reads_what_is_generated(example: str, env: str) -> None:
    for path in sorted((EXAMPLES / example / "out" / env).rglob("*")):
        if path.is_file() and path.name not in TEXT:
            reader = next(read for pattern, read in READERS.items() if re.fullmatch(pattern, str(path)))
            reader(path, path.read_text("utf-8"))


def test_the_configuration_in_a_configuration_is_read_by_its_own_consumer() -> None:
    config = yaml.load((EXAMPLES / "go-gke/out/prod/k8s/config.yaml").read_text("utf-8"), yaml.CSafeLoader)[
        "data"
    ]
    assert tomllib.loads(config["app.toml"])["tenants"]["initech"]["display_name"] == 'Initech "Support"'
    parser = configparser.ConfigParser()
    parser.read_string(config["limits.ini"])
    assert parser["requests"]["timeout"] == "30s"


@pytest.mark.parametrize(
    ("example", "file", "old"),
    [
        ("fastapi-vm", "environments/base.yaml", "title: Orders, returns & refunds"),
        ("site-argocd", "environments/base.yaml", "title: 'The \"Field\" Notes'"),
    ],
)
def test_a_title_of_any_characters_reaches_each_consumer(
    example: str, file: str, old: str, tmp_path: Path
) -> None:
    for folder in ("templates", "environments"):
        shutil.copytree(EXAMPLES / example / folder, tmp_path / folder)
    sandbox = Sandbox(tmp_path)
    sandbox.replace(file, old, f"title: {json.dumps(TITLE, ensure_ascii=False)}")
    env = ENVIRONMENTS[example][0]
    assert sandbox.oetgen("render", env).status == 0
    out = tmp_path / "out" / env
    for path in sorted(out.rglob("*")):
        if path.is_file() and path.name not in TEXT:
            reader = next(read for pattern, read in READERS.items() if re.fullmatch(pattern, str(path)))
            reader(path, path.read_text("utf-8"))
    if example == "fastapi-vm":
        assert tomllib.loads((out / "config/app.toml").read_text("utf-8"))["api"]["title"] == TITLE
        text = (out / "systemd/app.service").read_text("utf-8")
        assert unit("Description")(text)[1] == f"{TITLE} ({env})"
        assert _header(out / "nginx/app.conf") == TITLE
    else:
        assert tomllib.loads((out / "web/hugo.toml").read_text("utf-8"))["title"] == TITLE
        nginx = tmp_path / "nginx.conf"
        nginx.write_text(
            yaml.load((out / "chart/values.yaml").read_text("utf-8"), yaml.CSafeLoader)["nginx"], "utf-8"
        )
        assert _header(nginx) == TITLE


def _header(path: Path) -> str:
    found = crossplane.parse(str(path), single=True, check_ctx=False)["config"][0]["parsed"]
    [args] = [
        each["args"]
        for server in found
        for each in server["block"]
        if each["directive"] == "add_header" and each["args"][0] in ("X-Service", "X-Title")
    ]
    return re.sub(r'\\(["\\])', r"\1", args[1])


def test_no_line_of_the_generator_knows_an_example() -> None:
    names = [*ENVIRONMENTS, "orders", "tickets", "field-notes", "initech"]
    pattern = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in names))
    found = [
        (path.name, line)
        for path in (ROOT / "generator").rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if pattern.search(line)
    ]
    assert not found


@pytest.mark.parametrize("example", ENVIRONMENTS)
def test_an_example_has_a_readme_of_one_page(example: str) -> None:
    lines = (EXAMPLES / example / "README.md").read_text("utf-8").splitlines()
    assert lines[0].startswith("# ")
    assert len(lines) <= 60
