"""Commands are found by their files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from generator.cli import commands
from tests.conftest import Sandbox, oetgen


def test_a_command_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "greet.py").write_text(
        "import click\n\n@click.command()\n"
        'def greet() -> None:\n    """Print a greeting."""\n    click.echo("hello")\n'
    )
    monkeypatch.setattr(commands, "__path__", [*commands.__path__, str(tmp_path)])
    assert oetgen("greet").out == "hello\n"
    assert "Print a greeting." in oetgen("--help").out


def test_help_lists_the_commands_in_the_order_of_use() -> None:
    shown = oetgen("--help").out.split("\nStart:\n")[1]
    names = [line.split()[0] for line in shown.splitlines() if line.startswith("  ") and line[2].isalpha()]
    order = ["init", "render", "sync", "check", "diff", "plan", "values", "blame", "explain"]
    assert [name for name in names if name in order] == order


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["blame", "out/prod/k8s/ingress.yaml", "40"], "run: oetgen blame out/prod/k8s/ingress.yaml:40"),
        (["blame", "out/prod/k8s/ingress.yaml", "other.yaml"], "name one"),
        (["render", "out/prod"], 'did you mean "prod"?'),
        (["render", "out/prod/"], 'did you mean "prod"?'),
        (["check", "environments/prod.yaml"], 'did you mean "prod"?'),
        (["render", "all"], "run: oetgen render --all"),
        (["check", "all"], "for every environment, run: oetgen check"),
        (["graph", "all"], "name one of "),
        (["plan", "HEAD"], "to compare with a revision, run: oetgen plan prod --against HEAD"),
        (["diff", "prod", "first"], "to compare with a revision, run: oetgen plan prod --against first"),
        (["check", "services.backend"], "for a value, run: oetgen values services.backend, or: "),
        (["values", "services.backend"], "services has api"),
        (["values", "all"], "name one of "),
        (["render", "elsewhere"], "create environments/elsewhere.yaml"),
    ],
)
def test_a_slip_is_answered_with_what_was_meant(small: Sandbox, arguments: list[str], hint: str) -> None:
    git = ("git", "-C", str(small.root), "-c", "user.name=n", "-c", "user.email=e@example.com")
    for command in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "first"), ("tag", "first")):
        subprocess.run([*git, *command], check=True)
    result = small.oetgen(*arguments)
    assert result.status == 2
    assert f"hint: {hint}" in result.err
