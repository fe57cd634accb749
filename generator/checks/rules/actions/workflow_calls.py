"""A job that calls a workflow must pass the inputs and secrets that this workflow declares.

Checked for workflows of the same tree; the workflows of other repositories are not known.

Why: GitHub rejects the calling workflow for an unknown input, and for a required one that is missing.

Bad:

    uses: ./.github/workflows/release.yml
    with: {versoin: "1.2"}

Good:

    uses: ./.github/workflows/release.yml
    with: {version: "1.2"}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, error
from generator.findings.suggest import nearest
from generator.languages.github.expressions import OPENING
from generator.languages.node import Leaf, Map
from generator.system import System
from generator.system.workflows import Job, Workflow

CODE = "checks/workflow-calls"
_LOCAL = re.compile(r"\./\.github/workflows/[^/@]+\.ya?ml")
_REMOTE = re.compile(r"[^/@\s]+/[^/@\s]+/\.github/workflows/[^/@\s]+\.ya?ml@\S+")


def check(context: Context) -> Iterator[Finding]:
    calls = [job for workflow in context.system.workflows for job in workflow.jobs if job.node.text("uses")]
    if not calls:
        raise NotApplicableError("no job calls a workflow")
    for job in calls:
        yield from _call(job, context.system)


def _call(job: Job, system: System) -> Iterator[Finding]:
    uses = job.node.text("uses")
    if not (_LOCAL.fullmatch(uses) or _REMOTE.fullmatch(uses)) and OPENING not in uses:
        hint = "write ./.github/workflows/NAME.yml, or OWNER/REPOSITORY/.github/workflows/NAME.yml@VERSION"
        yield error(CODE, f"{uses} does not name a workflow", job.node.at_key("uses"), hint=hint)
    workflow = system.called_workflow(uses)
    if workflow is None:
        return
    if workflow.trigger("workflow_call") is None:
        message = f"{workflow.path} cannot be called: its events do not include workflow_call"
        yield error(CODE, message, job.node.at_key("uses"), hint="add on: {workflow_call: } there")
        return
    yield from _given(job, workflow, "inputs", "with")
    if job.node.text("secrets") != "inherit":
        yield from _given(job, workflow, "secrets", "secrets")


def _given(job: Job, workflow: Workflow, kind: str, key: str) -> Iterator[Finding]:
    """Yield errors for what a job gives under `key`, which the called workflow declares as inputs or secrets."""
    one = kind.removesuffix("s")
    declared = workflow.node.map("on", "workflow_call", kind)
    names = {name.lower(): name for name in declared}
    given = job.node.map(key)
    note = Note(
        f"{workflow.path} declares its {kind} here", declared.key_at if declared else workflow.node.at
    )
    for name, value in given.entries.items():
        if name.lower() not in names:
            hint = nearest(name, declared) or (
                f"write one of {', '.join(declared)}" if declared else "remove it"
            )
            message = f"{workflow.path} has no {one} {name}"
            yield error(CODE, message, value.key_at, notes=(note,), hint=hint)
        elif isinstance(value, Leaf) and (wanted := _mismatch(value, declared.map(names[name.lower()]))):
            message = f"the {one} {name} of {workflow.path} is {value.text or 'empty'}, expected {wanted}"
            yield error(CODE, message, value.at, notes=(note,), hint=f"write {wanted}")
    passed = {name.lower() for name in given}
    for lower, name in names.items():
        settings = declared.map(name)
        if settings.text("required").lower() == "true" and "default" not in settings and lower not in passed:
            message = f"job {job.name} does not pass the {one} {name}, which {workflow.path} requires"
            yield error(CODE, message, job.node.at_key("uses"), notes=(note,), hint=f"add {name} to {key}")


def _mismatch(value: Leaf, settings: Map) -> str:
    """Return what a value should be when it does not have the type of its input."""
    if OPENING in value.text:
        return ""
    is_truth = isinstance(value.value, bool)
    is_number = isinstance(value.value, int | float) and not is_truth
    match settings.text("type"):
        case "number" if not is_number:
            return "a number"
        case "boolean" if not is_truth:
            return "true or false"
    return ""
