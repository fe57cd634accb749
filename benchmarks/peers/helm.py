"""Helm's own engine, through a Python binding: a chart with a template for each manifest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks.files import write
from benchmarks.peers.runner import WRITE, command, produced
from benchmarks.pieces import Example, templates

__all__ = ["ALL_FILES", "PACKAGE", "command", "produced", "project"]

PACKAGE = "helm-python-sdk"
ALL_FILES = False

_PROGRAM = (
    WRITE
    + """
import helm_python
with helm_python.Chart.load("chart") as chart:
    files = chart.render({}, name="oet", namespace="oet")
write({path.removeprefix("chart/templates/"): text for path, text in files.items()})
"""
)


def project(folder: Path, examples: Sequence[Example]) -> int:
    """Write the chart of one environment."""
    (example,) = examples
    texts, count = templates(example, ".Values.")
    for path, text in texts.items():
        write(folder / "chart" / "templates" / path, text)
    write(folder / "chart" / "Chart.yaml", "apiVersion: v2\nname: chart\nversion: 0.1.0\n")
    write(folder / "chart" / "values.yaml", json.dumps(example.parameters))
    write(folder / "run.py", _PROGRAM)
    return count
