"""Environment variables whose text is run, or read as options, in every kind of file that sets them."""

from __future__ import annotations

import pytest

from generator.languages import language_of
from tests.conftest import rows
from tests.languages.helpers import refuses, render

JOB = "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n"
POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - "
MAP = "apiVersion: v1\nkind: ConfigMap\n"

# A file, in which NAME is the name of a variable and TEXT its text.
FILES = (
    ("Dockerfile", "FROM a\nENV NAME=TEXT\n"),
    ("Dockerfile", 'FROM a\nENV A=b NAME="TEXT"\n'),
    ("Dockerfile", "FROM a\nENV NAME TEXT\n"),
    ("Dockerfile", "FROM a\nRUN NAME=TEXT ./x\n"),
    ("compose.yaml", 'services:\n  a:\n    environment:\n      NAME: "TEXT"\n'),
    ("compose.yaml", "services:\n  a:\n    environment:\n    - NAME=TEXT\n"),
    ("compose.yaml", "services:\n  a:\n    environment: ['NAME=TEXT']\n"),
    ("a.yaml", f"{POD}env:\n    - name: NAME\n      value: TEXT\n"),
    ("a.yaml", f'{POD}env: [{{name: NAME, value: "TEXT"}}]\n'),
    ("a.yaml", f"{MAP}data:\n  NAME: TEXT\n"),
    (".github/workflows/a.yml", f"on: push\nenv:\n  NAME: TEXT\n{JOB[9:]}"),
    (".github/workflows/a.yml", f"{JOB}    steps:\n    - run: ./x\n      env:\n        NAME: TEXT\n"),
    (".github/workflows/a.yml", f'{JOB}    steps:\n    - run: echo "NAME=TEXT" >> "$GITHUB_ENV"\n'),
    (".gitlab-ci.yml", "variables:\n  NAME: TEXT\na:\n  script: [./x]\n"),
    (".gitlab-ci.yml", "a:\n  variables: {NAME: {value: 'TEXT'}}\n  script: [./x]\n"),
    (".circleci/config.yml", "jobs:\n  a:\n    environment:\n      NAME: TEXT\n    steps: [{run: ./x}]\n"),
    ("cloudbuild.yaml", "steps: [{name: a, env: ['NAME=TEXT']}]\n"),
    ("Taskfile.yml", "version: '3'\nenv: {NAME: 'TEXT'}\ntasks:\n  a: {cmds: [./x]}\n"),
    ("values.yaml", "env:\n  NAME: TEXT\n"),
    ("a.service", "[Service]\nEnvironment=NAME=TEXT\n"),
    ("a.service", '[Service]\nEnvironment="NAME=TEXT" A=b\n'),
    (".env", "NAME=TEXT\n"),
    ("a.env", 'A=b\nNAME="TEXT"\n'),
    (
        "a.tf",
        'resource "aws_lambda_function" "a" {\n  environment {\n    variables = { NAME = "TEXT" }\n  }\n}\n',
    ),
    ("compose.yaml", 'services:\n  a:\n    environment:\n      NAME: "${A:-TEXT}"\n'),
    ("task.json", '{"containerDefinitions": [{"environment": [{"name": "NAME", "value": "TEXT"}]}]}\n'),
    ("Makefile", "export NAME ?= TEXT\n"),
    ("Makefile", "export override NAME := TEXT\n"),
    ("a.sh", "export NAME=TEXT\n"),
    ("a.sh", "gcloud run deploy a --set-env-vars=NAME=TEXT\n"),
    ("a.sh", "cat > x.env <<EOF\nNAME=TEXT\nEOF\n"),
    ("a.sh", 'NAME="TEXT" ./x\n'),
    ("a.sh", "env NAME='TEXT' ./x\n"),
)


def file(template: str, name: str, text: str) -> str:
    return template.replace("NAME", name).replace("TEXT", text)


@rows("path, template", FILES)
def test_a_variable_of_options_takes_no_option(path: str, template: str) -> None:
    for name, text in (
        ("NODE_OPTIONS", "--max-old-space-size=•"),
        ("JAVA_TOOL_OPTIONS", "-Xmx•m"),
        ("_JAVA_OPTIONS", "-Da.b=•"),
    ):
        shape = file(template, name, text)
        language = language_of(path, shape)
        assert text.replace("•", "512") in render(language, shape, 512)
        assert text.replace("•", "512") in render(language, shape, "512")
        for value in ("5 --require=x", "5\t-x", "'5'", '5"', "5;x"):
            assert refuses(language, shape, value)
    shape = file(template, "MAVEN_OPTS", "-a x•")
    if "'" in template or '"' in template or path.endswith(("yaml", "yml")):
        assert "cannot hold" in refuses(language_of(path, shape), shape, " -XX:OnError=x")


# Where a list of options would need quotes, or is the default of another variable.
NO_LIST = (
    "[Service]\nEnvironment=NAME=TEXT\n",
    'services:\n  a:\n    environment:\n      NAME: "${A:-TEXT}"\n',
)


@rows("path, template", [each for each in FILES if each[1] not in NO_LIST])
def test_a_variable_of_options_may_be_one_value(path: str, template: str) -> None:
    shape = file(template, "JAVA_OPTS", "•")
    language = language_of(path, shape)
    for value in ("-Xmx512m -XX:+UseG1GC", "--max-old-space-size=512", ""):
        assert value in render(language, shape, value)
    for value in ("$(id)", "a; b", "`id`", "-XX:OnError='a b'", "a\nb"):
        assert refuses(language, shape, value)


@rows("path, template", FILES)
def test_a_variable_that_is_run_takes_only_words(path: str, template: str) -> None:
    for name in ("BASH_ENV", "GIT_SSH_COMMAND", "EDITOR", "PAGER", "PS4", "PROMPT_COMMAND", "LD_PRELOAD"):
        shape = file(template, name, "x-•")
        language = language_of(path, shape)
        assert "x-web.1" in render(language, shape, "web.1")
        for value in ("a b", "a;b", "'a'", "$(a)", "`a`"):
            assert refuses(language, shape, value)


@rows("path, template", FILES)
@rows("name", ["NODE_ENV", "ENV", "JAVA_HOME", "PYTHONSTARTUP", "APP_OPTIONS", "PAGE"])
def test_other_variables_take_text(path: str, template: str, name: str) -> None:
    shape = file(template, name, "x-•")
    language = language_of(path, shape)
    assert render(language, shape, "a/b:c,d=e")


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("task.json", '{"environment": [{"name": "NODE_OPTIONS", "value": •}]}\n'),
        ("a.tf", 'resource "a" "b" {\n  environment {\n    variables = { NODE_OPTIONS = • }\n  }\n}\n'),
    ],
)
def test_a_value_in_place_of_a_string_is_held_to_the_same(path: str, shape: str) -> None:
    language = language_of(path, shape)
    assert refuses(language, shape, "--require=$(x)")
    assert '"--a b"' in render(language, shape, "--a b")
    assert " 5" in render(language, shape, 5)


@rows(
    "path, shape, written",
    [
        ("a.tf", 'provisioner "local-exec" {\n  command = •\n}\n', "command = \"'a; b'\""),
        ("a.tf", 'a {\n  command = ["sh", "-c", •]\n}\n', '"-c", "\'a; b\'"]'),
        ("package.json", '{"scripts": {"build": •}}\n', '"build": "\'a; b\'"'),
        ("a.tf", "a {\n  description = •\n}\n", 'description = "a; b"'),
        ("a.json", '{"a": [•, •]}\n', '["a; b", "a; b"]'),
    ],
)
def test_a_value_in_place_of_a_command_is_a_word_of_it(path: str, shape: str, written: str) -> None:
    assert written in render(language_of(path, shape), shape, *["a; b"] * shape.count("•"))
