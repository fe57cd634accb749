"""An action must be given only inputs that it declares, and every input that it requires.

Checked for popular actions, against the `action.yml` of all of their versions (`checks/data/actions.yaml`), and for
the actions of the same tree.

Why: GitHub only logs a warning for an unknown input and continues without it. A login without its region
fails two steps later.

Bad:

    with: {aws-regoin: us-east-1}

Good:

    with: {aws-region: us-east-1}
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.action_interface import Interface, interface
from generator.checks.data import table, words
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, error, warning
from generator.findings.suggest import nearest
from generator.languages.node import Leaf, Map
from generator.system.workflows import Step

CODE = "checks/action-inputs"
ADVICE = "docs.github.com, Metadata syntax for GitHub Actions; github.com/actions"
_LOGIN = "aws-actions/configure-aws-credentials"
_EVERYWHERE = ("args", "entrypoint")  # of an action that runs a container
_KEYS = ("aws-access-key-id", "aws-secret-access-key")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    steps = [*system.steps, *(step for action in system.actions for step in action.steps)]
    known = [(step, found) for step in steps if (found := interface(step, system))]
    if not any(step.action for step in steps):
        raise NotApplicableError("no workflow uses an action")
    for step, found in known:
        yield from _inputs(step, found)
    for step in steps:
        yield from _version(step)


def _numbers(given: Map) -> Iterator[Finding]:
    """Yield an error for a version that YAML reads as a number without its last zero."""
    for name, leaf in given.entries.items():
        if not name.endswith("version") or not isinstance(leaf, Leaf) or not isinstance(leaf.value, float):
            continue
        if leaf.text != str(leaf.value):
            message = f"{name} is the number {leaf.value}, not {leaf.text}"
            yield error(CODE, message, leaf.at, hint=f'write it in quotes: "{leaf.text}"')


def _version(step: Step) -> Iterator[Finding]:
    """Yield a warning for a version that GitHub no longer runs as it was made, or a name that does not exist."""
    entry = table("actions").get(step.action, {})
    version = step.node.text("uses").partition("@")[2].partition(".")[0]
    at = step.node.at_key("uses")
    if version in words(entry.get("old", "")):
        message = f"{step.action} {version} is made for a Node that GitHub has removed"
        yield warning(CODE, message, at, hint=f"use {entry['read'].partition('.')[0]}")
    owner, _, name = step.action.partition("/")
    official = words(table("github")["actions"])
    if owner == "actions" and name.partition("/")[0] not in official and (near := nearest(name, official)):
        yield warning(CODE, f"GitHub has no action {step.action}", at, hint=near)


def _inputs(step: Step, action: Interface) -> Iterator[Finding]:
    given = step.node.map("with")
    name_of = step.action or step.node.text("uses")
    uses = Note(f"the inputs are those of {name_of} {action.source}", step.node.at_key("uses"))
    for name in given:
        if name.lower() not in action.inputs and name.lower() not in _EVERYWHERE:
            hint = nearest(name, sorted(action.inputs)) or "remove it"
            message = f"{name_of} has no input {name}"
            yield warning(CODE, message, given.key_place(name), notes=(uses,), hint=hint)
        elif name.lower() in action.required and not given.text(name):
            message = f"the input {name} of {name_of} is empty"
            yield warning(CODE, message, given.at_key(name), notes=(uses,), hint="set a value")
    yield from _numbers(given)
    for name in sorted(action.required - {each.lower() for each in given}):
        message = f"{name_of} needs the input {name}"
        at = step.node.at_key("uses")
        yield error(CODE, message, at, notes=(uses,), hint=f"add {name} to with")
    if step.action == _LOGIN:
        yield from _login(step)


def _login(step: Step) -> Iterator[Finding]:
    """Yield an error unless the login has a role or both parts of an access key."""
    given = {name.lower() for name in step.node.map("with")}
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
