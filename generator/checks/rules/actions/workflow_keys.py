"""A workflow must follow GitHub's grammar: known keys, required keys, and values of the right kind.

Checked: every key of the workflow, its events, jobs, steps, services and permissions; keys that differ by upper and
lower case alone; a workflow without `permissions`, which gets the default ones of the repository.

Why: GitHub rejects the whole workflow for one unknown key, and shows the error only on the page "Actions",
without a run.

Bad:

    run-on: ubuntu-latest

Good:

    runs-on: ubuntu-latest
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.data import table
from generator.checks.rule import Context, NotApplicableError
from generator.checks.workflow_grammar import Grammar, Path
from generator.findings import Finding, Span, error, warning
from generator.findings.suggest import nearest
from generator.languages.github.expressions import OPENING
from generator.languages.node import Map, Seq
from generator.system.workflows import Job, Step, Workflow

CODE = "checks/workflow-keys"
ADVICE = "docs.github.com, Workflow syntax"
_IDENTIFIER = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_CALLING = frozenset("name uses with secrets needs if permissions concurrency strategy".split())
_ONLY_CALLING = ("with", "secrets")
# Source: docs.github.com, "Metadata syntax for GitHub Actions": runs.steps.
_OF_ACTIONS = frozenset("continue-on-error env id if name run shell uses with working-directory".split())
_ALWAYS_NAMED = frozenset(["inputs", "secrets", "outputs", "services", "env", "with"])


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.workflows and not system.actions:
        raise NotApplicableError("there are no workflows and no composite actions")
    for action in system.actions:
        yield from _action(action, system.first_map(action.source) or Map())
    grammar = Grammar(table("workflow"), _name, CODE)
    for workflow in system.workflows:
        yield from grammar.check(workflow.node, "workflow")
        yield from _unrestricted(workflow)
        if "jobs" in workflow.node and not workflow.jobs and isinstance(workflow.node.get("jobs"), Map):
            yield error(CODE, "the workflow has no jobs", workflow.node.key_place("jobs"), hint="add a job")
        yield from _variables(workflow.node)
        for job in workflow.jobs:
            yield from _identifier(job.name, "job", job.at)
            yield from _job(job)


def _action(action: Workflow, node: Map) -> Iterator[Finding]:
    """Yield an error for what the runner refuses of a composite action; `node` is all of its file."""
    outputs = node.map("outputs")
    for name in outputs:
        if "value" not in outputs.map(name):
            at = outputs.key_place(name)
            yield error(
                CODE, f"the output {name} has no value", at, hint="add value: with the output of a step"
            )
    for step in (each for job in action.jobs for each in job.steps):
        for key in step.node:
            if key not in _OF_ACTIONS:
                hint = nearest(key, sorted(_OF_ACTIONS)) or "remove it"
                message = f'the step "{step.name}" has {key}, which a composite action does not have'
                yield error(CODE, message, step.node.key_place(key), hint=hint)
        if "run" in step.node and "shell" not in step.node:
            message = f'the step "{step.name}" has no shell, which a composite action needs'
            yield error(CODE, message, step.node.key_place("run"), hint="add shell: bash")
        yield from _step(step)


def _name(path: Path, node: Map | None) -> str:
    """Return how a message names the part of a workflow at `path`."""
    match path:
        case ():
            return "the workflow"
        case ("jobs", job):
            return f"job {job}"
        case ("jobs", _, *_, "steps", number):
            name = (node.text("name") or node.text("uses")) if node else ""
            return f'the step "{name or f"step {int(number) + 1}"}"'
        case (*_, holder, key) if holder in _ALWAYS_NAMED or key.isdigit():
            return f"{holder}.{key}"
    return f"on.{path[1]}" if path[0] == "on" and len(path) == 2 else path[-1]


def _unrestricted(workflow: Workflow) -> Iterator[Finding]:
    if "permissions" not in workflow.node and any("permissions" not in job.node for job in workflow.jobs):
        message = "the workflow has no permissions, so it gets the default permissions of the repository"
        at = workflow.node.key_place("jobs")
        hint = "add permissions: {contents: read}; see GitHub's documentation on secure use"
        yield warning(CODE, message, at, hint=hint)


def _variables(holder: Map) -> Iterator[Finding]:
    for name, value in holder.map("env").entries.items():
        if re.search("[=\\s&]", name) and OPENING not in name:
            message = f"{name} is not a valid name of a variable"
            yield error(CODE, message, value.key_at, hint="use letters, digits and _")


def _identifier(name: str, what: str, at: Span) -> Iterator[Finding]:
    if not _IDENTIFIER.fullmatch(name):
        message = f"{name} is not a valid id of a {what}"
        yield error(CODE, message, at, hint="begin with a letter or _, and use letters, digits, - and _")


def _job(job: Job) -> Iterator[Finding]:
    calls = "uses" in job.node
    yield from _variables(job.node)
    for key in job.node:
        if calls and key not in _CALLING and key in table("workflow")["job"]["keys"]:
            message = f"job {job.name} has {key}, which is not allowed in a job that calls a workflow"
            yield error(CODE, message, job.node.key_place(key), hint="remove it, or move it to that workflow")
        elif not calls and key in _ONLY_CALLING:
            message = f"job {job.name} has {key}, which is allowed only with uses"
            yield error(CODE, message, job.node.key_place(key), hint="remove it")
    for key in () if calls else ("runs-on", "steps"):
        node = job.node.get(key)
        if node is None or (key == "steps" and isinstance(node, Seq) and not len(node)):
            yield error(CODE, f"job {job.name} has no {key}", job.at, hint=f"add {key}")
    for step in job.steps:
        yield from _step(step)


def _step(step: Step) -> Iterator[Finding]:
    if any(key in step.node for key in ("wait", "wait-all", "cancel", "parallel")):
        return
    yield from _variables(step.node)
    kinds = [key for key in ("uses", "run") if key in step.node]
    if len(kinds) != 1:
        at = step.node.key_place("uses") if len(kinds) == 2 else step.node.at
        yield error(
            CODE,
            f'the step "{step.name}" has {" and ".join(kinds) or "no uses or run"}, expected one',
            at,
            hint="write either uses or run",
        )
    for key, wanted in (("with", "uses"), ("working-directory", "run"), ("shell", "run")):
        if key in step.node and wanted not in step.node:
            yield error(
                CODE,
                f'the step "{step.name}" has {key}, which is allowed only with {wanted}',
                step.node.key_place(key),
                hint="remove it",
            )
