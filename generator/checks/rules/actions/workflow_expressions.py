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
from generator.checks.rule import Context, NotApplicable
from generator.findings import Finding, Span, error
from generator.findings.suggest import nearest
from generator.languages.github import expressions
from generator.languages.github.expressions import OPENING, Expression
from generator.languages.node import Leaf, Node, Seq

CODE = "checks/workflow-expressions"
_CONTEXTS = frozenset("github env vars job jobs steps runner secrets strategy matrix needs inputs".split())
_STATUS = frozenset(["always", "cancelled", "failure", "success"])


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.workflows:
        raise NotApplicable("there are no workflows")
    for workflow in system.workflows:
        yield from _texts(workflow.node, ())


def _texts(node: Node, path: tuple[str, ...]) -> Iterator[Finding]:
    """Check every text of a workflow; the items of a list have the key `*`."""
    if isinstance(node, Leaf):
        yield from _text(node, path)
        return
    inner = (("*", item) for item in node) if isinstance(node, Seq) else node.entries.items()
    for key, value in inner:
        yield from _texts(value, (*path, key))


def _text(leaf: Leaf, path: tuple[str, ...]) -> Iterator[Finding]:
    text, place = leaf.text, leaf.place
    is_condition = path[-1] == "if" and isinstance(leaf.value, str)
    if not is_condition and OPENING not in text:
        return
    entry = next((each for each in table("github")["contexts"] if _fits(each["at"], path)), None)
    for expression in expressions.condition(text) if is_condition else expressions.find(text):
        if expression.problem:
            hint = "compare it with GitHub's page on expressions"
            yield error(CODE, expression.problem, place(expression.problem_at, 1), hint=hint)
        elif entry is None:
            message = f"{path[-1] if path[-1] != '*' else path[-2]} takes no expression"
            yield error(CODE, message, place(expression.offset, 1), hint="write the value itself")
        else:
            yield from _judge(expression, entry, path, place)


def _fits(wanted: Sequence[str], path: tuple[str, ...]) -> bool:
    if wanted[-1] == "**":
        wanted, path = wanted[:-1], path[: len(wanted) - 1]
    return len(wanted) == len(path) and all(
        want in ("*", part) for want, part in zip(wanted, path, strict=True)
    )


def _judge(
    expression: Expression, entry: dict[str, Any], path: tuple[str, ...], place: Callable[[int, int], Span]
) -> Iterator[Finding]:
    may = words(entry["may"])
    for reference in expression.references:
        name = reference.path[0].lower()
        at = place(reference.offset, len(reference.path[0]))
        if name not in _CONTEXTS:
            yield error(
                CODE,
                f"there is no context {reference.path[0]}",
                at,
                hint=nearest(name, sorted(_CONTEXTS)) or f"there are {', '.join(sorted(may))}",
            )
        elif name not in may:
            where = ".".join(path)
            yield error(
                CODE, f"{name} cannot be read in {where}", at, hint=f"here there are {', '.join(sorted(may))}"
            )
    functions = {each.lower(): (each, *bounds) for each, bounds in table("github")["functions"].items()}
    special = {each.lower() for each in words(entry.get("functions", ""))}
    for call in expression.calls:
        at = place(call.offset, len(call.name))
        found = functions.get(call.name.lower())
        if found is None:
            yield error(
                CODE,
                f"there is no function {call.name}",
                at,
                hint=nearest(call.name, [each for each, *_ in functions.values()]) or "fix the name",
            )
        elif call.name.lower() in (*_STATUS, "hashfiles") and call.name.lower() not in special:
            yield error(
                CODE, f"{found[0]}() cannot be called here", at, hint="call it in the if of a job or step"
            )
        elif not found[1] <= call.arguments <= found[2]:
            wanted = str(found[1]) if found[1] == found[2] else f"{found[1]} to {found[2]}"
            yield error(
                CODE,
                f"{found[0]} takes {wanted} arguments, and is given {call.arguments}",
                at,
                hint="add or remove arguments",
            )
