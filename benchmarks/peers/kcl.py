"""KCL, through its own Python library: one program for all manifests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks.files import write
from benchmarks.peers.runner import WRITE, command, literals, produced
from benchmarks.pieces import Example

__all__ = ["ALL_FILES", "PACKAGE", "command", "produced", "project"]

PACKAGE = "kcl-lib"
ALL_FILES = False

_PROGRAM = (
    WRITE
    + """
import json, kcl_lib.api as api
result = api.API().exec_program(api.ExecProgramArgs(k_filename_list=["main.k"]))
files = json.loads(result.json_result)["files"]
write({path: "\\n---\\n".join(map(json.dumps, objects)) for path, objects in files.items()})
"""
)


def project(folder: Path, examples: Sequence[Example]) -> int:
    """Write the program for one environment."""
    (example,) = examples
    text, count = literals(example, "_p", str)
    head = 'import file\nimport json\n_p = json.decode(file.read("parameters.json"))\n'
    write(folder / "main.k", head + f"files = {text}\n")
    write(folder / "parameters.json", json.dumps(example.parameters))
    write(folder / "run.py", _PROGRAM)
    return count
