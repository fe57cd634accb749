"""Copier: a folder of Jinja templates, and a YAML file with a question for each variable."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

from benchmarks.files import read_tree, write
from benchmarks.pieces import Example, Scalar, templates

PACKAGE = "copier"
ALL_FILES = True


def project(folder: Path, examples: Sequence[Example]) -> int:
    """Write a template for one environment."""
    (example,) = examples
    texts, count = templates(example, "")
    for path, text in texts.items():
        write(folder / "template" / f"{path}.jinja", text)
    questions = {name: {"type": _kind(value), "default": value} for name, value in example.parameters.items()}
    write(folder / "copier.yml", yaml.safe_dump({"_subdirectory": "template", **questions}))
    return count


def command(programs: Path, folder: Path, out: Path) -> tuple[str, ...]:
    """Render with the default answers."""
    return (str(programs / "copier"), "copy", "--defaults", "--quiet", str(folder), str(out))


def produced(out: Path, env: str) -> dict[str, str]:
    """Return the files, which are those of the only environment."""
    return read_tree(out)


def _kind(value: Scalar) -> str:
    return {bool: "bool", int: "int", float: "float", str: "str"}[type(value)]
