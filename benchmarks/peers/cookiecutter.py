"""Cookiecutter: a folder of Jinja templates, and a JSON file with the default of each variable."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks.files import read_tree, write
from benchmarks.pieces import Example, templates

PACKAGE = "cookiecutter"
ALL_FILES = True


def project(folder: Path, examples: Sequence[Example]) -> int:
    """Write a template for one environment."""
    (example,) = examples
    texts, count = templates(example, "cookiecutter.")
    for path, text in texts.items():
        write(folder / "{{cookiecutter.oetgen_env}}" / path, text)
    context = {**example.parameters, "oetgen_env": example.env}
    write(folder / "cookiecutter.json", json.dumps(context))
    return count


def command(programs: Path, folder: Path, out: Path) -> tuple[str, ...]:
    """Render with the defaults."""
    return (str(programs / "cookiecutter"), "--no-input", "--output-dir", str(out), str(folder))


def produced(out: Path, env: str) -> dict[str, str]:
    """Return the files of an environment."""
    return read_tree(out / env)
