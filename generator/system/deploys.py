"""The jobs of workflows that deploy, and what lets one deploy that should not: the weaknesses of its guards.

Source: docs.github.com, "Workflow syntax for GitHub Actions": `continue-on-error`, `if`, `shell`, `concurrency`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from generator.findings import Note, Span
from generator.findings.record import record
from generator.languages.github import expressions
from generator.languages.github.expressions import Call, Tree
from generator.languages.node import Map
from generator.system.conditions import Facts, Truth, always, facts_of, truth
from generator.system.workflows import Job, Step, Workflow

_DEPLOYS = (
    *(("kubectl", verb) for verb in ("apply", "create", "replace", "patch", "set", "rollout")),
    *(("helm", verb) for verb in ("upgrade", "install")),
    *((tool, "apply") for tool in ("terraform", "tofu", "pulumi")),
    ("gcloud", "run", "deploy"),
    ("aws", "ecs", "update-service"),
)
_REQUESTS = ("pull_request", "pull_request_target")
_TESTS = re.compile(
    r"\b(?:npm|pnpm|yarn|bun|npx|pytest|tox|go (?:test|build|vet)|cargo|mvn|gradle|\./gradlew|make|dotnet"
    r"|bundle exec|phpunit|ctest|jest|vitest)\b"
)
_IGNORED = re.compile(r"(?:\|\|[ \t]*(?:true|:|exit 0)|;[ \t]*(?:true|exit 0))[ \t]*$", re.MULTILINE)
_PIPE = re.compile(r"^(?P<tests>[^\n|#]*[^\n|#\s])\s*\|(?!\|)\s*[\w\\]", re.MULTILINE)
_FAILED = {"success": False, "failure": True, "always": True, "cancelled": False}
_SUCCEEDED = {"success": True, "failure": False, "always": True, "cancelled": False}


@record
class Weakness:
    """What lets a job deploy although it should not: in words, at a place, and what to do."""

    job: Job
    message: str
    at: Span
    hint: str
    notes: tuple[Note, ...] = ()


def deploys(workflows: Iterable[Workflow]) -> list[Job]:
    """Return the jobs that deploy, but those that make a cluster of their own for it."""
    jobs = (job for workflow in workflows for job in workflow.jobs)
    return [job for job in jobs if any(map(_deploys, job.steps)) and not job.makes_cluster]


def weaknesses(job: Job) -> Iterator[Weakness]:
    """Yield the weaknesses of the guards of a job that deploys."""
    workflow, jobs = job.workflow, {each.name: each for each in job.workflow.jobs}
    needed = [jobs[leaf.text] for leaf in job.needs if leaf.text in jobs]
    yield from _requests(workflow, job, needed)
    yield from _condition(job, needed)
    yield from _cancelled(workflow, job)
    for each in needed:
        yield from _tests(each, job)


def waits_for_tests(job: Job) -> bool:
    """Return whether a job that it waits for, or that one of those does, has a step that tests."""
    jobs = {each.name: each for each in job.workflow.jobs}
    pending, seen = [leaf.text for leaf in job.needs], set[str]()
    while pending:
        name = pending.pop()
        if name in jobs and name not in seen:
            seen.add(name)
            pending += [leaf.text for leaf in jobs[name].needs]
    return any(tests(step) for name in seen for step in jobs[name].steps)


def tests(step: Step) -> bool:
    """Return whether a step runs tests or a build, under some condition."""
    return _TESTS.search(step.run) is not None and step.node.value("if") is not False


def _deploys(step: Step) -> bool:
    return any(
        command.starts_with(*words) and not {"--dry-run=client", "--dry-run", "--local"} & set(command.texts)
        for command in step.script.commands
        for words in _DEPLOYS
    )


def _requests(workflow: Workflow, job: Job, needed: list[Job]) -> Iterator[Weakness]:
    """Yield a weakness if nothing keeps a deploy from running for a pull request."""
    for event in _REQUESTS:
        at = workflow.trigger(event)
        guarded = any(_keeps_out(each.node, workflow, event) for each in (job, *needed))
        deploys = [step.node for step in job.steps if _deploys(step)]
        if at is None or guarded or all(_keeps_out(node, workflow, event) for node in deploys):
            continue
        message = f"job {job.name} deploys for every pull request"
        note = Note("the event", workflow.node.map("on").key_place(event))
        hint = "add if: github.event_name == 'push' && github.ref == 'refs/heads/main', or remove the event"
        yield Weakness(job, message, job.at, hint, (note,))
        return


def _keeps_out(node: Map, workflow: Workflow, event: str) -> bool:
    """Return whether a job or step has a condition that an event does not meet, or that asks for more."""
    leaf = node.leaf("if")
    trees = [each.tree for each in expressions.condition(leaf.text) if each.tree] if leaf else []
    answers = [truth(tree, facts_of(workflow, event)) for tree in trees]
    return "if" in node and not (len(answers) == 1 and answers[0].is_known and answers[0].can_hold)


def _condition(job: Job, needed: list[Job]) -> Iterator[Weakness]:
    leaf = job.node.leaf("if")
    trees = [each.tree for each in expressions.condition(leaf.text) if each.tree] if leaf else []
    if leaf is None or len(trees) != 1 or not needed:
        return
    tree = trees[0]
    asks = any(each.path[0].lower() == "needs" for each in _references(tree))
    ends = (truth(tree, _status(each)).can_hold for each in (_FAILED, _SUCCEEDED))
    if not asks and _has_status(tree) and all(ends):
        names = ", ".join(each.name for each in needed)
        message = f"job {job.name} deploys although {names} failed"
        hint = "remove always(), failure() or cancelled(): without them the job waits for success"
        yield Weakness(job, message, leaf.at, hint)


def _references(tree: Tree) -> list[expressions.Reference]:
    return [found for each in expressions.walk(tree) if (found := expressions.reference(each))]


def _has_status(tree: Tree) -> bool:
    return any(isinstance(each, Call) and each.name.lower() in _FAILED for each in expressions.walk(tree))


def _status(status: Mapping[str, bool]) -> Facts:
    """Return what is known where the functions of a job's status return these."""

    def facts(tree: Tree) -> Truth | None:
        name = tree.name.lower() if isinstance(tree, Call) else ""
        return always(status[name]) if name in status else None

    return facts


def _cancelled(workflow: Workflow, job: Job) -> Iterator[Weakness]:
    for holder in (workflow.node, job.node):
        leaf = holder.leaf("concurrency", "cancel-in-progress")
        if leaf and leaf.value is True:
            message = f"a newer run cancels job {job.name} in the middle of its deploy"
            hint = "write cancel-in-progress: false, or ${{ github.event_name == 'pull_request' }}"
            yield Weakness(job, message, leaf.at, hint)


def _tests(job: Job, waits: Job) -> Iterator[Weakness]:
    """Yield a weakness for each step whose failure does not keep the deploy from running."""
    note = Note(f"job {waits.name} waits for it", waits.at)
    if job.node.value("continue-on-error") is True:
        message = f"job {job.name} succeeds although its steps failed: continue-on-error"
        at = job.node.at_key("continue-on-error")
        yield Weakness(waits, message, at, "remove continue-on-error", (note,))
    for step in job.steps:
        if not step.is_shell or not tests(step):
            continue
        if step.node.value("continue-on-error") is True:
            message = f'a failure of the step "{step.name}" is ignored: continue-on-error'
            at = step.node.at_key("continue-on-error")
            yield Weakness(waits, message, at, "remove continue-on-error", (note,))
        for found in _IGNORED.finditer(step.run):
            message = f'a failure of the step "{step.name}" is ignored: {found[0].strip()}'
            yield Weakness(waits, message, step.place(found.start(), 2), "remove it", (note,))
        yield from _pipe(step, waits, note)


def _pipe(step: Step, waits: Job, note: Note) -> Iterator[Weakness]:
    shell = step.node.text("shell") or step.default("shell")
    if shell.startswith("bash") or "pipefail" in step.run:
        return
    for found in _PIPE.finditer(step.run):
        if _TESTS.search(found["tests"]):
            message = "the pipe hides a failure: without shell: bash, only the last command of a pipe counts"
            at = step.place(found.start(), len(found[0]))
            yield Weakness(waits, message, at, "add shell: bash, which sets pipefail", (note,))
            return
