"""Parsers that we did not write: what they refuse is no file of its kind."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import dockerfile
import pygohcl
import tree_sitter
import tree_sitter_typescript
import yaml

_TYPESCRIPT = tree_sitter.Language(tree_sitter_typescript.language_typescript())


def judge(path: Path) -> None:
    """Raise unless the file at `path` is one of its kind."""
    name = path.name.removesuffix(".example")
    found = [check for ending, check in _JUDGES.items() if name.endswith(ending)]
    assert found, f"no judge knows {path.name}"
    found[0](path.read_text("utf-8"))


def _shell(text: str) -> None:
    shell = "bash" if text.startswith("#!/bin/bash") else "sh"
    subprocess.run([shell, "-n"], input=text, text=True, check=True, capture_output=True)


def _typescript(text: str) -> None:
    tree = tree_sitter.Parser(_TYPESCRIPT).parse(text.encode())
    assert not tree.root_node.has_error, text


def _ignored(text: str) -> None:
    """One pattern a line, none of them by mistake one for everything."""
    assert not any(line.strip() in ("*", "**", ".", "/") for line in text.split("\n"))


def _variables(text: str) -> None:
    for line in text.split("\n"):
        assert re.fullmatch(r"(#.*|[A-Z_][A-Z0-9_]*=\S*)?", line), line


def _markdown(text: str) -> None:
    assert text.count("```") % 2 == 0


_JUDGES: dict[str, Callable[[str], object]] = {
    ".yaml": lambda text: list(yaml.safe_load_all(text)),
    ".yml": yaml.safe_load,
    ".json": json.loads,
    ".tf": pygohcl.loads,
    ".tfvars": pygohcl.loads,
    ".hcl": pygohcl.loads,
    ".sh": _shell,
    ".ts": _typescript,
    ".md": _markdown,
    ".dockerignore": _ignored,
    ".env": _variables,
    "Dockerfile": dockerfile.parse_string,
}
