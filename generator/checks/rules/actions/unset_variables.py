"""Every variable that a command in a workflow uses must be set.

A variable can be set by the step, its job, the workflow, an earlier step that writes to `$GITHUB_ENV`, an
earlier action, or the runner.

Why: bash expands an unset variable to nothing. `$ECR_REGISTRY/$ECR_REPOSITORY:$IMAGE_TAG` becomes `/:`,
Kubernetes takes that for an image, and the deployment hangs until it times out. General-purpose linters do
not report this.

Bad:

    - name: Deploy
      run: kubectl set image deployment/shop-backend backend=$ECR_REGISTRY/shop-backend

Good:

    - name: Deploy
      env:
        ECR_REGISTRY: ${{ steps.login-ecr.outputs.registry }}
      run: kubectl set image deployment/shop-backend backend=$ECR_REGISTRY/shop-backend
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.data import table, words
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, warning
from generator.findings.suggest import nearest
from generator.languages.github.expressions import OPENING
from generator.languages.shell.script import Command, Script
from generator.system import System
from generator.system.workflows import Step

CODE = "checks/unset-variables"
ADVICE = "docs.github.com, Variables reference: default environment variables"
_EXPORTED = re.compile(r"^([A-Za-z_]\w*)(?:=|<<)", re.MULTILINE)
_PRINTS = ("echo", "printf", "cat", "tee")
_READS_CODE = (".", "source", "eval")
_SAFE = ("-", "=", "+")  # ${NAME:-…} has a default


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not any(step.run for step in system.steps):
        raise NotApplicableError("no workflow runs a command")
    for step in system.steps:
        if not _is_known(step):
            continue
        known = known_variables(step)
        seen: set[str] = set()
        for use in step.script.uses:
            if use.name in known or use.name in seen or use.operator in _SAFE:
                continue
            seen.add(use.name)
            yield _unset(system, step, use.name, use.offset, known)


def known_variables(step: Step) -> set[str]:
    """Return the names of the variables that are set in a step."""
    known = set(step.variables) | step.script.sets | words(table("github")["variables"])
    for before in step.job.steps[: step.number]:
        action = table("actions").get(before.action, {})
        known |= words(action.get("environment", ""))
        if "GITHUB_ENV" in before.run:
            known |= {name for command in before.script.commands for name in _exported(command)}
    return known


def _exported(command: Command) -> Iterator[str]:
    """Yield the names of the variables that a command prints as lines NAME=value."""
    if command.name in _PRINTS:
        for text in (command.heredoc, *command.texts[1:]):
            yield from _EXPORTED.findall(text)


def _is_known(step: Step) -> bool:
    """Return whether the variables of a step can be known: no external code sets any, in it or before it."""
    before = step.job.steps[: step.number]
    if any("windows" in each.lower() for each in (*step.job.labels, *step.job.machines)):
        return False  # Windows sets more variables
    if any(each.action and "environment" not in table("actions").get(each.action, {}) for each in before):
        return False
    if any(_writes_unknown(each.script) for each in before) or any(
        OPENING in name for name in step.variables
    ):
        return False
    return not any(command.name in _READS_CODE for command in step.script.commands)


def _writes_unknown(script: Script) -> bool:
    """Return whether a script appends lines to $GITHUB_ENV whose names are not literal."""
    targets = [each.target for each in script.redirections]
    if any("GITHUB_ENV" in word.text for word in targets):
        return not any(name for command in script.commands for name in _exported(command))
    return any(
        not any(_exported(command))
        for command in script.commands
        if any("GITHUB_ENV" in word.text for word in (*command.words, *command.writes))
    )


def _unset(system: System, step: Step, name: str, offset: int, known: set[str]) -> Finding:
    others = [other for other in system.steps if other is not step and name in other.node.map("env")]
    same = [other for other in others if other.job is step.job] or others
    notes = tuple(
        Note(f'the step "{other.name}" sets it', other.node.map("env").at_key(name)) for other in same[:1]
    )
    hint = f'set {name} in env of the step "{step.name}"'
    if not notes:
        hint = nearest(name, sorted(known)) or hint
    message = (
        f'the step "{step.name}" uses ${name}, which is never set: bash replaces it with an empty string'
    )
    return warning(CODE, message, step.place(offset, len(name) + 1), notes=notes, hint=hint)
