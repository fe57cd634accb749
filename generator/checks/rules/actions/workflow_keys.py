"""Workflows, jobs and steps must have only keys that GitHub knows, and every required key.

Why: GitHub rejects the whole workflow for one unknown key, and shows the error only on the page "Actions",
without a run.

Bad:

    run-on: ubuntu-latest

Good:

    runs-on: ubuntu-latest
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.data import table, words
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, error
from generator.findings.suggest import nearest
from generator.languages.node import Map
from generator.system.workflows import Job, Step

CODE = "checks/workflow-keys"
_LEVELS = ("read", "write", "none")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.workflows:
        raise NotApplicableError("there are no workflows")
    for workflow in system.workflows:
        yield from _known(workflow.node, "workflow")
        for key in ("on", "jobs"):
            if _is_empty(workflow.node, key):
                yield error(CODE, f"the workflow has no {key}", workflow.node.at, hint=f"add {key}")
        yield from _permissions(workflow.node)
        unrestricted = [job for job in workflow.jobs if "permissions" not in job.node]
        if "permissions" not in workflow.node and unrestricted:
            message = "the workflow has no permissions, so it gets the default permissions of the repository"
            at = workflow.node.key_place("jobs")
            yield error(CODE, message, at, hint="add permissions: {contents: read}")
        dispatch = workflow.trigger("workflow_dispatch")
        for key in dispatch or ():
            if key != "inputs" and dispatch is not None:
                yield error(
                    CODE, f"workflow_dispatch has no key {key}", dispatch.key_place(key), hint="remove it"
                )
        for job in workflow.jobs:
            yield from _job(job)


def _is_empty(holder: Map, key: str) -> bool:
    return not (holder.text(key) or holder.map(key) or holder.seq(key))


def _known(holder: Map, what: str) -> Iterator[Finding]:
    known = words(table("github")["keys"][what])
    for key in holder:
        if key not in known:
            hint = nearest(key, sorted(known)) or f"use one of {', '.join(sorted(known))}"
            yield error(CODE, f"a {what} has no key {key}", holder.key_place(key), hint=hint)


def _permissions(holder: Map) -> Iterator[Finding]:
    permissions = holder.map("permissions")
    yield from _known(permissions, "permissions")
    for key in permissions:
        if permissions.text(key) not in _LEVELS:
            yield error(
                CODE,
                f"the permission {key} is {permissions.text(key)}, expected read, write or none",
                permissions.at_key(key),
                hint="write read",
            )


def _job(job: Job) -> Iterator[Finding]:
    yield from _known(job.node, "job")
    yield from _permissions(job.node)
    if "uses" not in job.node:
        for key in ("runs-on", "steps"):
            if _is_empty(job.node, key):
                yield error(CODE, f"job {job.name} has no {key}", job.at, hint=f"add {key}")
    minutes = job.node.text("timeout-minutes")
    if minutes and not minutes.isdigit() and "${{" not in minutes:
        yield error(
            CODE,
            f"timeout-minutes is {minutes}, expected a number",
            job.node.at_key("timeout-minutes"),
            hint="write a number of minutes",
        )
    for step in job.steps:
        yield from _step(step)


def _step(step: Step) -> Iterator[Finding]:
    yield from _known(step.node, "step")
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
