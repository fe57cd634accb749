"""A matrix must exclude only combinations that it has, and each value of a list must be different.

Why: GitHub rejects the job when an entry of `exclude` names a key that the matrix does not have, and an entry that
fits no combination excludes nothing.

Bad:

    matrix: {node: [22, 24], exclude: [{node: 20}]}

Good:

    matrix: {node: [22, 24], exclude: [{node: 22}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, error
from generator.findings.suggest import nearest
from generator.languages.github.expressions import OPENING
from generator.languages.node import Leaf, Map, Node, Seq, leaves, plain, summary

CODE = "checks/workflow-matrix"
_OWN = ("include", "exclude")


def check(context: Context) -> Iterator[Finding]:
    matrices = [
        matrix
        for workflow in context.system.workflows
        for job in workflow.jobs
        if isinstance(matrix := job.node.get("strategy", "matrix"), Map)
    ]
    if not matrices:
        raise NotApplicableError("no job has a matrix")
    for matrix in matrices:
        yield from _repeated(matrix)
        if "exclude" in matrix and not _is_dynamic(matrix.get("include")):
            yield from _excluded(matrix)


def _is_dynamic(node: Node | None) -> bool:
    return any(OPENING in leaf.text for leaf in leaves(node))


def _repeated(matrix: Map) -> Iterator[Finding]:
    for key in matrix:
        seen: list[Node] = []
        for item in matrix.seq(key) if key not in _OWN else ():
            first = next((each for each in seen if plain(each) == plain(item)), None)
            if first is not None and not _is_dynamic(item):
                message = f"{summary(item)} occurs twice in {key} of the matrix"
                note = Note("the first one is here", first.at)
                yield error(CODE, message, item.at, notes=(note,), hint="remove one")
            seen.append(item)


def _excluded(matrix: Map) -> Iterator[Finding]:
    values: dict[str, list[Node]] = {}
    dynamic = {key.lower() for key in matrix if key not in _OWN and not isinstance(matrix.get(key), Seq)}
    for key in matrix:  # GitHub compares the keys without regard to case
        if key not in _OWN:
            values[key.lower()] = list(matrix.seq(key))
    for combination in matrix.maps("include"):
        for key, value in combination.entries.items():
            values.setdefault(key.lower(), []).append(value)
    for combination in matrix.maps("exclude"):
        for key, value in combination.entries.items():
            if key.lower() not in dynamic:
                yield from _entry(key, value, values)


def _entry(key: str, value: Node, values: dict[str, list[Node]]) -> Iterator[Finding]:
    if key.lower() not in values:
        message = f"the matrix excludes {key}, which it does not have"
        hint = nearest(key, values) or f"write {' or '.join(sorted(values))}"
        yield error(CODE, message, value.key_at, hint=hint)
    elif not any(_fits(each, value) for each in values[key.lower()]):
        known = ", ".join(dict.fromkeys(summary(each) for each in values[key.lower()]))
        message = f"the matrix excludes {key}: {summary(value)}, but {key} is never that"
        at = value.source.at(value.start)
        yield error(CODE, message, at, hint=f"write one of {known}" if known else f"add {key}")


def _fits(value: Node, wanted: Node) -> bool:
    """Return whether a value of the matrix has all of the parts that an entry of `exclude` names."""
    if _is_dynamic(value) or _is_dynamic(wanted):
        return True
    if isinstance(value, Map) and isinstance(wanted, Map):
        return all(key in value and _fits(value.entries[key], part) for key, part in wanted.entries.items())
    if isinstance(value, Leaf) and isinstance(wanted, Leaf):
        return value.text == wanted.text
    return bool(plain(value) == plain(wanted))
