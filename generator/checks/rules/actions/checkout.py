"""A job that uses files of the repository must check it out, and be allowed to.

Checked: actions by their folder, working directories, files of this tree and `npm ci` in jobs without a step that may
bring files; `permissions` with `id-token` and without `contents` in jobs with `actions/checkout`.

Why: each job begins with an empty folder, also after another one. `permissions` removes all that it does not name:
the checkout of a private repository ends with `repository not found` (docs.github.com, "Workflow syntax",
permissions).

Bad:

    permissions: {id-token: write}
    steps: [{uses: actions/checkout@v6}]

Good:

    permissions: {id-token: write, contents: read}
    steps: [{uses: actions/checkout@v6}]
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, warning
from generator.languages.node import Map
from generator.system.workflows import Job, Step

CODE = "checks/checkout"
ADVICE = "docs.github.com, Workflow syntax: permissions; github.com/actions/checkout"
# Actions that bring no files into the folder of the job.
_BRINGS_NOTHING = re.compile(
    r"actions/(?:setup-|upload-|labeler|stale)|aws-actions/|azure/(?:login|setup)|docker/(?:login|setup|metadata)"
    r"|google-github-actions/(?:auth|setup|get)|hashicorp/setup-|\./"
)
# Commands that bring any files.
_BRINGS = re.compile(
    r"\b(?:git\s+(?:clone|init|fetch|pull|checkout)|gh\s+(?:repo|release|run)|tar|unzip|rsync|scp|s3|gsutil|docker\s+cp)\b"
)


def check(context: Context) -> Iterator[Finding]:
    jobs = [job for workflow in context.system.workflows for job in workflow.jobs if job.steps]
    if not jobs:
        raise NotApplicableError("no job has steps")
    for job in jobs:
        yield from _permission(job)
        yield from _files(job, context)


def _permission(job: Job) -> Iterator[Finding]:
    """Yield a warning if a job checks the repository out, and may not read it."""
    holder = next((node for node in (job.node, job.workflow.node) if "permissions" in node), Map())
    given = holder.map("permissions")
    step = next((step for step in job.steps if step.action == "actions/checkout"), None)
    if (
        not given
        or step is None
        or given.text("contents") in ("read", "write")
        or "token" in step.node.map("with")
    ):
        return
    other = step.node.text("with", "repository")
    if not other:
        note = Note("the checkout", step.node.at_key("uses"))
        message = f"job {job.name} may not read the repository: its permissions do not name contents"
        hint = "add contents: read, which private repositories need"
        yield warning(CODE, message, holder.key_place("permissions"), notes=(note,), hint=hint)


def _files(job: Job, context: Context) -> Iterator[Finding]:
    """Yield a warning for the first step that needs a file which no step before it can have brought."""
    if "container" in job.node or "self-hosted" in job.labels:
        return  # files of its image, or of the run before
    before = ""
    for step in job.steps:
        found = _needs(step, context)
        if found and found[0].partition("/")[0] not in before:
            name, at = found
            message = f"job {job.name} does not check out the repository, so there is no {name}"
            yield warning(CODE, message, at, hint="add - uses: actions/checkout before it")
            return
        if (step.action and not _BRINGS_NOTHING.match(step.action)) or _BRINGS.search(step.run):
            return
        before += step.run


def _needs(step: Step, context: Context) -> tuple[str, Span] | None:
    """Return a file or folder of the repository that a step needs, and its place."""
    if step.node.text("uses").startswith("./"):
        return step.action.removeprefix("./"), step.node.at_key("uses")
    folder = step.node.text("working-directory").removeprefix("./")
    if folder.strip(".") and not folder.startswith(("/", "~", "$")):
        return folder, step.node.at_key("working-directory")
    known, root = context.system.sources, f"{context.repository.folder}/"
    for command in step.script.commands:
        path = command.name.removeprefix("./")
        if path.removeprefix(root) in known or command.starts_with("npm", "ci"):
            name = path if path.removeprefix(root) in known else "package-lock.json"
            return name, step.place(command.offset, len(command.name))
    return None
