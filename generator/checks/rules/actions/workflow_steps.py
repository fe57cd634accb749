"""A job must depend on jobs that exist, and a step must read outputs that an earlier step sets.

Checked: `needs`, `steps.ID.outputs.NAME`, `needs.JOB.outputs.NAME`, and that the ids in a job are unique.

Why: an unknown step or output is not an error for GitHub: the expression is empty, and a deployment continues
with an empty registry.

Bad:

    needs: tests                                 # and the job is called test

Good:

    needs: test
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from generator.checks.action_interface import interface
from generator.checks.cycles import cycles
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error, error_if, warning
from generator.findings.suggest import nearest
from generator.languages.github.expressions import Reference
from generator.languages.shell.script import Command
from generator.system import System, contexts
from generator.system.workflows import Job, Step, Workflow

CODE = "checks/workflow-steps"
ADVICE = "docs.github.com, Workflow syntax: jobs.<job_id>.needs"
# What runs code that is not in the step. The action that installs Terraform lets it write outputs.
_PROGRAMS = frozenset(
    ". bash bun bundle cargo deno dotnet eval go gradle java just make mvn node npm npx perl php pnpm poetry pwsh"
    " python python3 rake ruby sh source task terraform tofu uv yarn".split()
)
_OUTPUT = re.compile(r"[\"']?([A-Za-z_][\w-]*)(?:=|<<)")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.workflows and not system.actions:
        raise NotApplicableError("there are no workflows and no composite actions")
    for action in system.actions:
        yield from _action(action, system)
    for workflow in system.workflows:
        jobs = {job.name: job for job in workflow.jobs}
        for job in workflow.jobs:
            yield from _needs(job, jobs)
            yield from _ids(job)
            yield from _waits(job, workflow.jobs)
        yield from _circles(jobs)
        for use in contexts.uses(workflow):
            name = use.reference.path[0].lower()
            at = use.leaf.place(use.reference.offset, len(".".join(use.reference.path)))
            if use.job and name == "steps":
                yield from _step(use.job, use.step, use.reference, at, system)
            elif use.job and name == "needs":
                yield from _need(use.job, jobs, use.reference, at, system)


def _action(action: Workflow, system: System) -> Iterator[Finding]:
    for job in action.jobs:
        yield from _ids(job)
    for use in contexts.uses(action):
        if use.job and use.reference.path[0].lower() == "steps":
            at = use.leaf.place(use.reference.offset, len(".".join(use.reference.path)))
            yield from _step(use.job, use.step, use.reference, at, system)


def _circles(jobs: dict[str, Job]) -> Iterator[Finding]:
    """Yield an error for each circle of jobs that wait for each other."""
    needs = {name: {leaf.text: leaf for leaf in job.needs} for name, job in jobs.items()}
    for circle in cycles(needs):
        message = f"jobs {', '.join(circle)} wait for each other"
        if len(circle) == 1:
            message = f"job {circle[0]} waits for itself"
        pairs = zip(circle, [*circle[1:], circle[0]], strict=True)
        notes = tuple(Note(f"{each} needs {after}", needs[each][after].at) for each, after in pairs)
        yield error(CODE, message, jobs[circle[0]].at, notes=notes, hint="remove one of these needs")


def _needs(job: Job, jobs: dict[str, Job]) -> Iterator[Finding]:
    seen: dict[str, Span] = {}
    for leaf in job.needs:
        name, at = leaf.text, leaf.at
        if name.lower() in seen:
            note = Note("the first one is here", seen[name.lower()])
            yield warning(CODE, f"job {job.name} needs {name} twice", at, notes=(note,), hint="remove one")
        seen[name.lower()] = at
        if name.lower() not in {each.lower() for each in jobs}:
            notes = tuple(
                Note(f"there is {each}", other.at) for each, other in jobs.items() if each != job.name
            )
            hint = (
                nearest(name, list(jobs))
                or f"write one of {', '.join(each for each in jobs if each != job.name)}"
            )
            yield error(
                CODE, f"job {job.name} needs {name}, which does not exist", at, notes=notes, hint=hint
            )


def _waits(job: Job, jobs: list[Job]) -> Iterator[Finding]:
    """Yield an error if a job pushes or deploys without waiting for another job."""
    deploys = [
        (step, command)
        for step in job.steps
        for command in step.script.commands
        if command.starts_with("docker", "push")
        or command.starts_with("kubectl", "apply")
        or command.starts_with("kubectl", "set")
    ]
    if deploys and len(jobs) > 1 and not (job.needs or job.makes_cluster):
        others = tuple(
            Note("this job runs at the same time", each.at) for each in jobs if each.name != job.name
        )
        message = f"job {job.name} deploys without waiting for another job"
        hint = f"add needs: {next(each.name for each in jobs if each.name != job.name)}"
        yield warning(CODE, message, job.at, notes=others, hint=hint)


def _ids(job: Job) -> Iterator[Finding]:
    seen: dict[str, Span] = {}
    for step in job.steps:
        if step.id and step.id.lower() in seen:
            note = Note("the first one is here", seen[step.id.lower()])
            yield error(
                CODE,
                f"two steps of job {job.name} have the id {step.id}",
                step.node.at_key("id"),
                notes=(note,),
                hint="rename one",
            )
        if step.id and not re.fullmatch(r"[A-Za-z_][\w-]*", step.id):
            yield error(
                CODE,
                f"{step.id} is not a valid id of a step",
                step.node.at_key("id"),
                hint="use letters, digits, - and _",
            )
        seen[step.id.lower()] = step.node.at_key("id")


def _step(job: Job, step: Step | None, reference: Reference, at: Span, system: System) -> Iterator[Finding]:
    """Yield an error for a step that does not run before: of the same job, and above the step, if any."""
    if len(reference.path) < 2 or reference.path[1] == "*":
        return
    name = reference.path[1]
    steps = job.steps[: step.number] if step else job.steps
    before = {each.id: each for each in steps if each.id}
    if name not in before:
        later = {each.id: each for each in job.steps if each.id}
        notes = tuple(Note(f"there is {each}", other.node.at_key("id")) for each, other in later.items())
        problem = "comes later" if name in later else "is not in this job"
        hint = nearest(name, list(before)) or (
            f"write {' or '.join(before)}" if before else "add the id to the step"
        )
        reader = f'the step "{step.name}"' if step else f"job {job.name}"
        message = f"{reader} reads an output of step {name}, which {problem}"
        yield error(CODE, message, at, notes=notes, hint=hint)
        return
    if len(reference.path) > 3 and reference.path[2] == "outputs":
        yield from _output(before[name], reference.path[3], at, system)


def _output(step: Step, name: str, at: Span, system: System) -> Iterator[Finding]:
    known = outputs(step, system)
    if known is None or name.lower() in known or name == "*":
        return
    action = interface(step, system)
    if action and action.any_output and name.startswith(action.any_output):
        return
    note = Note(
        f"its outputs are {', '.join(sorted(known))}" if known else "it has no outputs",
        step.node.at_key("id"),
    )
    hint = nearest(name, sorted(known)) or " or ".join(f"write {each}" for each in sorted(known))
    hint = hint or "write it to $GITHUB_OUTPUT in that step"
    message = f'the step "{step.name}" has no output {name}'
    yield error_if(step.node.text("uses"), CODE, message, at, notes=(note,), hint=hint)


def outputs(step: Step, system: System) -> frozenset[str] | None:
    """Return the names of the outputs of a step in lower case, or None if they cannot be known."""
    if step.node.text("uses"):
        action = interface(step, system)
        return action.outputs if action and action.any_output != "*" else None
    if not step.is_shell:
        return None
    if "GITHUB_OUTPUT" not in step.run:
        return None if any(map(_may_write, step.script.commands)) else frozenset()
    names = set()
    for command in step.script.commands:
        if command.texts[0] in ("echo", "printf"):
            names |= {match[1].lower() for text in command.texts[1:] if (match := _OUTPUT.match(text))}
    return frozenset(names) if names else None


def _may_write(command: Command) -> bool:
    """Return whether a command runs a program that may write outputs itself."""
    return "/" in command.name or command.name in _PROGRAMS


def _need(
    job: Job, jobs: dict[str, Job], reference: Reference, at: Span, system: System
) -> Iterator[Finding]:
    name = reference.path[1] if len(reference.path) > 1 else "*"
    needed = [each.text for each in job.needs]
    if name != "*" and name.lower() not in [each.lower() for each in needed]:
        hint = nearest(name, needed) or f"add {name} to needs"
        yield error(
            CODE,
            f"job {job.name} reads an output of job {name}, but does not list it in needs",
            at,
            notes=(Note("the job", job.at),),
            hint=hint,
        )
    elif len(reference.path) > 3 and reference.path[2] == "outputs" and name in jobs:
        known = contexts.outputs(jobs[name], system.called_workflow)
        if isinstance(known, Mapping) and reference.path[3].lower() not in known:
            note = Note("the job", jobs[name].at)
            hint = nearest(reference.path[3], known) or f"add {reference.path[3]} to its outputs"
            yield error(CODE, f"job {name} has no output {reference.path[3]}", at, notes=(note,), hint=hint)
