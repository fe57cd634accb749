"""What the contexts of GitHub's expressions hold at a place of a workflow.

A tree of names: a map has exactly its keys, `OPEN` any, and `TEXT` is a value without parts. Names are in lower case,
since GitHub does not distinguish upper and lower case there.
Source: docs.github.com, "Contexts reference".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from generator.languages.github import expressions
from generator.languages.github.expressions import OPENING, Reference
from generator.languages.node import Leaf, Map, Node, Seq
from generator.system.workflows import Job, Step, Workflow

OPEN = "open"
TEXT = "text"
Names = Mapping[str, "Names"] | str
Called = Callable[[str], Workflow | None]
_RESULT: dict[str, Names] = {"result": TEXT, "outputs": OPEN}


class Use(NamedTuple):
    """A context that a string reads, with the string, and the job and step that it is written in."""

    leaf: Leaf
    reference: Reference
    path: tuple[str, ...]
    job: Job | None
    step: Step | None


def uses(workflow: Workflow) -> Iterator[Use]:
    """Yield every context that the strings of a workflow read."""
    for leaf, path, job, step in _leaves(workflow):
        if path[-1] == "if":
            read = expressions.condition(leaf.text)
        else:
            read = expressions.find(leaf.text) if OPENING in leaf.text else []
        for expression in read:
            for reference in expression.references:
                yield Use(leaf, reference, path, job, step)


def _leaves(workflow: Workflow) -> Iterator[tuple[Leaf, tuple[str, ...], Job | None, Step | None]]:
    for key, node in workflow.node.entries.items():
        if key != "jobs":
            yield from ((leaf, path, None, None) for leaf, path in _strings(node, (key,)))
    for job in workflow.jobs:
        for key, node in job.node.entries.items():
            if key != "steps":
                strings = _strings(node, ("jobs", job.name, key))
                yield from ((leaf, path, job, None) for leaf, path in strings)
        for step in job.steps:
            strings = _strings(step.node, ("jobs", job.name, "steps", "*"))
            yield from ((leaf, path, job, step) for leaf, path in strings)


def _strings(node: Node, path: tuple[str, ...]) -> Iterator[tuple[Leaf, tuple[str, ...]]]:
    if isinstance(node, Leaf):
        yield node, path
    elif isinstance(node, Seq):
        for item in node:
            yield from _strings(item, (*path, "*"))
    else:
        for key, value in node.entries.items():
            yield from _strings(value, (*path, key))


def inputs(workflow: Workflow) -> dict[str, Names]:
    """Return the inputs of every event of a workflow that has inputs."""
    known: dict[str, Names] = {}
    for event in ("workflow_call", "workflow_dispatch"):
        known |= {name.lower(): TEXT for name in workflow.node.map("on", event, "inputs")}
    return known


def matrix(job: Job) -> Names:
    """Return the keys of the matrix of a job."""
    node = job.node.get("strategy", "matrix")
    if isinstance(node, Leaf) or isinstance(job.node.get("strategy"), Leaf):
        return OPEN
    known: dict[str, Names] = {}
    for key, value in node.entries.items() if isinstance(node, Map) else ():
        if key not in ("include", "exclude"):
            known[key.lower()] = (
                _merged([_values(item) for item in value]) if isinstance(value, Seq) else OPEN
            )
    included = node.get("include") if isinstance(node, Map) else None
    for combination in included if isinstance(included, Seq) else ():
        if not isinstance(combination, Map):
            return OPEN
        for key, value in combination.entries.items():
            known[key.lower()] = _merged([_values(value), known.get(key.lower(), TEXT)])
    return OPEN if isinstance(included, Leaf) else known


def _values(node: Node) -> Names:
    if isinstance(node, Map):
        return {key.lower(): _values(value) for key, value in node.entries.items()}
    return OPEN if isinstance(node, Seq) or (isinstance(node, Leaf) and OPENING in node.text) else TEXT


def _merged(several: list[Names]) -> Names:
    """Return what one of several values holds."""
    merged: dict[str, Names] = {}
    for each in several:
        if each == OPEN:
            return OPEN
        if isinstance(each, Mapping):
            for key, value in each.items():
                merged[key] = _merged([value, merged[key]]) if key in merged else value
    return merged or TEXT


def outputs(job: Job, called: Called) -> Names:
    """Return the outputs of a job; of one that calls a workflow, those of that workflow when it is in the tree."""
    if "uses" not in job.node:
        node = job.node.get("outputs")
        return OPEN if isinstance(node, Leaf) else {name.lower(): TEXT for name in job.node.map("outputs")}
    workflow = called(job.node.text("uses"))
    if workflow is None:
        return OPEN
    return {name.lower(): TEXT for name in workflow.node.map("on", "workflow_call", "outputs")}


def jobs(workflow: Workflow, called: Called) -> dict[str, Names]:
    """Return the results and outputs of all jobs."""
    return {job.name.lower(): {**_RESULT, "outputs": outputs(job, called)} for job in workflow.jobs}


def missing(names: Names, path: tuple[str, ...]) -> tuple[int, list[str]] | None:
    """Return the index of the first part of `path` that does not exist, and what does; None when all may exist."""
    for index, part in enumerate(path):
        if names == OPEN or part == "*":
            return None
        if isinstance(names, str) or part.lower() not in names:
            return index, [] if isinstance(names, str) else sorted(names)
        names = names[part.lower()]
    return None
