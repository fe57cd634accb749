"""A sample of template lines: when one is changed, what differs lies in the lines that are said to be made by it."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections import defaultdict
from pathlib import Path

from generator.incremental.cache import DiskCache
from generator.pipeline import Pipeline
from generator.project import ENVIRONMENTS, TEMPLATES
from generator.project.folder import find
from generator.provenance.impact import Reach
from generator.provenance.trace import Trace
from generator.render.engine import Engine
from generator.render.outputs import render_tree
from tests.oracle import explains
from tests.reach.values import Totals

_EVERY = 40  # of the lines of all templates, one in so many
_PLAIN = re.compile(r"[^{}]*[A-Za-z]{3}[^{}]*")


def prove_templates(root: Path, env: str, totals: Totals, every: int = _EVERY) -> None:
    """Put a letter into plain lines of templates, one at a time, and compare what differs with what they made."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "project"
        for part in (ENVIRONMENTS, TEMPLATES):
            shutil.copytree(root / part, folder / part)
        cache = DiskCache(name, str(Path(name) / "cache"))
        pipeline = Pipeline(find(folder), cache)
        [proof] = pipeline.validate_and_render([env])
        assert proof.tree
        texts = {artifact.path: artifact.text for artifact in proof.tree.artifacts}
        made = _made(pipeline.trace(proof.values))
        lines = [(name, line) for name, line in sorted(made) if _is_plain(folder, name, line)]
        for name, line in lines[::every]:
            path = folder / TEMPLATES / name
            old = path.read_text("utf-8")
            path.write_text(_edited(old, line), "utf-8")
            tree, findings = render_tree(Engine(pipeline.project, cache), proof.values)
            path.write_text(old, "utf-8")
            if findings:
                continue
            totals.count["template lines"] += 1
            for artifact in tree.artifacts:
                before = texts[artifact.path]
                if artifact.text == before:
                    continue
                totals.count["files that differ"] += 1
                named = frozenset(made[name, line][artifact.path])
                reached = Reach(artifact.path, artifact.template, before, holds=named)
                if not explains(before.splitlines(), artifact.text.splitlines(), reached):
                    totals.wrong.append(f"{name}:{line}: {artifact.path} differs outside of {sorted(named)}")


def _made(trace: Trace) -> dict[tuple[str, int], dict[str, set[int]]]:
    """Return the lines that each line of a template is said to have made, by file."""
    made: dict[tuple[str, int], dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for found in trace.files():
        for number, segments in enumerate(found.lines, start=1):
            for segment in segments:
                if segment.location:
                    made[segment.location[:2]][found.path].add(number)
    return made


def _is_plain(folder: Path, name: str, line: int) -> bool:
    return bool(_PLAIN.fullmatch(_line((folder / TEMPLATES / name).read_text("utf-8"), line)))


def _line(text: str, line: int) -> str:
    return text.split("\n")[line - 1]


def _edited(text: str, line: int) -> str:
    lines = text.split("\n")
    found = re.search("[A-Za-z]{3}", lines[line - 1])
    assert found
    lines[line - 1] = f"{lines[line - 1][: found.end()]}x{lines[line - 1][found.end() :]}"
    return "\n".join(lines)
