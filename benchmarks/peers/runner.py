"""What peers that are libraries share: the small program that a user of theirs would write around them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from benchmarks.files import read_tree
from benchmarks.pieces import Example, Use, splitter

WRITE = """
import os, sys
def write(files):
    for path, text in files.items():
        path = os.path.join(sys.argv[1], path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as stream:
            stream.write(text)
"""


def literals(
    example: Example, parameters: str, constant: Callable[[Any], str] = json.dumps
) -> tuple[str, int]:
    """Return the Kubernetes objects of each path in the notation that JSON-like languages share, and how many values
    it puts in. `parameters` is the name of what holds those; `constant` writes true, false, null and numbers."""
    split = splitter(example.parameters)
    count = 0

    def put(name: str) -> str:
        nonlocal count
        count += 1
        return f"{parameters}.{name}"

    def text(data: str) -> str:
        """Write a text; a number in it is written out, since not every language can join the two."""
        parts = [
            put(piece.name)
            if isinstance(piece, Use) and isinstance(example.parameters[piece.name], str)
            else json.dumps(str(example.parameters[piece.name]) if isinstance(piece, Use) else piece)
            for piece in split(data)
        ]
        return " + ".join(parts) or '""'

    def literal(data: Any) -> str:
        if isinstance(data, dict):
            return (
                "{" + ", ".join(f"{json.dumps(key)}: {literal(value)}" for key, value in data.items()) + "}"
            )
        if isinstance(data, list):
            return "[" + ", ".join(map(literal, data)) + "]"
        if isinstance(data, str):
            return text(data)
        piece = split(str(data))[0]
        return put(piece.name) if isinstance(piece, Use) else constant(data)

    objects = {path: list(yaml.safe_load_all(text)) for path, text in example.files.items()}
    return literal({path: [each for each in found if each] for path, found in objects.items()}), count


def command(programs: Path, folder: Path, out: Path) -> tuple[str, ...]:
    """Return the command that runs the program of a peer."""
    return (str(programs / "python"), str(folder / "run.py"), str(out))


def produced(out: Path, env: str) -> dict[str, str]:
    """Return the manifests that the program wrote."""
    return read_tree(out)
