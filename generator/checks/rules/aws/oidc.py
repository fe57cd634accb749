"""The trust policy of the deployment role must match exactly the workflow that assumes it.

Compared: `sub` in Terraform's trust policy with the repository and the GitHub environment of the deploy job.
The job needs the permission to request a token, and the Terraform output must name the variable that the
workflow reads.

Why: a trust policy for `environment:prod` and a job in the environment `production` end in "Not authorized to
perform sts:AssumeRoleWithWebIdentity", which does not show the difference. A `sub` that ends in `*` grants
the role to every branch and pull request.

Bad:

    values = ["repo:acme/shop:environment:prod"]        # and environment: production in the job

Good:

    values = ["repo:acme/shop:environment:production"]
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error, warning
from generator.system import System
from generator.system.workflows import Job, Step

CODE = "checks/oidc"
ADVICE = "docs.github.com, Configuring OpenID Connect in Amazon Web Services"
_SUBJECT = "token.actions.githubusercontent.com:sub"
_LOGIN = "aws-actions/configure-aws-credentials"


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    logins = [
        step for step in system.steps if step.action == _LOGIN and "role-to-assume" in step.node.map("with")
    ]
    subjects = list(_subjects(system))
    if not logins and not subjects:
        raise NotApplicableError("no workflow logs in with a role")
    repository = context.repository.name
    for step in logins:
        yield from _token(step)
        if subjects:
            yield from _trusted(step, subjects, repository)
    claims = {_claims(step.job, repository) for step in logins}
    for text, at in subjects:
        yield from _narrow(text, at, repository)
        plain = re.sub(r"@[^/:]*", "", text)  # GitHub may append its own numbers to names
        if claims and not any(
            fnmatch.fnmatchcase(each, plain) or fnmatch.fnmatchcase(plain, each) for each in claims
        ):
            notes = tuple(
                Note(f"job {step.job.name} has {_claims(step.job, repository)}", step.job.at)
                for step in logins[:2]
            )
            message = f"the role trusts {text}, which matches no job that logs in"
            yield warning(CODE, message, at, notes=notes, hint=f"use {' or '.join(sorted(claims))}")
        if not logins and system.workflows:
            message = "Terraform trusts GitHub Actions, but no workflow logs in with a role"
            yield warning(CODE, message, at, hint="add role-to-assume to the workflow, or remove the role")


def _subjects(system: System) -> Iterator[tuple[str, Span]]:
    for block in system.terraform.blocks("data", "aws_iam_policy_document"):
        for statement in block.blocks("statement"):
            for condition in statement.blocks("condition"):
                if system.terraform.text(condition, "variable") == _SUBJECT:
                    for text in system.terraform.texts(condition, "values"):
                        yield text, condition.source.find(f'"{text}"', condition.start)


def _token(step: Step) -> Iterator[Finding]:
    if step.job.permission("id-token") not in ("write", "write-all"):
        note = Note("it logs in with a role here", step.node.map("with").at_key("role-to-assume"))
        message = f"job {step.job.name} has no permission to request an OIDC token from GitHub"
        holder = step.job.node if "permissions" in step.job.node else step.job.workflow.node
        yield error(
            CODE,
            message,
            holder.key_place("permissions") if "permissions" in holder else step.job.at,
            notes=(note,),
            hint="add id-token: write to its permissions",
        )


def _claims(job: Job, repository: str) -> str:
    """Return the subject of the tokens that a job gets, with `*` for the parts that the workflow does not set."""
    environment = job.environment
    where = f"environment:{environment.text}" if environment else "ref:*"
    return f"repo:{repository or '*'}:{where}"


def _trusted(step: Step, subjects: list[tuple[str, Span]], repository: str) -> Iterator[Finding]:
    claims = _claims(step.job, repository)
    plain = re.sub(r"@\d+", "", claims)
    if any(
        fnmatch.fnmatchcase(plain, re.sub(r"@[^/:]*", "", text))
        or (not repository and text.endswith(claims.split(":", 2)[2]))
        for text, _ in subjects
    ):
        return
    environment = step.job.environment
    at = environment.at if environment else step.job.at
    notes = tuple(Note(f"Terraform trusts {text}", place) for text, place in subjects[:2])
    notes = notes or (Note("it logs in with a role here", step.node.map("with").at_key("role-to-assume")),)
    message = f"no role trusts job {step.job.name}: its tokens have the subject {claims}"
    yield warning(
        CODE, message, at, notes=notes, hint="use the same repository and environment in both places"
    )


def _narrow(text: str, at: Span, repository: str) -> Iterator[Finding]:
    parts = text.split(":")
    if (
        len(parts) < 4
        or "*" in parts[0]
        or "*" in parts[-1]
        or parts[1] in ("*", "*/*")
        or parts[1].startswith("*")
    ):
        message = f"{text} trusts more than one pipeline"
        wanted = f"repo:{repository or 'OWNER/NAME'}:environment:production"
        yield warning(CODE, message, at, hint=f"limit it to one environment: {wanted}")
