"""A job must run on a runner that exists, and a step in a shell that this runner has.

Checked: labels of GitHub's own runners, also those of a matrix; the names of shells. A label of a runner of your own
is accepted beside `self-hosted`.

Why: a job whose label no runner has waits for a day and is then cancelled.

Bad:

    runs-on: ubuntu-lates

Good:

    runs-on: ubuntu-latest
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.data import table, words
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, error, warning
from generator.findings.suggest import nearest
from generator.languages.github.expressions import OPENING
from generator.languages.node import Leaf, Map, Seq
from generator.system.workflows import Job

CODE = "checks/runners"
ADVICE = "docs.github.com, GitHub-hosted runners"
_MATRIX = re.compile(r"\$\{\{\s*matrix\.([\w-]+)\s*\}\}")
_VERSION = re.compile(r"(ubuntu|windows|macos)-\d\d[\w.-]*")
_FAMILY = re.compile(r"(ubuntu|windows|macos)-", re.IGNORECASE)


def check(context: Context) -> Iterator[Finding]:
    workflows = context.system.workflows
    if not workflows:
        raise NotApplicableError("there are no workflows")
    for workflow in workflows:
        yield from _shell(workflow.node.leaf("defaults", "run", "shell"), "")
        for job in workflow.jobs:
            labels = _labels(job)
            yield from _known(labels, in_group="group" in job.node.map("runs-on"))
            yield from _conflict(labels, in_matrix=isinstance(job.node.get("runs-on"), Leaf))
            system = _system(labels)
            yield from _shell(job.node.leaf("defaults", "run", "shell"), system)
            for step in job.steps:
                yield from _shell(step.node.leaf("shell"), system)


def _labels(job: Job) -> list[Leaf]:
    """Return the labels of a job; those of a matrix, when it takes one from there."""
    node = job.node.get("runs-on")
    if isinstance(node, Map):
        node = node.get("labels")
    written = [node] if isinstance(node, Leaf) else list(node.leaves()) if isinstance(node, Seq) else []
    labels: list[Leaf] = []
    for leaf in written:
        key = _MATRIX.fullmatch(leaf.text.strip())
        labels += _from_matrix(job, key[1]) if key else [leaf]
    return [leaf for leaf in labels if OPENING not in leaf.text]


def _from_matrix(job: Job, key: str) -> Iterator[Leaf]:
    matrix = job.node.map("strategy", "matrix")
    yield from matrix.seq(key).leaves()
    for combination in matrix.maps("include"):
        if leaf := combination.leaf(key):
            yield leaf


def _known(labels: list[Leaf], *, in_group: bool) -> Iterator[Finding]:
    hosted, removed = words(table("github")["runners"]), words(table("github")["removed_runners"])
    own = words(table("github")["own_runners"])
    is_own = in_group or any(leaf.text.lower() == "self-hosted" for leaf in labels)
    for leaf in labels:
        label = leaf.text.lower()
        if label in hosted or label in own:
            continue
        if label in removed:
            message = f"GitHub has removed the runner {leaf.text}"
            yield error(CODE, message, leaf.at, hint=_newer(label, hosted))
        elif _VERSION.fullmatch(label):
            continue  # newer than the table
        elif near := nearest(label, hosted) if _FAMILY.match(label) else "":
            report = warning if is_own else error
            yield report(CODE, f"GitHub has no runner {leaf.text}", leaf.at, hint=near)
        elif not is_own:
            message = f"GitHub has no runner {leaf.text}"
            hint = "for a runner of your own, add the label self-hosted"
            yield warning(CODE, message, leaf.at, hint=hint)


def _conflict(labels: list[Leaf], *, in_matrix: bool) -> Iterator[Finding]:
    """Yield an error for two labels that no runner has together."""
    hosted = words(table("github")["runners"])
    named = [(leaf, _family(leaf.text.lower())) for leaf in labels]
    first = next(((leaf, family) for leaf, family in named if family and leaf.text.lower() in hosted), None)
    for leaf, family in named if first and not in_matrix else ():
        if first and family not in ("", first[1]):
            message = f"no runner is both {first[0].text} and {leaf.text}"
            note = Note("the first label", first[0].at)
            yield error(CODE, message, leaf.at, notes=(note,), hint="use a matrix to run the job on each")


def _family(label: str) -> str:
    """Return the operating system that a label names, or ""."""
    name = label.partition("-")[0]
    return {"ubuntu": "linux"}.get(name, name if name in ("linux", "windows", "macos") else "")


def _newer(label: str, hosted: frozenset[str]) -> str:
    family = label.partition("-")[0]
    return f"write {family}-latest" if f"{family}-latest" in hosted else "use a newer one"


def _system(labels: list[Leaf]) -> str:
    """Return windows or unix when all labels name it, or ""."""
    systems = {family == "windows" for leaf in labels if (family := _family(leaf.text.lower()))}
    return {True: "windows", False: "unix"}[systems.pop()] if len(systems) == 1 else ""


def _shell(leaf: Leaf | None, system: str) -> Iterator[Finding]:
    shells = table("github")["shells"]
    if leaf is None or "{0}" in leaf.text or OPENING in leaf.text or not leaf.text:
        return
    available = words(shells[system]) if system else words(shells["unix"]) | words(shells["windows"])
    if leaf.text.lower() in available:
        return
    everywhere = words(shells["unix"]) | words(shells["windows"])
    where = f" on {'Windows' if system == 'windows' else 'Linux and macOS'}"
    where = where if leaf.text.lower() in everywhere else ""
    note = Note(f"there {'are' if len(available) > 1 else 'is'} {', '.join(sorted(available))}")
    hint = nearest(leaf.text, available) or "write one of them, or a command with {0} for the script"
    yield error(CODE, f"there is no shell {leaf.text}{where}", leaf.at, notes=(note,), hint=hint)
