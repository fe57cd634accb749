"""Wrong merges: adopted values whose places come from several values of the project that was adopted.

Each place of an adopted value is looked up in the source map of the original project. Where all places of a value
have one value of the original in common, it is that value, or a part of it. `python -m tests.adopt.merges` prints the
list. It is about texts: which blocks a condition `….enabled` writes is not looked at.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from generator.pipeline import Pipeline, configured
from generator.project.folder import Project
from generator.provenance.trace import Trace
from generator.values.source import KeyPath, format_path
from tests.conftest import oetgen

ROOT = Path(__file__).parents[2]
NAMES = ("prod", "staging", "dev", "spec")
# Two values of ours that the output alone cannot tell apart: each is the branch that an environment deploys, and the
# schema gives them the same type.
EQUAL: Mapping[KeyPath, KeyPath] = {("branches", "pull_request", 0): ("branches", "deploy")}
Sources = dict[KeyPath, dict[frozenset[KeyPath], str]]


def sources(original: Path, adopted: Path, names: Sequence[str]) -> Sources:
    """Return for each adopted value the sets of original values in its places, each with one place."""
    ours, theirs = _traces(original, names), _traces(adopted, names)
    found: Sources = {}
    for env, trace in theirs.items():
        for path in trace.paths():
            for value, label, line in _places(ours[env], trace, path):
                found.setdefault(value, {}).setdefault(label, f"{env}/{path}:{line}")
    return found


def wrong_merges(found: Sources) -> dict[KeyPath, dict[frozenset[KeyPath], str]]:
    """Return the values whose places have no original value in common."""
    return {value: labels for value, labels in found.items() if not frozenset.intersection(*labels)}


def _traces(root: Path, names: Sequence[str]) -> dict[str, Trace]:
    pipeline = Pipeline(configured(Project(root)))
    return {each.values.env: pipeline.trace(each.values) for each in pipeline.validate(names)}


def _places(ours: Trace, theirs: Trace, path: str) -> Iterator[tuple[KeyPath, frozenset[KeyPath], int]]:
    """Yield the values in an adopted file, each with the original values in its place, and the line."""
    mine, its = ours.file(path), theirs.file(path)
    if mine is None or its is None:
        return  # it is rendered for another environment
    assert mine.certain, mine.reason
    assert its.certain, its.reason
    assert mine.text == its.text
    for number, (own, new) in enumerate(zip(mine.lines, its.lines, strict=True), start=1):
        for segment in (each for each in new if each.start < each.end):
            parts = [each for each in own if each.start < segment.end and segment.start < each.end]
            within = [each.tag for each in parts]
            label = frozenset[KeyPath]().union(*(each.values | each.keys for each in within))
            if not label:  # literal text, which a condition chose
                label = label.union(*(each.decides for each in parts))
            for value in segment.tag.values:
                yield value, frozenset(EQUAL.get(each, each) for each in label), number


def main() -> int:
    """Adopt our own output, print the wrong merges, and return whether there are any."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        oetgen("adopt", *(f"{name}={ROOT / 'out' / name}" for name in NAMES), "--to", str(root))
        found = sources(ROOT, root, NAMES)
    wrong = wrong_merges(found)
    print(f"{len(found)} values, {len(wrong)} wrong merges")
    for value, labels in sorted(wrong.items(), key=lambda each: format_path(each[0])):
        for label, place in labels.items():
            print(
                f"{format_path(value)}: {place} is {', '.join(sorted(map(format_path, label))) or 'no value'}"
            )
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
