"""Jsonnet, through the Python binding of its Go implementation: one program for all manifests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks.files import write
from benchmarks.peers.runner import WRITE, command, literals, produced
from benchmarks.pieces import Example

__all__ = ["ALL_FILES", "PACKAGE", "command", "produced", "project"]

PACKAGE = "gojsonnet"
ALL_FILES = False

_PROGRAM = (
    WRITE
    + """
import json, _gojsonnet
with open("parameters.json") as stream:
    text = _gojsonnet.evaluate_file("manifests.jsonnet", ext_codes={"p": stream.read()})
write({path: "\\n---\\n".join(map(json.dumps, objects)) for path, objects in json.loads(text).items()})
"""
)


def project(folder: Path, examples: Sequence[Example]) -> int:
    """Write the program for one environment."""
    (example,) = examples
    text, count = literals(example, "p")
    write(folder / "manifests.jsonnet", f"local p = std.extVar('p');\n{text}\n")
    write(folder / "parameters.json", json.dumps(example.parameters))
    write(folder / "run.py", _PROGRAM)
    return count
