"""Commands are found by their files."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.cli import commands
from tests.conftest import oetgen


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
