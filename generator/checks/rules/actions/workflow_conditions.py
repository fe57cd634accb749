"""The `if` of a job or step must be one expression, depend on something, and be true for some event of the workflow.

Checked: constants, text around `${{ }}`, a `!` that YAML takes for itself, and comparisons of `github.ref`,
`ref_name`, `ref_type`, `base_ref`, `head_ref` and `event_name` with what the events of the workflow give them.

Why: what is never true never runs, without a word. Text around `${{ … }}` makes the whole condition a text, and every
text but an empty one is true: the job always runs (docs.github.com, "Evaluate expressions in workflows and actions",
literals).

Bad:

    if: ${{ github.ref == 'refs/heads/main' }} && success()

Good:

    if: github.ref == 'refs/heads/main' && success()
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, error, warning
from generator.findings.suggest import listed
from generator.languages.github import expressions
from generator.languages.github.expressions import OPENING, Literal, Operation, Tree, walk
from generator.languages.node import Leaf
from generator.system.conditions import decides, facts_of, truth
from generator.system.workflows import Workflow

CODE = "checks/workflow-conditions"
ADVICE = "docs.github.com, Workflow syntax: jobs.<job_id>.if"
_PURE = frozenset(["contains", "startswith", "endswith", "format", "join", "tojson", "fromjson", "case"])


def check(context: Context) -> Iterator[Finding]:
    jobs = [(workflow, job) for workflow in context.system.workflows for job in workflow.jobs]
    nodes = [
        (workflow, node) for workflow, job in jobs for node in (job.node, *(step.node for step in job.steps))
    ]
    holders = [(workflow, node) for workflow, node in nodes if "if" in node]
    if not holders:
        raise NotApplicableError("no job or step has a condition")
    for workflow, holder in holders:
        if leaf := holder.leaf("if"):
            yield from _condition(leaf, workflow)


def _condition(leaf: Leaf, workflow: Workflow) -> Iterator[Finding]:
    text = leaf.text
    read = expressions.condition(text)
    if not leaf.style and leaf.source.text[leaf.start : leaf.start + 1] == "!":
        message = "YAML takes the ! for a tag of its own: the condition is not negated"
        yield error(CODE, message, leaf.at, hint="write if: ${{ !… }}")
    elif any(expression.problem for expression in read):
        return
    elif OPENING in text and (len(read) > 1 or not text.startswith(OPENING) or not text.endswith("}}")):
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
    elif len(read) == 1 and read[0].tree and decides(workflow):
        yield from _events(read[0].tree, leaf, workflow)


def _events(tree: Tree, leaf: Leaf, workflow: Workflow) -> Iterator[Finding]:
    """Yield a warning if no event that runs the workflow makes a condition true."""
    if not any(truth(tree, facts_of(workflow, event)).can_hold for event in workflow.events):
        message = f"no event of the workflow ({listed(workflow.events)}) makes the condition true"
        hint = "correct the condition, or add the event, branch or tag that it is for"
        if any(isinstance(each, Literal) and "*" in str(each.value) for each in walk(tree)):
            hint = "a comparison knows no patterns: write startsWith(github.ref, 'refs/tags/v')"
        yield warning(CODE, message, leaf.at, hint=hint)


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
