"""An action must be given only inputs that it declares, and every input that it requires.

Checked for the actions that the workflows use, against the `action.yml` of the pinned commit
(`checks/data/actions.yaml`).

Why: GitHub only logs a warning for an unknown input and continues without it. A login without its region
fails two steps later.

Bad:

    with: {aws-regoin: us-east-1}

Good:

    with: {aws-region: us-east-1}
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.data import table, words
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, error
from generator.findings.suggest import nearest
from generator.system.workflows import Step

CODE = "checks/action-inputs"
_LOGIN = "aws-actions/configure-aws-credentials"
_KEYS = ("aws-access-key-id", "aws-secret-access-key")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    known = [step for step in system.steps if step.action in table("actions")]
    if not known:
        raise NotApplicableError("no workflow uses an action with known inputs")
    for step in known:
        yield from _inputs(step)


def _inputs(step: Step) -> Iterator[Finding]:
    entry = table("actions")[step.action]
    given = step.node.map("with")
    known = words(entry["inputs"])
    uses = Note(f"the inputs are those of {step.action} {entry['read']}", step.node.at_key("uses"))
    for name in given:
        if name.lower() not in known:
            hint = nearest(name, sorted(known)) or "remove it"
            yield error(
                CODE, f"{step.action} has no input {name}", given.key_place(name), notes=(uses,), hint=hint
            )
        elif name in words(entry["required"]) and not given.text(name):
            yield error(
                CODE,
                f"the input {name} of {step.action} is empty",
                given.at_key(name),
                notes=(uses,),
                hint="set a value",
            )
    for name in words(entry["required"]) - {each.lower() for each in given}:
        yield error(
            CODE,
            f"{step.action} needs the input {name}",
            step.node.at_key("uses"),
            notes=(uses,),
            hint=f"add {name} to with",
        )
    if step.action == _LOGIN:
        yield from _login(step)


def _login(step: Step) -> Iterator[Finding]:
    """Yield an error unless the login has a role or both parts of an access key."""
    given = step.node.map("with")
    keys = [name for name in _KEYS if name in given]
    if len(keys) == 1 or (not keys and "role-to-assume" not in given):
        missing = " and ".join(name for name in _KEYS if name not in given)
        hint = f"add {missing}" if keys else "add role-to-assume"
        yield error(
            CODE,
            f"the AWS login has no {missing}{'' if keys else ' and no role-to-assume'}",
            step.node.at_key("uses"),
            hint=hint,
        )
