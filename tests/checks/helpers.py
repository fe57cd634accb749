"""What the tests of checks share: sources made of text, and the output of the real project."""

from __future__ import annotations

import datetime
import functools
import shutil
from pathlib import Path

from generator.languages import language_of
from generator.languages.source import Source
from generator.pipeline import Pipeline
from generator.project.folder import Project
from generator.render.engine import Engine
from generator.render.tree import Tree
from generator.system import System
from generator.values.layers import Values
from tests.conftest import ROOT, Sandbox

TODAY = datetime.date(2026, 11, 24)


def source(text: str, path: str = "terraform/main.tf") -> Source:
    """Return a file of the output with this text."""
    return Source(path, text, language_of(path, text) or "plain", f"out/test/{path}")


@functools.lru_cache
def real(env: str) -> tuple[Tree, Values, Engine]:
    """Return the rendered output of a real environment, its values, and the engine that rendered it."""
    pipeline = Pipeline(Project(ROOT))
    (proof,) = pipeline.validate_and_render([env])
    assert proof.tree, proof.findings
    return proof.tree, proof.values, pipeline.engine


def output(env: str) -> System:
    return System.of_tree(real(env)[0])


def document(target: Path) -> Sandbox:
    """Make a project whose templates are the document's own 13 files, as they stand."""
    project = Sandbox(target)
    project.write(
        "environments/schema.json", '{"type": "object", "additionalProperties": false, "properties": {}}'
    )
    project.write("environments/base.yaml", "{}\n")
    project.write("environments/document.yaml", "{}\n")
    folder = ROOT / "tests" / "spec" / "document"
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            place = project.root / "templates" / f"{path.relative_to(folder)}.j2"
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)
    return project
