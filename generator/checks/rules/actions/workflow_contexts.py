"""An expression must read only what its contexts hold.

Checked: the properties of `github`, `runner`, `job` and `strategy`, the inputs that the events of the workflow
declare, the keys of the matrix, the secrets of a workflow that is called, the jobs of its outputs.

Why: GitHub replaces a property that does not exist by an empty string, and the job continues with it.

Bad:

    if: github.refs == 'refs/heads/main'

Good:

    if: github.ref == 'refs/heads/main'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.checks.data import table, words
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, error, warning
from generator.findings.suggest import listed, nearest
from generator.system import System, contexts
from generator.system.contexts import OPEN, TEXT, Names, Use
from generator.system.workflows import Job, Workflow

CODE = "checks/workflow-contexts"
_OWN_SECRETS = ("github_token", "actions_step_debug", "actions_runner_debug")
_WITH_PARTS = (("github", "event"), ("job", "container"), ("job", "services"))


def check(context: Context) -> Iterator[Finding]:
    if not context.system.workflows:
        raise NotApplicableError("there are no workflows")
    for workflow in context.system.workflows:
        shared = _shared(workflow, context.system)
        matrices = {job.name: contexts.matrix(job) for job in workflow.jobs}
        for use in contexts.uses(workflow):
            known = shared | _of_job(use.job, matrices)
            name = use.reference.path[0].lower()
            if name in known and (found := contexts.missing(known[name], use.reference.path[1:])):
                yield _finding(use, *found)
        yield from _secrets(workflow)


def _shared(workflow: Workflow, system: System) -> dict[str, Names]:
    """Return the contexts that are the same everywhere in a workflow."""
    properties = table("github")["properties"]
    known: dict[str, Names] = {
        name: dict.fromkeys(words(text.lower()), TEXT) for name, text in properties.items()
    }
    for name, part in _WITH_PARTS:
        known[name] = {**_parts(known[name]), part: OPEN}
    known["inputs"] = contexts.inputs(workflow)
    known["jobs"] = contexts.jobs(workflow, system.called_workflow)
    return known


def _parts(names: Names) -> Mapping[str, Names]:
    return {} if isinstance(names, str) else names


def _of_job(job: Job | None, matrices: Mapping[str, Names]) -> dict[str, Names]:
    return {"matrix": matrices[job.name]} if job else {}


def _finding(use: Use, index: int, known: list[str]) -> Finding:
    path = use.reference.path
    holder, part = ".".join(path[: index + 1]), path[index + 1]
    at = use.leaf.place(use.reference.offset, len(".".join(path)))
    if not known and holder == "inputs":
        message, hint = f"the workflow has no input {part}", "add it to the inputs of the event"
    elif not known and holder == "matrix":
        message, hint = f"the job has no matrix, so {holder}.{part} is empty", "add it to strategy.matrix"
    elif not known:
        message, hint = f"{holder} has no parts, so {holder}.{part} is empty", f"write {holder}"
    else:
        message = f"{holder} has no {part}"
        hint = nearest(part, known) or f"write one of {listed(known)}"
    return error(CODE, message, at, hint=hint)


def _secrets(workflow: Workflow) -> Iterator[Finding]:
    """Yield a warning for a secret that callers cannot pass by name, but only with `secrets: inherit`."""
    call = workflow.trigger("workflow_call")
    if call is None or "secrets" not in call or len(workflow.events) > 1:
        return
    declared = {name.lower() for name in call.map("secrets")} | {*_OWN_SECRETS}
    for use in contexts.uses(workflow):
        path = use.reference.path
        if path[0].lower() != "secrets" or len(path) < 2 or path[1] == "*" or path[1].lower() in declared:
            continue
        message = f"the workflow does not declare the secret {path[1]}, so only secrets: inherit passes it"
        at = use.leaf.place(use.reference.offset, len(".".join(path)))
        hint = nearest(path[1], call.map("secrets")) or "add it to the secrets of workflow_call"
        yield warning(CODE, message, at, hint=hint)
