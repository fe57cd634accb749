"""Wrong merges: adopted values whose places come from several values of the project that was adopted.

Each place of an adopted value is looked up in the source map of the original project. Where all places of a value
have one value of the original in common, it is that value, or a part of it. `python -m tests.adopt.merges` prints the
list. A condition `….enabled` is looked at in the same way, by the blocks that it decides.
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


def deciding(original: Path, adopted: Path, names: Sequence[str]) -> Sources:
    """Return for each condition the sets of original values behind the blocks that it decides, each with one place.

    The values of one service are those of all. A line of ours may have no value, and documents describe what all
    values do: neither is looked at.
    """
    ours, theirs = _traces(original, names), _traces(adopted, names)
    blocks: dict[tuple[KeyPath, str, int], tuple[set[KeyPath], str]] = {}
    for env, trace in theirs.items():
        for path in (each for each in trace.paths() if not each.endswith(".md")):
            mine, its = ours[env].file(path), trace.file(path)
            assert mine is not None and its is not None
            for number, (own, new) in enumerate(zip(mine.lines, its.lines, strict=True), start=1):
                label = {
                    _of_all(one) for each in own for one in each.decides | each.tag.values | each.tag.keys
                }
                for frame in {each.frames[-1] for each in new if each.frames}:
                    for value in (each for each in frame.paths if each[-1] == "enabled"):
                        block = blocks.setdefault(
                            (_of_all(value), frame.template, frame.line), (set(), f"{env}/{path}:{number}")
                        )
                        block[0].update(label)
    found: Sources = {}
    for (value, _, _), (labels, place) in blocks.items():
        if labels:
            found.setdefault(value, {}).setdefault(frozenset(labels), place)
    return found


def _of_all(path: KeyPath) -> KeyPath:
    return ("services", "*", *path[2:]) if path[0] == "services" and len(path) > 2 else path


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
        found, conditions = sources(ROOT, root, NAMES), deciding(ROOT, root, NAMES)
    wrong = wrong_merges(found) | wrong_merges(conditions)
    print(f"{len(found)} values, {len(wrong_merges(found))} wrong merges")
    print(
        f"{len(conditions)} conditions, {len(wrong_merges(conditions))} decide blocks of values of ours that differ"
    )
    for value, labels in sorted(wrong.items(), key=lambda each: format_path(each[0])):
        for label, place in labels.items():
            print(
                f"{format_path(value)}: {place} is {', '.join(sorted(map(format_path, label))) or 'no value'}"
            )
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
