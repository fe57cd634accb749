"""The `if` of a job or step must be one expression, and depend on something.

Why: text around `${{ … }}` makes the whole condition a text, and every text but an empty one is true: the job
always runs (docs.github.com, "Evaluate expressions in workflows and actions", literals).

Bad:

    if: ${{ github.ref == 'refs/heads/main' }} && success()

Good:

    if: github.ref == 'refs/heads/main' && success()
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, error, warning
from generator.languages.github import expressions
from generator.languages.github.expressions import OPENING, Literal, Operation, walk
from generator.languages.node import Leaf

CODE = "checks/workflow-conditions"
ADVICE = "docs.github.com, Workflow syntax: jobs.<job_id>.if"
_PURE = frozenset(["contains", "startswith", "endswith", "format", "join", "tojson", "fromjson", "case"])


def check(context: Context) -> Iterator[Finding]:
    jobs = [job for workflow in context.system.workflows for job in workflow.jobs]
    nodes = [node for job in jobs for node in (job.node, *(step.node for step in job.steps))]
    holders = [node for node in nodes if "if" in node]
    if not holders:
        raise NotApplicableError("no job or step has a condition")
    for holder in holders:
        if leaf := holder.leaf("if"):
            yield from _condition(leaf)


def _condition(leaf: Leaf) -> Iterator[Finding]:
    text = leaf.text
    read = expressions.condition(text)
    if any(expression.problem for expression in read):
        return
    if OPENING in text and (len(read) > 1 or not text.startswith(OPENING) or not text.endswith("}}")):
        message = "the condition is always true: there is text around ${{ }}"
        hint = "write the whole condition without ${{ and }}"
        if text.strip() == text[:-1] and text.endswith("\n"):
            hint += ", or begin the block with |- instead of |"
        yield error(CODE, message, leaf.at, hint=hint)
    elif found := _never(read):
        message = f"github.ref is refs/heads/NAME or refs/tags/NAME, never {found.value}"
        hint = f"write github.ref_name, or compare with 'refs/heads/{found.value}'"
        yield error(CODE, message, leaf.place(found.at, len(str(found.value)) + 2), hint=hint)
    elif all(_is_constant(expression) for expression in read):
        message = f"the condition {text.strip()} is always the same"
        yield warning(CODE, message, leaf.at, hint="remove the if, or what it is for")


def _never(read: list[expressions.Expression]) -> Literal | None:
    """Return the short name that `github.ref` is compared with, if any."""
    for tree in (each for expression in read if expression.tree for each in walk(expression.tree)):
        if isinstance(tree, Operation) and tree.operator in ("==", "!="):
            paths = [found.path for each in tree.operands if (found := expressions.reference(each))]
            texts = [
                each for each in tree.operands if isinstance(each, Literal) and isinstance(each.value, str)
            ]
            if paths == [("github", "ref")] and texts and not str(texts[0].value).startswith("refs/"):
                return texts[0]
    return None


def _is_constant(expression: expressions.Expression) -> bool:
    return not expression.references and all(call.name.lower() in _PURE for call in expression.calls)
