"""The rooms of the design: import-linter holds the list in setup.cfg, and only the command line prints."""

import ast
import contextlib
import io
from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "generator"


def test_imports_point_down() -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        status = lint_imports(config_filename=str(ROOT / "setup.cfg"), no_cache=True)
    assert status == 0, printed.getvalue()


def test_only_the_command_line_prints_or_exits() -> None:
    names = {"print", "exit", "quit", "click"}
    offenders = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Name) and node.id in names and "cli" not in path.parts
    }
    assert offenders == set()
