"""Each value of an environment against another valid one: what differs lies in the lines that `impact` names."""

from __future__ import annotations

import copy
import difflib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from generator.pipeline import Pipeline
from generator.provenance.impact import Index, Reach, reach
from generator.render.outputs import render_tree
from generator.render.result import RenderResult
from generator.values.layers import Values
from generator.values.schema import validate
from generator.values.source import KeyPath, format_path, leaves
from tests.oracle import changed, explains

_MOST = 6  # other values that are tried for each
_GONE = object()


@dataclass
class Totals:
    """What was tried; `wrong` must stay empty, and `same` says which lines never changed, by the value."""

    count: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    same: dict[str, str] = field(default_factory=dict)


def prove_values(pipeline: Pipeline, proof: RenderResult, totals: Totals) -> None:
    """Change each value of one environment, one at a time, and compare what differs with what was named."""
    assert proof.tree
    trace = pipeline.trace(proof.values)
    indexes = {found.path: Index(found) for found in trace.files()}
    texts = {artifact.path: artifact.text for artifact in proof.tree.artifacts}
    assert all(index.file.text == texts.get(path, "") for path, index in indexes.items())
    assert set(texts) <= set(indexes)
    for path, value in leaves(proof.values.data):
        totals.count["values"] += 1
        reached = _of(indexes, path)
        totals.count["lines named"] += sum(len(each.lines) for each in reached.values())
        still = {(name, line) for name, each in reached.items() for line in each.holds}
        totals.count["lines that hold a value"] += len(still)
        tried = 0
        for other in _others(pipeline, proof.values, path, value):
            new = _render(pipeline, proof.values, _with(proof.values.data, path, other))
            if new is None:
                continue
            tried += 1
            totals.count["renders"] += 1
            if other is _GONE:  # what is taken out changes the map that it was in
                _compare(texts, new, _of(indexes, path[:-1]), f"{proof.env}: no {format_path(path)}", totals)
                continue
            _compare(texts, new, reached, f"{proof.env}: {format_path(path)} = {other!r}", totals)
            still -= set(_differing(texts, new, still))
            if tried == _MOST or (tried >= 2 and not still):
                break
        if still:
            cause = _cause(tried, value)
            name = f"{proof.env}: {format_path(path)}"
            totals.same[name] = f"{cause} ({len(still)} lines, {min(still)[0]}:{min(still)[1]} …)"
            totals.count["lines that hold a value and never change"] += len(still)


def _of(indexes: dict[str, Index], path: KeyPath) -> dict[str, Reach]:
    return {name: reach(index, path) for name, index in indexes.items()}


def _cause(tried: int, value: Any) -> str:
    if not tried:
        return "no other value is valid here"
    if isinstance(value, str) and not value:
        return "the value is empty"
    return "no value that was tried changes it"


def _compare(
    old: dict[str, str], new: dict[str, str], reached: dict[str, Reach], what: str, totals: Totals
) -> None:
    for path in sorted(old.keys() | new.keys()):
        before, after = old.get(path, ""), new.get(path, "")
        if before == after:
            continue
        totals.count["files that differ"] += 1
        each = reached.get(path)
        if each is None:  # a path that there was not: the value is in the paths of the files
            if not any(found.whole for found in reached.values()):
                totals.wrong.append(f"{what}: {path} is new, and no file is named for its path")
        elif not before or not after:
            if not each:
                totals.wrong.append(f"{what}: {path} comes or goes, and is not named")
        elif not each.certain:
            totals.count["files that are template only"] += 1
        elif not explains(before.splitlines(), after.splitlines(), each):
            totals.wrong.append(f"{what}: {path} differs outside of {each.lines}")


def _differing(
    old: dict[str, str], new: dict[str, str], wanted: set[tuple[str, int]]
) -> Iterator[tuple[str, int]]:
    for path in {path for path, _ in wanted}:
        before, after = old[path].splitlines(), new.get(path, "").splitlines()
        if before == after:
            continue
        kept: set[int] = set()
        for block in difflib.SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
            kept |= set(range(block.a + 1, block.a + block.size + 1))
        yield from ((name, line) for name, line in wanted if name == path and line not in kept)


def _render(pipeline: Pipeline, base: Values, data: Any) -> dict[str, str] | None:
    """Return the files that other values make, or None when they are not valid or make something wrong."""
    values = replace(base, data=data)
    if validate(pipeline.schema, values):
        return None
    tree, findings = render_tree(pipeline.engine, values)
    return None if findings else {artifact.path: artifact.text for artifact in tree.artifacts}


def _with(data: Any, path: KeyPath, other: Any) -> Any:
    if other is not _GONE:
        return changed(data, path, other)
    data = copy.deepcopy(data)
    inner = data
    for part in path[:-1]:
        inner = inner[part]
    del inner[path[-1]]
    return data


def _others(pipeline: Pipeline, values: Values, path: KeyPath, value: Any) -> Iterator[Any]:
    """Yield what may stand in the place of a value; most of it is not valid there, which is found out later."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield from (value + 1, value - 1, value * 2, value + 1000, 0, 1)
    elif isinstance(value, str):
        yield from _other_texts(value)
        words = {*_words(pipeline.schema.data), *(each for _, each in leaves(values.data))}
        yield from sorted(each for each in words if isinstance(each, str) and each != value)
    elif isinstance(value, dict):
        yield {"x": "y"}
    elif isinstance(value, list):
        yield ["x"]
    yield _GONE


def _other_texts(value: str) -> Iterator[str]:
    yield f"{value}x"
    yield f"x{value}"
    yield f"{value}1"
    for index in (*range(len(value) - 1, -1, -1),)[:40]:
        if value[index].isdigit():
            yield f"{value[:index]}{(int(value[index]) + 1) % 10}{value[index + 1 :]}"
        elif value[index].isalpha():
            letter = "b" if value[index] != "b" else "c"
            yield f"{value[:index]}{letter}{value[index + 1 :]}"


def _words(rules: Any) -> Iterator[Any]:
    """Yield the values that the schema names anywhere."""
    if isinstance(rules, dict):
        for key, inner in rules.items():
            if key in ("enum", "examples"):
                yield from (each for each in inner if isinstance(each, str))
            else:
                yield from _words(inner)
    elif isinstance(rules, list):
        for inner in rules:
            yield from _words(inner)
