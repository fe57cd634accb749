"""Texts that hold another language: a value arrives as one word of it, whatever holds the text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.languages import Scalar
from generator.languages.embedded import TABLE
from tests.conftest import rows
from tests.languages.helpers import as_text, join, proves, refuses, rendered, scalars
from tests.languages.shells import BOTH, run


class Script(NamedTuple):
    """A file of `host` with shell in it, and the keys that lead to the script; `expand` is what the host does."""

    host: str
    shape: str
    path: tuple[Any, ...]
    expand: Callable[[str], str] = lambda text: text


def _substituted(text: str) -> str:
    """Return a text as Cloud Build hands it on; a substitution that it does not know is refused there."""
    left = text.replace("$$", "")
    assert not re.search(r"\$(?:\{|[A-Z_])", left), text
    return text.replace("$$", "$")


def _untouched(opening: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        assert opening not in text
        return text

    return check


SCRIPTS = (
    Script("gitlab", "j:\n  script:\n  - p •\n", ("j", "script", 0)),
    Script("gitlab", "j:\n  script: p •\n", ("j", "script")),
    Script("gitlab", "default:\n  before_script:\n  - |\n    p '•'\n", ("default", "before_script", 0)),
    Script("gitlab", "j:\n  after_script:\n  - [true, 'p \"•\"']\n", ("j", "after_script", 0, 1)),
    Script(
        "cloudbuild",
        "steps:\n- name: x\n  entrypoint: bash\n  args: [-c, p •]\n",
        ("steps", 0, "args", 1),
        _substituted,
    ),
    Script(
        "cloudbuild",
        "steps:\n- name: bash\n  args: [-ce, 'p \"•\"']\n",
        ("steps", 0, "args", 1),
        _substituted,
    ),
    Script(
        "cloudbuild",
        "steps:\n- name: x\n  script: |\n    #!/usr/bin/env bash\n    p •\n",
        ("steps", 0, "script"),
    ),
    Script(
        "circleci",
        "jobs:\n  j:\n    steps:\n    - run: p •\n",
        ("jobs", "j", "steps", 0, "run"),
        _untouched("<<"),
    ),
    Script(
        "circleci",
        "jobs:\n  j:\n    steps:\n    - run:\n        command: |\n          p '•'\n",
        ("jobs", "j", "steps", 0, "run", "command"),
        _untouched("<<"),
    ),
    Script("taskfile", "tasks:\n  t:\n    cmds:\n    - p •\n", ("tasks", "t", "cmds", 0), _untouched("{{")),
    Script(
        "taskfile",
        "tasks:\n  t:\n    cmds:\n    - cmd: p '•'\n",
        ("tasks", "t", "cmds", 0, "cmd"),
        _untouched("{{"),
    ),
    Script("taskfile", "tasks:\n  t: p •\n", ("tasks", "t"), _untouched("{{")),
    Script(
        "taskfile", "tasks:\n  t:\n    status: ['p \"•\"']\n", ("tasks", "t", "status", 0), _untouched("{{")
    ),
    Script("cloudinit", "runcmd:\n- p •\n", ("runcmd", 0)),
    Script("cloudinit", "bootcmd:\n- [sh, -c, p •]\n", ("bootcmd", 0, 2)),
    Script(
        "cloudinit",
        "write_files:\n- path: /opt/x.sh\n  content: |\n    #!/bin/sh\n    p '•'\n",
        ("write_files", 0, "content"),
    ),
    Script(
        "cloudinit",
        "write_files:\n- path: /opt/x\n  content: |\n    #!/bin/sh\n    p •\n",
        ("write_files", 0, "content"),
    ),
    Script(
        "github",
        "runs:\n  using: composite\n  steps:\n  - run: p •\n    shell: bash\n",
        ("runs", "steps", 0, "run"),
    ),
    Script(
        "github",
        "jobs:\n  j:\n    runs-on: x\n    steps:\n    - uses: azure/cli@v2\n      with:\n        inlineScript: p •\n",
        ("jobs", "j", "steps", 0, "with", "inlineScript"),
    ),
    Script("kubernetes", 'kind: ConfigMap\ndata:\n  run.sh: |\n    p "•"\n', ("data", "run.sh")),
)


@given(st.lists(st.tuples(st.sampled_from(SCRIPTS), scalars()), max_size=12))
@proves
def test_a_shell_gets_each_value_as_one_word(samples: list[tuple[Script, Scalar]]) -> None:
    scripts, words = [], []
    for script, value in samples:
        for text in rendered(script.host, script.shape, value):
            held = yaml.safe_load(text)
            for key in script.path:
                held = held[key]
            scripts.append(script.expand(str(held)))
            words.append([as_text(value)])
    for shell in BOTH:
        assert run(shell, scripts) == words


def test_each_kind_of_script_takes_an_ordinary_value() -> None:
    """What is always refused would pass the test above."""
    refused = [script for script in SCRIPTS if not list(rendered(script.host, script.shape, "web"))]
    assert not refused


FILES = (
    ("data", "a.json", '{"k": "•"}', lambda text: json.loads(text)["k"]),
    ("data", "a.yaml", 'k: "•"', lambda text: yaml.safe_load(text)["k"]),
    ("stringData", "a.json", '["•"]', lambda text: json.loads(text)[0]),
    ("data", "deep.json", '{"k": ["a", {"b": "•"}]}', lambda text: json.loads(text)["k"][1]["b"]),
)


@given(st.sampled_from(FILES), scalars())
@proves
def test_a_file_in_a_config_map(file: tuple[str, str, str, Callable[[str], Any]], value: Scalar) -> None:
    part, name, content, read = file
    shape = f"apiVersion: v1\nkind: ConfigMap\n{part}:\n  {name}: |\n    {content}\n"
    for text in rendered("kubernetes", shape, value):
        assert read(yaml.safe_load(text)[part][name]) == as_text(value)


@given(scalars())
@proves
def test_json_in_an_annotation(value: Scalar) -> None:
    shape = 'apiVersion: v1\nkind: Service\nmetadata:\n  annotations:\n    x/actions.y: \'{"a": "•"}\'\n'
    for text in rendered("kubernetes", shape, value):
        assert json.loads(yaml.safe_load(text)["metadata"]["annotations"]["x/actions.y"]) == {
            "a": as_text(value)
        }


# Programs that are not shell: only what means nothing in any language may stand in them.
PROGRAMS = {
    "windows by label": ("github", "jobs:\n  j:\n    runs-on: windows-2022\n    steps:\n    - run: echo •\n"),
    "windows, capitalised": (
        "github",
        "jobs:\n  j:\n    runs-on: Windows-2022\n    steps:\n    - run: echo •\n",
    ),
    "windows in a list": (
        "github",
        "jobs:\n  j:\n    runs-on: [self-hosted, windows]\n    steps:\n    - run: echo •\n",
    ),
    "windows in a group": (
        "github",
        "jobs:\n  j:\n    runs-on: {group: x, labels: [windows]}\n    steps:\n    - run: echo •\n",
    ),
    "windows in the matrix": (
        "github",
        "jobs:\n  j:\n    strategy: {matrix: {os: [ubuntu-24.04, windows-2022]}}\n"
        "    runs-on: ${{ matrix.os }}\n    steps:\n    - run: echo •\n",
    ),
    "windows in the matrix's include": (
        "github",
        "jobs:\n  j:\n    strategy: {matrix: {os: [ubuntu-24.04], include: [{os: windows-2025}]}}\n"
        "    runs-on: ${{ matrix.os }}\n    steps:\n    - run: echo •\n",
    ),
    "windows in an expression": (
        "github",
        "jobs:\n  j:\n    runs-on: ${{ inputs.os || 'Windows-latest' }}\n    steps:\n    - run: echo •\n",
    ),
    "a matrix that is computed": (
        "github",
        "jobs:\n  j:\n    strategy: {matrix: {os: '${{ fromJSON(needs.a.outputs.os) }}'}}\n"
        "    runs-on: ${{ matrix.os }}\n    steps:\n    - run: echo •\n",
    ),
    "a machine of a matrix in a list of labels": (
        "github",
        "jobs:\n  j:\n    strategy: {matrix: {os: [linux, windows]}}\n"
        "    runs-on: [self-hosted, '${{ matrix.os }}']\n    steps:\n    - run: echo •\n",
    ),
    **{
        f"a step in {named}": (
            "github",
            f"jobs:\n  j:\n    runs-on: x\n    steps:\n    - shell: {named}\n      run: echo •\n",
        )
        for named in (
            "pwsh",
            "powershell",
            "cmd",
            "node",
            "python {0}",
            "perl {0}",
            "${{ matrix.shell }}",
            "fish",
        )
    },
    "a composite step in pwsh": (
        "github",
        "runs:\n  using: composite\n  steps:\n  - shell: pwsh\n    run: echo •\n",
    ),
    "a runner of gitlab with windows": (
        "gitlab",
        "j:\n  tags: [saas-windows-medium]\n  script:\n  - echo •\n",
    ),
    "gitlab's default runner": ("gitlab", "default: {tags: [Windows]}\nj:\n  script:\n  - echo •\n"),
    "a machine of circleci with windows": (
        "circleci",
        "jobs:\n  j:\n    executor: win/default\n    steps:\n    - run: echo •\n",
    ),
    "an image with windows": (
        "dockerfile",
        "FROM mcr.microsoft.com/windows/servercore:ltsc2025\nRUN echo •\n",
    ),
    "a file of powershell": ("kubernetes", "kind: ConfigMap\ndata:\n  a.ps1: |\n    echo •\n"),
    "a batch file": ("kubernetes", "kind: ConfigMap\ndata:\n  a.bat: |\n    echo •\n"),
    "another interpreter in a file named like a script": (
        "kubernetes",
        "kind: ConfigMap\ndata:\n  a.sh: |\n    #!/usr/bin/env perl\n    x = '•'\n",
    ),
    "a machine that an input names": (
        "github",
        "jobs:\n  j:\n    runs-on: ${{ inputs.os }}\n    steps:\n    - run: echo •\n",
    ),
    "pwsh by default": (
        "github",
        "defaults: {run: {shell: pwsh}}\njobs:\n  j:\n    runs-on: ubuntu-24.04\n    steps:\n    - run: echo •\n",
    ),
    "pwsh by the job's default": (
        "github",
        "jobs:\n  j:\n    runs-on: x\n    defaults: {run: {shell: pwsh}}\n    steps:\n    - run: echo •\n",
    ),
    "python": (
        "github",
        "jobs:\n  j:\n    runs-on: x\n    steps:\n    - shell: python\n      run: print('•')\n",
    ),
    "an action's program": (
        "github",
        "jobs:\n  j:\n    steps:\n    - uses: some/other@v7\n      with: {script: \"f('•')\"}\n",
    ),
    "a file of ruby": ("kubernetes", "kind: ConfigMap\ndata:\n  a.rb: |\n    x = '•'\n"),
    "a script of another interpreter": (
        "cloudbuild",
        "steps:\n- script: |\n    #!/usr/bin/env perl\n    x = '•'\n",
    ),
    "circleci's shell": ("circleci", "jobs:\n  j:\n    steps:\n    - run: {shell: pwsh, command: echo •}\n"),
}


@rows("name", list(PROGRAMS))
def test_a_program_that_is_not_shell_takes_only_plain_words(name: str) -> None:
    host, shape = PROGRAMS[name]
    assert list(rendered(host, shape, "web-1.2"))
    for value in ("$(id)", "'; id; '", "a\nb", "x y; z", "`id`", '"'):
        assert "cannot hold" in refuses(host, shape, value)


NAMED_BASH = {
    "by the step": "runs-on: windows-2022\n    steps:\n    - shell: bash\n      run: 'p •'\n",
    "by its path": "runs-on: windows-2022\n    steps:\n    - shell: /bin/bash -e {0}\n      run: 'p •'\n",
    "by the job": "runs-on: [windows]\n    defaults: {run: {shell: bash}}\n    steps:\n    - run: 'p •'\n",
    "by linux": "runs-on: [self-hosted, linux]\n    steps:\n    - run: 'p •'\n",
}


@pytest.mark.parametrize("name", list(NAMED_BASH))
def test_a_step_that_is_known_to_run_in_bash_takes_any_value(name: str) -> None:
    shape = f"jobs:\n  j:\n    {NAMED_BASH[name]}"
    (text,) = rendered("github", shape, "$(id)")
    assert yaml.safe_load(text)["jobs"]["j"]["steps"][0]["run"] == "p '$(id)'"


def test_a_value_cannot_move_the_steps_of_a_job_to_windows() -> None:
    shape = "jobs:\n  j:\n    runs-on: •\n    steps:\n    - run: 'p x'\n"
    assert list(rendered("github", shape, "ubuntu-24.04"))
    assert "PowerShell" in refuses("github", shape, "Windows-2022")
    assert "PowerShell" in refuses("github", shape.replace("•", "[self-hosted, •]"), "windows")


def test_a_machine_that_the_matrix_names_has_bash_where_none_is_windows() -> None:
    shape = (
        "jobs:\n  j:\n    strategy: {matrix: {os: [ubuntu-24.04, macos-15]}}\n"
        "    runs-on: ${{ matrix.os }}\n    steps:\n    - run: |\n        p •\n"
    )
    assert list(rendered("github", shape, "$(id)")) == [join(shape, ["'$(id)'"])]


def test_a_variable_of_gitlab_is_not_expanded() -> None:
    (text,) = rendered("gitlab", "variables:\n  A: •\n", "a$HOME")
    assert yaml.safe_load(text) == {"variables": {"A": "a$$HOME"}}


def test_every_host_of_the_table_is_tried() -> None:
    assert set(TABLE) - {"yaml", "compose", "hcl", "json", "pipeline", "prometheus"} <= {
        script.host for script in SCRIPTS
    }
