"""A workflow expression must be valid and use only contexts that are available where it is written.

Checked: syntax, functions and their arguments, and the contexts that each key of a workflow allows.

Why: GitHub rejects the whole workflow for `steps` in the `env` of a job, for `secrets` in an `if`, and for a
string in double quotes. A misspelled property of a context is an empty string.

Bad:

    jobs: {deploy: {env: {REGISTRY: "${{ steps.login.outputs.registry }}"}}}

Good:

    steps: [{run: …, env: {REGISTRY: "${{ steps.login.outputs.registry }}"}}]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from generator.checks.data import table, words
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Span, error
from generator.findings.suggest import nearest
from generator.languages.github.expressions import Call, Expression
from generator.system import contexts
from generator.system.contexts import Written

CODE = "checks/workflow-expressions"
_CONTEXTS = frozenset("github env vars job jobs steps runner secrets strategy matrix needs inputs".split())
# Source: src/Runner.Worker/action_yaml.json of github.com/actions/runner.
_NOT_IN_ACTIONS = frozenset(["needs", "secrets", "vars"])
_STATUS = frozenset(["always", "cancelled", "failure", "success"])


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.workflows and not system.actions:
        raise NotApplicableError("there are no workflows and no composite actions")
    for workflow in system.workflows:
        for written in contexts.written(workflow):
            yield from _written(written)
    for action in system.actions:
        for written in contexts.written(action):
            yield from _written(written, _NOT_IN_ACTIONS)


def _written(written: Written, without: frozenset[str] = frozenset()) -> Iterator[Finding]:
    expression, path, place = written.expression, written.path, written.leaf.place
    entry = _entry(path)
    if entry is None and path[-1] in ("env", "with"):
        path = (*path, "*")  # an expression may give all of a map
        entry = _entry(path)
    if expression.problem:
        hint = "check the syntax in GitHub's documentation on expressions"
        yield error(CODE, expression.problem, place(expression.problem_at, 1), hint=hint)
    elif entry is None:
        message = f"{path[-1] if path[-1] != '*' else path[-2]} cannot contain an expression"
        yield error(CODE, message, place(expression.offset, 1), hint="write a literal value")
    else:
        yield from _expression(expression, entry, path, place, without)


def _entry(path: tuple[str, ...]) -> dict[str, Any] | None:
    """Return what an expression at a place may read, or None where there may be none."""
    return next((each for each in table("github")["contexts"] if _fits(each["at"], path)), None)


def _fits(expected: Sequence[str], path: tuple[str, ...]) -> bool:
    if expected[-1] == "**":
        expected, path = expected[:-1], path[: len(expected) - 1]
    return len(expected) == len(path) and all(
        want in ("*", part) for want, part in zip(expected, path, strict=True)
    )


def _expression(
    expression: Expression,
    entry: dict[str, Any],
    path: tuple[str, ...],
    place: Callable[[int, int], Span],
    without: frozenset[str],
) -> Iterator[Finding]:
    available = words(entry["may"]) - without
    for reference in expression.references:
        name = reference.path[0].lower()
        at = place(reference.offset, len(reference.path[0]))
        if name not in _CONTEXTS:
            yield error(
                CODE,
                f"unknown context {reference.path[0]}",
                at,
                hint=nearest(name, sorted(_CONTEXTS)) or f"use one of {', '.join(sorted(available))}",
            )
        elif name not in available:
            where = "a composite action" if name in without else ".".join(path)
            yield error(
                CODE,
                f"the context {name} is not available in {where}",
                at,
                hint=f"use one of {', '.join(sorted(available))}",
            )
    functions: dict[str, tuple[str, int, int]] = {
        each.lower(): (each, *limits) for each, limits in table("github")["functions"].items()
    }
    special = {each.lower() for each in words(entry.get("functions", ""))}
    for call in expression.calls:
        at = place(call.at, len(call.name))
        function = functions.get(call.name.lower())
        if function is None:
            yield error(
                CODE,
                f"unknown function {call.name}",
                at,
                hint=nearest(call.name, [each for each, *_ in functions.values()])
                or "write the name of a function of GitHub",
            )
        elif call.name.lower() in (*_STATUS, "hashfiles") and call.name.lower() not in special:
            yield error(
                CODE,
                f"{function[0]}() cannot be called here",
                at,
                hint="call it only in the if of a job or step",
            )
        elif message := _arguments(call, function, path):
            yield error(CODE, message, at, hint="add or remove arguments")


def _arguments(call: Call, function: tuple[str, int, int], path: tuple[str, ...]) -> str:
    """Return what is wrong with the number of the arguments of a call, or ""."""
    name, fewest, most = function
    if name.lower() in _STATUS and "steps" in path:
        most = 0  # only a job asks for the result of jobs that it names
    if fewest <= len(call.arguments) <= most:
        return ""
    expected = str(fewest) if fewest == most else f"{fewest} to {most}"
    return f"{name} takes {expected} arguments, but has {len(call.arguments)}"
