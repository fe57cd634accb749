"""Scripts: each stops before it changes anything when something is missing, and at the first call that fails."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT, Sandbox
from tests.output import linters
from tests.output.standins import Run, StandIns, run_script
from tests.test_stack import rendered

OUT = ROOT / "out"
FILES = sorted(OUT.glob("*/scripts/*.sh"))
EACH = pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(OUT).as_posix())
CREATE_SECRETS = OUT / "prod/scripts/create-secrets.sh"

# Answers that a script cannot go on without.
ANSWERS = {
    "aws sts get-caller-identity --query Account": "123456789012",
    "aws sts get-caller-identity --query Arn": "arn:aws:iam::123456789012:user/administrator",
    "helm show": "kind: StandIn",
    "terraform output": "answer",
}


def needs(path: Path) -> list[str]:
    """Return the variables that a script refuses to run without."""
    return re.findall(r'^: "\$\{([A-Z_][A-Z0-9_]*):\?', path.read_text("utf-8"), re.M)


def run(path: Path, folder: Path, variables: dict[str, str], fail: int = 0) -> Run:
    stand_ins = StandIns(folder / f"stand-ins-{fail}")
    for words, text in ANSWERS.items():
        stand_ins.answer(words, text)
    stand_ins.fail(fail)
    return run_script(path, stand_ins, path.parents[1], **variables)


def samples(path: Path) -> dict[str, str]:
    return {name: f"the {name}" for name in needs(path)}


def test_every_environment_creates_its_secrets() -> None:
    made = [path.parts[-3] for path in FILES if path.name == "create-secrets.sh"]
    assert made == ["dev", "prod", "spec", "staging"]


def test_shellcheck_has_nothing_to_say() -> None:
    assert linters.shellcheck(FILES, lambda name: Path(name).relative_to(OUT).as_posix()) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [('printf %s "${JWT_SECRET}"', "printf %s ${JWT_SECRET}"), ('"${JWT_SECRET}")', '"${JWT_SECRETS}")')],
    ids=["no quotes", "a variable that nobody sets"],
)
def test_shellcheck_notices_a_mistake(tmp_path: Path, old: str, new: str) -> None:
    text = CREATE_SECRETS.read_text("utf-8")
    assert old in text
    broken = tmp_path / "broken.sh"
    broken.write_text(text.replace(old, new), "utf-8")
    assert linters.unexpected(linters.shellcheck([broken], lambda name: "prod/scripts/broken.sh"))


@EACH
def test_it_stops_at_whatever_goes_wrong(path: Path) -> None:
    lines = path.read_text("utf-8").split("\n")
    assert lines[0] in ("#!/bin/bash", "#!/usr/bin/env bash")
    commands = [line for line in lines if line and not line.startswith("#")]
    assert commands[0] == "set -euo pipefail"


@EACH
def test_it_runs_with_what_it_asks_for_and_nothing_else(path: Path, tmp_path: Path) -> None:
    done = run(path, tmp_path, samples(path))
    assert done.ok, done.said
    assert done.changes


@EACH
def test_a_variable_that_is_missing_or_empty_stops_it_before_anything_is_touched(
    path: Path, tmp_path: Path
) -> None:
    for name in needs(path):
        given = samples(path)
        del given[name]
        for number, missing in enumerate((given, {**given, name: ""})):
            done = run(path, tmp_path / f"{name}-{number}", missing)
            assert not done.ok
            assert done.calls == []
            assert name in done.said


@EACH
def test_when_a_call_fails_nothing_is_changed_after_it(path: Path, tmp_path: Path) -> None:
    """A question may fail because the answer is no; whatever changes something may not."""
    good = run(path, tmp_path, samples(path))
    for number, call in enumerate(good.calls, start=1):
        if call.changes or call.says("kubectl", "create"):
            failed = run(path, tmp_path, samples(path), number)
            assert not failed.ok, call.line
            assert [one for one in failed.calls[number:] if one.changes] == [], call.line


# create-secrets.sh

NASTY = {
    "DATABASE_URL": "postgresql://user:p%40ss@host:5432/oet_praxis?sslmode=require&a='b'",
    "REDIS_URL": 'rediss://"$HOME" `id` $(id) \\n \\',
    "JWT_SECRET": "two\nlines, and two empty ones\n\n",
    "HUGGINGFACE_API_KEY": "-n -e",
    "STRIPE_SECRET_KEY": "%s %d %%",
    "POSTGRES_PASSWORD": "\udcff\udcfe ä = , {} #",
    "REDIS_AUTH_TOKEN": "!&#$^<>-",
}


WITH_TOKEN = ("prod", "staging")


@pytest.mark.parametrize("env", ["dev", "prod", "spec", "staging"])
def test_every_byte_of_a_secret_arrives(env: str, tmp_path: Path) -> None:
    given = {name: value for name, value in NASTY.items() if name != "REDIS_AUTH_TOKEN" or env in WITH_TOKEN}
    done = run(OUT / env / "scripts/create-secrets.sh", tmp_path, given)
    assert done.ok, done.said
    created = done.only("kubectl", "create", "secret", "generic", "oet-secrets", "--dry-run=client")
    keys = [word.removeprefix("--from-file=").partition("=")[0] for word in created.files]
    variables = [key.upper().replace("-", "_") for key in keys]
    assert variables == list(given)
    assert list(created.files.values()) == [
        value.encode("utf-8", "surrogateescape") for value in given.values()
    ]


def test_neither_a_command_line_nor_an_annotation_holds_a_secret(tmp_path: Path) -> None:
    """Without --server-side, kubectl notes all that it applies in an annotation of the object."""
    done = run(CREATE_SECRETS, tmp_path, NASTY)
    assert not [call.line for call in done.calls for value in NASTY.values() if value in call.line]
    applied = done.only("kubectl", "apply", "--server-side", "-f", "-")
    assert applied.stdin == b"kind: StandIn"  # what the call before it wrote


def test_it_keeps_to_its_namespace(tmp_path: Path) -> None:
    done = run(OUT / "staging/scripts/create-secrets.sh", tmp_path, NASTY)
    assert {call.option("--namespace") for call in done.calls} == {"oet-staging"}


def test_a_further_secret_is_asked_for_and_created(project: Sandbox, tmp_path: Path) -> None:
    project.replace(
        "environments/base.yaml",
        "  jwt-secret: JWT_SECRET\n",
        "  jwt-secret: JWT_SECRET\n  mail-key: MAIL_KEY\n",
    )
    path = rendered(project) / "scripts/create-secrets.sh"
    assert "MAIL_KEY" in needs(path)
    done = run(path, tmp_path, samples(path))
    assert b"the MAIL_KEY" in done.only("kubectl", "create").files.values()
