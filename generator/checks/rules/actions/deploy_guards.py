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

from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, warning
from generator.system.deploys import deploys, tests, waits_for_tests, weaknesses
from generator.system.workflows import Job

CODE = "checks/deploy-guards"
ADVICE = "docs.github.com, Deployments and environments; Events that trigger workflows"


def check(context: Context) -> Iterator[Finding]:
    jobs = deploys(context.system.workflows)
    if not jobs:
        raise NotApplicableError("no workflow deploys")
    for job in jobs:
        for each in weaknesses(job):
            yield warning(CODE, each.message, each.at, notes=each.notes, hint=each.hint)
        yield from _untested(job)


def _untested(job: Job) -> Iterator[Finding]:
    """Yield a warning for a deploy that waits for jobs without tests, where another job of the workflow has some."""
    if not job.needs or waits_for_tests(job) or any(map(tests, job.steps)):
        return
    others = [each for each in job.workflow.jobs if each is not job and any(map(tests, each.steps))]
    others = [each for each in others if job.name not in [leaf.text for leaf in each.needs]]
    if others:
        message = f"job {job.name} deploys without waiting for {others[0].name}, which runs the tests"
        notes = (Note("the tests", others[0].at),)
        hint = f"add {others[0].name} to its needs"
        yield warning(CODE, message, job.needs[0].at, notes=notes, hint=hint)
