"""Which language a file is of: by its name, and where the name does not tell, by what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from generator import languages
from generator.languages import LANGUAGES, language_of
from tests.conftest import Sandbox

MANIFEST = "# c\napiVersion: v1\nkind: Service\n"
NAMES = {
    "github": (
        ".github/workflows/ci.yml .github/workflows/ci.yaml action.yml action.yaml "
        ".github/actions/setup/action.yml a/b/action.yaml sub/.github/workflows/x.yml"
    ),
    "compose": (
        "compose.yaml compose.yml docker-compose.yaml docker-compose.yml compose.prod.yaml "
        "docker-compose.override.yml docker-compose-dev.yml deploy/compose.yml"
    ),
    "kubernetes": "k8s/a.yaml k8s/a.yml deploy/k8s/cluster/a.yaml",
    "yaml": "a.yaml b/c.yml recompose.yaml myaction.yml workflows/ci.yml docker-compose/x.yaml",
    "json": "a.json prod.tfvars.json .devcontainer/devcontainer.json",
    "pipeline": (
        "azure-pipelines.yml azure-pipelines.prod.yaml bitbucket-pipelines.yml buildspec.yml .drone.yml "
        ".travis.yml .buildkite/pipeline.yml .woodpecker/build.yaml lefthook.yml"
    ),
    "terraform_json": "main.tf.json a/b.tofu.json",
    "hcl": "main.tf prod.tfvars .terraform.lock.hcl main.tofu modules/a/main.tf",
    "shell": "deploy.sh a/b.bash",
    "dockerfile": (
        "Dockerfile Dockerfile.worker a/Dockerfile web.Dockerfile web.dockerfile Containerfile Containerfile.web"
    ),
    "markdown": "README.md a.markdown",
    "typescript": "health.ts a.mts a.cts",
    "gitlab": ".gitlab-ci.yml .gitlab/ci/build.yml templates/deploy.gitlab-ci.yml .gitlab-ci.yaml",
    "cloudbuild": "cloudbuild.yaml cloudbuild-deploy.yml a/cloudbuild.yaml",
    "circleci": ".circleci/config.yml",
    "taskfile": "Taskfile.yml taskfile.yaml Taskfile.dist.yml",
    "cloudinit": "cloud-init.yaml",
    "code": "a.py Jenkinsfile b/c.js run.ps1 x.cmd",
    "text": "nginx.conf Caddyfile Makefile a.service a.toml CODEOWNERS a.txt",
    "plain": ".dockerignore .gitignore a.env .env Dockerfile.dockerignore",
}
TEXTS = {
    "kubernetes": [
        ("deploy/a.yaml", MANIFEST),
        ("a.yml", f"a: 1\n---\n{MANIFEST}"),
        ("b.yaml", '"kind": X\n"apiVersion": v1\n'),
    ],
    "shell": [
        ("run", "#!/bin/sh\n"),
        ("run", "#!/usr/bin/env bash\n"),
        ("run", "#! /usr/bin/env -S bash -e\n"),
        ("entrypoint", "#!/usr/local/bin/dash"),
    ],
    "yaml": [("a.yaml", "spec:\n  apiVersion: v1\n  kind: X\n"), ("a.yaml", "apiVersion: v2\nname: chart\n")],
    "code": [("run", "#!/usr/bin/env python3\n"), ("run", "#!/bin/shell\n"), ("a.ps1", "")],
    "text": [("run", ""), ("run", "bash\n"), ("nginx.conf", ""), ("LICENSE", "")],
    "cloudinit": [("user-data", "#cloud-config\nruncmd: []\n")],
}


def test_names() -> None:
    wrong = {
        path: (language, language_of(path))
        for language, paths in NAMES.items()
        for path in paths.split()
        if language_of(path) != language
    }
    assert not wrong


def test_an_example_is_of_the_language_that_it_is_an_example_of() -> None:
    assert language_of(".env.example") == "plain"
    assert language_of("k8s/secret.yaml.example") == "kubernetes"


@pytest.mark.parametrize("language", list(TEXTS))
def test_content(language: str) -> None:
    for path, text in TEXTS[language]:
        assert language_of(path, text) == language, (path, text)


@pytest.fixture
def toy_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A language in one new folder; nothing else is edited."""
    package = tmp_path / "languages" / "toy"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        "def recognise(path, text):\n    return path.endswith('.toy')\n\n"
        "def comment(text):\n    return f'; {text}\\n'\n"
    )
    (package / "sites.py").write_text(
        "from generator.languages.site import MARK, Site\n\n"
        "def sites(shape):\n    return [Site('toy', 'word')] * shape.count(MARK)\n\n"
        "def encode(site, value):\n    return f'<{value}>'\n"
    )
    monkeypatch.setattr(languages, "__path__", [*languages.__path__, str(package.parent)])
    vars(LANGUAGES).pop("_known", None)
    yield
    vars(LANGUAGES).pop("_known", None)


@pytest.mark.usefixtures("toy_language")
def test_a_language_is_one_folder(small: Sandbox) -> None:
    small.write("templates/greeting.toy.j2", "hello {{ 40 + 2 }}\n")
    assert small.oetgen("render", "prod").status == 0
    assert small.read("out/prod/greeting.toy").endswith("\nhello <42>\n")
    assert small.read("out/prod/greeting.toy").startswith("; Made by oetgen")
