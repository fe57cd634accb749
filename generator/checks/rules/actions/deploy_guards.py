"""A job that deploys must run only for the commits that are meant, and only after tests that can fail.

Checked: a deploy in a pull request; conditions that are true although a needed job failed; a cancelled deploy; steps
of the jobs that it waits for whose failure is ignored.

Why: a step with `continue-on-error`, or a pipe whose last command succeeds, ends as a success, and the deploy goes on
(docs.github.com, "Workflow syntax for GitHub Actions", `continue-on-error`, `shell`, `concurrency`).

Bad:

    deploy: {needs: test, if: always() && github.ref == 'refs/heads/main'}

Good:

    deploy: {needs: test, if: github.ref == 'refs/heads/main'}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, warning
from generator.languages.github import expressions
from generator.languages.github.expressions import Call, Tree
from generator.languages.node import Map
from generator.system.conditions import Facts, Truth, always, facts_of, truth
from generator.system.workflows import Job, Step, Workflow

CODE = "checks/deploy-guards"
ADVICE = "docs.github.com, Deployments and environments; Events that trigger workflows"
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
_IGNORED = re.compile(r"\|\|[ \t]*(?:true|:)[ \t]*$", re.MULTILINE)
_PIPE = re.compile(r"^(?P<tests>[^\n|#]*[^\n|#\s])\s*\|(?!\|)\s*[\w\\]", re.MULTILINE)
_FAILED = {"success": False, "failure": True, "always": True, "cancelled": False}
_SUCCEEDED = {"success": True, "failure": False, "always": True, "cancelled": False}


def check(context: Context) -> Iterator[Finding]:
    deploys = [
        (workflow, job)
        for workflow in context.system.workflows
        for job in workflow.jobs
        if any(map(_deploys, job.steps)) and not job.makes_cluster
    ]
    if not deploys:
        raise NotApplicableError("no workflow deploys")
    for workflow, job in deploys:
        jobs = {each.name: each for each in workflow.jobs}
        needed = [jobs[leaf.text] for leaf in job.needs if leaf.text in jobs]
        yield from _requests(workflow, job, needed)
        yield from _condition(job, needed)
        yield from _cancelled(workflow, job)
        for each in needed:
            yield from _tests(each, job)


def _deploys(step: Step) -> bool:
    return any(
        command.starts_with(*words) and not {"--dry-run=client", "--dry-run", "--local"} & set(command.texts)
        for command in step.script.commands
        for words in _DEPLOYS
    )


def _requests(workflow: Workflow, job: Job, needed: list[Job]) -> Iterator[Finding]:
    """Yield a warning if nothing keeps a deploy from running for a pull request."""
    for event in _REQUESTS:
        at = workflow.trigger(event)
        guarded = any(_keeps_out(each.node, workflow, event) for each in (job, *needed))
        deploys = [step.node for step in job.steps if _deploys(step)]
        if at is None or guarded or all(_keeps_out(node, workflow, event) for node in deploys):
            continue
        message = f"job {job.name} deploys for every pull request"
        note = Note("the event", workflow.node.map("on").key_place(event))
        hint = "add if: github.event_name == 'push' && github.ref == 'refs/heads/main', or remove the event"
        yield warning(CODE, message, job.at, notes=(note,), hint=hint)
        return


def _keeps_out(node: Map, workflow: Workflow, event: str) -> bool:
    """Return whether a job or step has a condition that an event does not meet, or that asks for more."""
    leaf = node.leaf("if")
    trees = [each.tree for each in expressions.condition(leaf.text) if each.tree] if leaf else []
    answers = [truth(tree, facts_of(workflow, event)) for tree in trees]
    return "if" in node and not (len(answers) == 1 and answers[0].is_known and answers[0].can_hold)


def _condition(job: Job, needed: list[Job]) -> Iterator[Finding]:
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
        yield warning(CODE, message, leaf.at, hint=hint)


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


def _cancelled(workflow: Workflow, job: Job) -> Iterator[Finding]:
    for holder in (workflow.node, job.node):
        leaf = holder.leaf("concurrency", "cancel-in-progress")
        if leaf and leaf.value is True:
            message = f"a newer run cancels job {job.name} in the middle of its deploy"
            hint = "write cancel-in-progress: false, or ${{ github.event_name == 'pull_request' }}"
            yield warning(CODE, message, leaf.at, hint=hint)


def _tests(job: Job, waits: Job) -> Iterator[Finding]:
    """Yield a warning for each step whose failure does not keep the deploy from running."""
    note = Note(f"job {waits.name} waits for it", waits.at)
    if job.node.value("continue-on-error") is True:
        message = f"job {job.name} succeeds although its steps failed: continue-on-error"
        at = job.node.at_key("continue-on-error")
        yield warning(CODE, message, at, notes=(note,), hint="remove continue-on-error")
    for step in job.steps:
        if not step.is_shell or not _TESTS.search(step.run):
            continue
        if step.node.value("continue-on-error") is True:
            message = f'a failure of the step "{step.name}" is ignored: continue-on-error'
            at = step.node.at_key("continue-on-error")
            yield warning(CODE, message, at, notes=(note,), hint="remove continue-on-error")
        for found in _IGNORED.finditer(step.run):
            message = f'a failure of the step "{step.name}" is ignored: {found[0].strip()}'
            yield warning(CODE, message, step.place(found.start(), 2), notes=(note,), hint="remove it")
        yield from _pipe(step, note)


def _pipe(step: Step, note: Note) -> Iterator[Finding]:
    shell = step.node.text("shell") or step.default("shell")
    if shell.startswith("bash") or "pipefail" in step.run:
        return
    for found in _PIPE.finditer(step.run):
        if _TESTS.search(found["tests"]):
            message = "the pipe hides a failure: without shell: bash, only the last command of a pipe counts"
            at = step.place(found.start(), len(found[0]))
            yield warning(CODE, message, at, notes=(note,), hint="add shell: bash, which sets pipefail")
            return
