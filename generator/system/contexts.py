"""What the contexts of GitHub's expressions hold at a place of a workflow.

Names are in lower case, since GitHub does not distinguish upper and lower case there.
Source: docs.github.com, "Contexts reference".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from generator.languages.github import expressions
from generator.languages.github.expressions import OPENING, Expression, Reference
from generator.languages.github.types import ANY, NUMBER, TEXT, TRUTH, Each, Several, Type, merged, of_value
from generator.languages.node import Leaf, Map, Node, Seq
from generator.system.workflows import Job, Step, Workflow

Called = Callable[[str], Workflow | None]
_TEXTS = Each(TEXT)
_STEP: Type = {"outputs": _TEXTS, "outcome": TEXT, "conclusion": TEXT}
_NEEDED: Type = {"outputs": _TEXTS, "result": TEXT}
_SERVICE: Type = {"id": TEXT, "network": TEXT, "ports": _TEXTS}
_INPUTS = {"boolean": TRUTH, "number": NUMBER}


class Written(NamedTuple):
    """An expression in a string of a workflow, with the keys that lead there, and its job and step."""

    leaf: Leaf
    expression: Expression
    path: tuple[str, ...]
    job: Job | None
    step: Step | None


class Use(NamedTuple):
    """A context that a string reads, with the string, and the job and step that it is written in."""

    leaf: Leaf
    reference: Reference
    job: Job | None
    step: Step | None


def written(workflow: Workflow) -> Iterator[Written]:
    """Yield every expression of a workflow; one that cannot be read has a problem and no tree."""
    for leaf, path, job, step in _leaves(workflow):
        if path[-1] == "if":
            read = expressions.condition(leaf.text)
        else:
            read = expressions.find(leaf.text) if OPENING in leaf.text else []
        yield from (Written(leaf, expression, path, job, step) for expression in read)


def uses(workflow: Workflow) -> Iterator[Use]:
    """Yield every context that the strings of a workflow read."""
    for leaf, expression, _, job, step in written(workflow):
        for reference in expression.references:
            yield Use(leaf, reference, job, step)


def _leaves(workflow: Workflow) -> Iterator[tuple[Leaf, tuple[str, ...], Job | None, Step | None]]:
    for key, node in workflow.node.entries.items():
        if key != "jobs" or isinstance(node, Leaf):
            yield from ((leaf, path, None, None) for leaf, path in _strings(node, (key,)))
    for name, node in workflow.node.map("jobs").entries.items():
        if isinstance(node, Leaf):
            yield node, ("jobs", name), None, None
    for job in workflow.jobs:
        for key, node in job.node.entries.items():
            path = ("jobs", job.name, key)
            if key == "steps" and isinstance(node, Seq):
                strings: Iterable[tuple[Leaf, tuple[str, ...]]] = ((leaf, path) for leaf in node.leaves())
            else:
                strings = _strings(node, path)
            yield from ((leaf, inner, job, None) for leaf, inner in strings)
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


def inputs(workflow: Workflow) -> Type:
    """Return the inputs of every event of a workflow that has inputs."""
    known: dict[str, Type] = {}
    for event in ("workflow_call", "workflow_dispatch"):
        declared = workflow.node.map("on", event, "inputs")
        for name in declared:
            kind = _INPUTS.get(declared.map(name).text("type"), TEXT)
            known[name.lower()] = merged([kind, known.get(name.lower(), kind)])
    return known


def matrix(job: Job) -> Type:
    """Return the keys of the matrix of a job."""
    node = job.node.get("strategy", "matrix")
    if isinstance(node, Leaf) or isinstance(job.node.get("strategy"), Leaf):
        return ANY
    known: dict[str, list[Type]] = {}
    for key, value in node.entries.items() if isinstance(node, Map) else ():
        if key not in ("include", "exclude"):
            known[key.lower()] = [_of_node(item) for item in value] if isinstance(value, Seq) else [ANY]
    included = node.get("include") if isinstance(node, Map) else None
    if isinstance(included, Leaf):
        return ANY
    for combination in included if isinstance(included, Seq) else ():
        if not isinstance(combination, Map):
            return ANY
        for key, value in combination.entries.items():
            known.setdefault(key.lower(), []).append(_of_node(value))
    return {key: merged(kinds) for key, kinds in known.items()}


def _of_node(node: Node) -> Type:
    if isinstance(node, Map):
        return {key.lower(): _of_node(value) for key, value in node.entries.items()}
    if isinstance(node, Seq):
        return Several(merged([_of_node(item) for item in node]))
    return ANY if OPENING in node.text else of_value(node.value)


def outputs(job: Job, called: Called) -> Type:
    """Return the outputs of a job; of one that calls a workflow, those of that workflow when it is in the tree."""
    if "uses" not in job.node:
        node = job.node.get("outputs")
        return (
            _TEXTS if isinstance(node, Leaf) else dict.fromkeys(map(str.lower, job.node.map("outputs")), TEXT)
        )
    workflow = called(job.node.text("uses"))
    if workflow is None:
        return _TEXTS
    return dict.fromkeys(map(str.lower, workflow.node.map("on", "workflow_call", "outputs")), TEXT)


def of_job(job: Job) -> dict[str, Type]:
    """Return the contexts that differ between the jobs of a workflow.

    Whether a step or a job that is needed exists is not decided here.
    """
    return {"matrix": matrix(job), "steps": Each(_STEP), "needs": Each(_NEEDED)}


def shared(workflow: Workflow, called: Called) -> dict[str, Type]:
    """Return the contexts that are the same everywhere in a workflow, without those whose keys are in a table."""
    texts = dict.fromkeys(("env", "vars", "secrets"), _TEXTS)
    return {"inputs": inputs(workflow), "jobs": jobs(workflow, called), **texts}


def parts(workflow: Workflow) -> dict[tuple[str, str], Type]:
    """Return the properties of contexts that have properties of their own."""
    dispatched = workflow.node.map("on", "workflow_dispatch", "inputs")
    is_known = workflow.trigger("workflow_dispatch") is not None and workflow.trigger("workflow_call") is None
    given = dict.fromkeys(map(str.lower, dispatched), TEXT)
    return {
        ("github", "event"): Each(ANY, {"inputs": given} if is_known else {}),
        ("job", "container"): {"id": TEXT, "network": TEXT},
        ("job", "services"): Each(_SERVICE),
    }


def jobs(workflow: Workflow, called: Called) -> Type:
    """Return the results and outputs of all jobs."""
    return {job.name.lower(): {"result": TEXT, "outputs": outputs(job, called)} for job in workflow.jobs}
