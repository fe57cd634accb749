"""A workflow must not run what a stranger writes, nor hold the password of a registry.

Checked: expressions in `run` and in the script of actions/github-script that read a title, a text, a branch name or
an author of an event; literal passwords of containers.

Why: GitHub replaces an expression before the shell reads the script, so the title of an issue is run as code
(docs.github.com, "Script injections").

Bad:

    run: echo "${{ github.event.issue.title }}"

Good:

    env: {TITLE: "${{ github.event.issue.title }}"}
    run: echo "$TITLE"
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.data import table
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, warning
from generator.languages.github import expressions
from generator.languages.github.expressions import OPENING, Call, Part, Tree
from generator.languages.node import Map
from generator.system import contexts
from generator.system.contexts import Written
from generator.system.workflows import Job, Step

CODE = "checks/workflow-security"
ADVICE = "docs.github.com, Secure use reference: script injections"
_SAFE = frozenset(["contains", "startswith", "endswith"])


def check(context: Context) -> Iterator[Finding]:
    if not context.system.workflows:
        raise NotApplicableError("there are no workflows")
    for workflow in context.system.workflows:
        for written in contexts.written(workflow):
            if written.step and _is_script(written.path, written.step):
                yield from _strangers(written)
        for job in workflow.jobs:
            yield from _passwords(job)


def _is_script(path: tuple[str, ...], step: Step) -> bool:
    return path[-1] == "run" or (path[-2:] == ("with", "script") and step.action == "actions/github-script")


def _strangers(written: Written) -> Iterator[Finding]:
    for tree in _read_as_text(written.expression.tree) if written.expression.tree else ():
        found = expressions.reference(tree)
        if found and _is_strange(found.path):
            name = ".".join(found.path)
            at = written.leaf.place(found.offset, len(name))
            hint = "pass it to the script as a variable of env"
            yield warning(CODE, f"{name} is written by anybody, and is run as code here", at, hint=hint)


def _read_as_text(tree: Tree) -> Iterator[Tree]:
    """Yield the parts of an expression that may become a part of its text."""
    if isinstance(tree, Call) and tree.name.lower() in _SAFE:
        return
    yield tree
    inner = expressions.children(tree)
    if isinstance(tree, Part) and expressions.reference(tree):
        inner = inner[1:]  # the key: the holder is a part of the same reference
    for each in inner:
        yield from _read_as_text(each)


def _is_strange(path: tuple[str, ...]) -> bool:
    names = [each.lower() for each in path]
    wanted = (each.split(".") for each in table("github")["written_by_anybody"].split())
    return any(_fits(names, each) for each in wanted)


def _fits(names: list[str], wanted: list[str]) -> bool:
    return len(names) == len(wanted) and all(
        name == want or "*" in (name, want) for name, want in zip(names, wanted, strict=True)
    )


def _passwords(job: Job) -> Iterator[Finding]:
    services = job.node.map("services")
    holders = [job.node.map("container"), *(services.map(name) for name in services)]
    for holder in holders:
        yield from _password(holder.map("credentials"))


def _password(credentials: Map) -> Iterator[Finding]:
    text = credentials.text("password")
    if text and OPENING not in text:
        at = credentials.key_place("password")
        hint = "write ${{ secrets.NAME }}"
        yield warning(CODE, "the password of a registry stands in the workflow", at, hint=hint)
