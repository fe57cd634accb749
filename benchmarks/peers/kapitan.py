"""Kapitan: an inventory of targets, and Jinja templates that read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks.files import read_tree, write
from benchmarks.pieces import Example, templates

PACKAGE = "kapitan"
ALL_FILES = True
_DOT = "dot-"  # it renders no file whose name begins with a dot


def project(folder: Path, examples: Sequence[Example]) -> int:
    """Write a class for each set of templates, and a target for each environment with what differs there."""
    sets: dict[tuple[tuple[str, str], ...], tuple[str, Mapping[str, Any]]] = {}
    most = 0
    for example in examples:
        texts, count = templates(example, "inventory.parameters.")
        most = max(most, count)
        key = tuple(texts.items())
        if key not in sets:
            name = f"set{len(sets)}"
            sets[key] = name, example.parameters
            for path, text in texts.items():
                write(folder / "templates" / name / _visible(path), text)
            compiled = {
                "output_path": ".",
                "input_type": "jinja2",
                "input_paths": [f"templates/{name}"],
            }
            shared = {**example.parameters, "kapitan": {"compile": [compiled]}}
            write(folder / f"inventory/classes/{name}.yml", yaml.safe_dump({"parameters": shared}))
        name, common = sets[key]
        own = {key: value for key, value in example.parameters.items() if common.get(key) != value}
        target = {
            "classes": [name],
            "parameters": {**own, "kapitan": {"vars": {"target": example.env}}},
        }
        write(folder / f"inventory/targets/{example.env}.yml", yaml.safe_dump(target))
    return most


def command(programs: Path, folder: Path, out: Path) -> tuple[str, ...]:
    """Compile all targets, with two processes where there are two targets or more."""
    return (str(programs / "kapitan"), "compile", "-p", "2", "--output-path", str(out))


def produced(out: Path, env: str) -> dict[str, str]:
    """Return the compiled files of a target."""
    files = read_tree(out / "compiled" / env)
    return {path.replace(_DOT, "."): text for path, text in files.items()}


def _visible(path: str) -> str:
    return "/".join(_DOT + part[1:] if part.startswith(".") else part for part in path.split("/"))
