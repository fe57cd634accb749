"""An expression must read only what its contexts hold, as what it is.

Checked: the properties of `github`, `runner`, `job` and `strategy`, the inputs that the events of the workflow
declare, the keys of the matrix, the secrets of a workflow that is called, the jobs of its outputs; objects and lists
where a text stands; the arguments of functions; comparisons.

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
from generator.findings.suggest import nearest
from generator.languages.github import types
from generator.languages.github.expressions import OPENING
from generator.languages.github.types import ANY, NUMBER, OBJECT, SCALAR, TEXT, TRUTH, Type
from generator.system import System, contexts
from generator.system.contexts import Written
from generator.system.workflows import OWN_SECRETS, Workflow

CODE = "checks/workflow-contexts"
ADVICE = "docs.github.com, Contexts reference"
_TEXTS = frozenset(["run", "name", "run-name", "working-directory", "group", "url", "image"])
_MAPS_OF_TEXTS = frozenset(["env", "with", "outputs", "secrets"])
_LIST = types.title(types.Several(TEXT))
# What GitHub takes no text for, although it may look like one.
_EXPECTED: Mapping[str, str] = {
    **dict.fromkeys(("timeout-minutes", "cancel-timeout-minutes", "max-parallel"), NUMBER),
    **dict.fromkeys(("continue-on-error", "fail-fast", "cancel-in-progress"), TRUTH),
    **dict.fromkeys(("env", "with", "strategy", "matrix", "services"), OBJECT),
}


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.workflows and not system.actions:
        raise NotApplicableError("there are no workflows and no composite actions")
    for action in system.actions:
        of_caller = dict.fromkeys(("matrix", "needs"), ANY)
        for written in contexts.written(action):
            own = contexts.of_job(written.job) if written.job else {}
            yield from _expression(written, {**_shared(action, system), **own, **of_caller})
    for workflow in system.workflows:
        shared = _shared(workflow, system)
        of_jobs = {job.name: contexts.of_job(job) for job in workflow.jobs}
        for written in contexts.written(workflow):
            known = shared | (of_jobs[written.job.name] if written.job else {})
            yield from _expression(written, known)
        yield from _secrets(workflow)


def _shared(workflow: Workflow, system: System) -> dict[str, Type]:
    """Return the contexts that are the same everywhere in a workflow."""
    properties: dict[str, dict[str, Type]] = {
        name: dict.fromkeys(words(text.lower()), TEXT) for name, text in table("github")["properties"].items()
    }
    for (name, part), kind in contexts.parts(workflow).items():
        properties[name][part] = kind
    return {**properties, **contexts.shared(workflow, system.called_workflow)}


def _expression(written: Written, known: dict[str, Type]) -> Iterator[Finding]:
    if written.expression.tree is None:
        return
    kind, found = types.mistakes(written.expression.tree, known)
    for mistake in found:
        at = written.leaf.place(mistake.at, mistake.length)
        yield error(CODE, mistake.message, at, hint=mistake.hint)
    path, at = written.path, written.leaf.place(written.expression.offset)
    expected = _expected(path) if _is_whole(written) else ""
    if expected and not found and not _suits(kind, expected):
        message = f"the expression is {types.title(kind)}, expected {expected}"
        yield error(CODE, message, at, hint="use fromJSON")
    is_text = (
        path[-1] in _TEXTS
        or (path[-1] != "if" and not _is_whole(written))
        or (len(path) > 1 and path[-2] in _MAPS_OF_TEXTS and path[0] != "on")
    )
    if is_text and not found and not types.is_scalar(kind) and kind != types.NOTHING:
        message = f"the expression is {types.title(kind)}, which is not written as text"
        yield error(CODE, message, at, hint="use toJSON, or a part of it")


def _is_whole(written: Written) -> bool:
    """Return whether an expression is all of its string, so that its value keeps its type."""
    text = written.leaf.text.strip()
    return text == f"{OPENING}{written.expression.text}}}}}"


def _expected(path: tuple[str, ...]) -> str:
    """Return the kind of value that GitHub expects at a key of its own; "" for any, and for names of the author."""
    match path:
        case ("jobs", _, "strategy", "matrix", "include" | "exclude", "*"):
            return OBJECT
        case ("jobs", _, "strategy", "matrix", _) | ("jobs", _, "container", "ports"):
            return _LIST
        case (
            ("jobs", _, key)
            | ("jobs", _, "strategy" | "concurrency" | "container", key)
            | ("concurrency", key)
        ):
            return _EXPECTED.get(key, "")
        case ("jobs", _, "steps", "*", key):
            return _EXPECTED.get(key, "")
    return ""


def _suits(kind: Type, expected: str) -> bool:
    """Return whether a value of a type may stand where another one is expected; a mixture of scalars may."""
    return kind in (types.ANY, types.NOTHING, SCALAR) or types.title(kind) == expected


def _secrets(workflow: Workflow) -> Iterator[Finding]:
    """Yield a warning for a secret that callers cannot pass by name, but only with `secrets: inherit`."""
    call = workflow.trigger("workflow_call")
    if call is None or "secrets" not in call or len(workflow.events) > 1:
        return
    declared = {name.lower() for name in call.map("secrets")} | {*OWN_SECRETS}
    for use in contexts.uses(workflow):
        path = use.reference.path
        if path[0].lower() != "secrets" or len(path) < 2 or path[1] == "*" or path[1].lower() in declared:
            continue
        message = f"the workflow does not declare the secret {path[1]}, so only secrets: inherit passes it"
        at = use.leaf.place(use.reference.offset, len(".".join(path)))
        hint = nearest(path[1], call.map("secrets")) or "add it to the secrets of workflow_call"
        yield warning(CODE, message, at, hint=hint)
