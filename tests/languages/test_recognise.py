"""Which language a file is of: by its name, and where the name does not tell, by what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from generator import languages
from generator.languages import LANGUAGES, language_of
from tests.conftest import Sandbox, rows

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
    "json": "a.json prod.tfvars.json package.json",
    "jsonc": (
        "tsconfig.json tsconfig.build.json .devcontainer/devcontainer.json .vscode/settings.json .eslintrc.json"
        " a.jsonc renovate.json5 .swcrc"
    ),
    "toml": "a.toml pyproject.toml Cargo.toml Pipfile",
    "ini": "a.ini setup.cfg tox.ini .editorconfig .npmrc pip.conf my.cnf",
    "properties": "application.properties a/log4j2.properties",
    "dotenv": ".env prod.env .env.production config/.env.staging",
    "nginx": "nginx.conf nginx/conf.d/a.conf sites-available/shop a/nginx.conf fastcgi_params",
    "makefile": "Makefile GNUmakefile rules.mk Makefile.docker",
    "xml": "pom.xml logback.xml a.svg App.csproj Directory.Build.props",
    "html": "index.html a/error.HTM",
    "sql": "schema.sql",
    "crontab": "crontab backup.cron cron.d/backup",
    "procfile": "Procfile Procfile.dev",
    "helm": "chart/templates/_helpers.tpl",
    "systemd": "a.service b.timer journald.conf a.service.d/override.conf",
    "python": "a.py gunicorn.conf.py",
    "lines": "Caddyfile haproxy.cfg CODEOWNERS .github/CODEOWNERS requirements.txt",
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
    "typescript": "health.ts a.mts a.cts b/c.js eslint.config.mjs a.cjs",
    "gitlab": ".gitlab-ci.yml .gitlab/ci/build.yml templates/deploy.gitlab-ci.yml .gitlab-ci.yaml",
    "cloudbuild": "cloudbuild.yaml cloudbuild-deploy.yml a/cloudbuild.yaml",
    "circleci": ".circleci/config.yml",
    "taskfile": "Taskfile.yml taskfile.yaml Taskfile.dist.yml",
    "cloudinit": "cloud-init.yaml",
    "code": "a.rb Jenkinsfile a.tsx run.ps1 x.cmd build.gradle",
    "text": "a.conf LICENSE a.txt app.config",
    "plain": ".dockerignore .gitignore .helmignore .gcloudignore Dockerfile.dockerignore",
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
    "code": [("run", "#!/usr/bin/env ruby\n"), ("run", "#!/bin/shell\n"), ("a.ps1", "")],
    "python": [("run", "#!/usr/bin/env python3\n"), ("run.sh", "#!/usr/bin/python3.12 -u\n")],
    "helm": [
        ("chart/templates/a.yaml", "kind: A\napiVersion: v1\nname: {{ .Release.Name }}\n"),
        ("templates/_helpers.tpl", ""),
        ("charts/a/templates/NOTES.txt", "x"),
    ],
    "nginx": [("default.conf", "# x\nserver {\n  listen 80;\n}\n"), ("a.conf", "upstream api {\n}\n")],
    "systemd": [("a.network", "[Match]\nName=eth0\n"), ("web.container", "# x\n[Container]\nImage=a\n")],
    "html": [("index", "<!-- x -->\n<!DOCTYPE html>\n<p>x\n"), ("maintenance", "<html lang=en>\n")],
    "xml": [
        ("web.config", "<?xml version='1.0'?>\n<configuration/>\n"),
        ("a", "<?xml version='1.0'?>\n<a/>\n"),
    ],
    "text": [
        ("run", ""),
        ("run", "bash\n"),
        ("a.conf", "a = b\n"),
        ("LICENSE", ""),
        ("a.target", "x\n"),
        ("a.config", "a=b\n"),
    ],
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
    assert language_of(".env.example") == "dotenv"
    assert language_of("k8s/secret.yaml.example") == "kubernetes"


@rows("language", list(TEXTS))
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
