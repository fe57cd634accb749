"""A step must be able to wait as long as its command waits.

Checked: `--timeout` of kubectl, helm and argocd, `timeout` and `sleep`, against `timeout-minutes` of the step and the
job.

Why: GitHub cancels the step or job first. A deploy that is cancelled ends without a word about what was wrong, and
what would go back to the version before does not run (docs.github.com, "Workflow syntax", timeout-minutes).

Bad:

    timeout-minutes: 10
    steps: [{run: kubectl rollout status deployment/web --timeout=900s}]

Good:

    timeout-minutes: 20
    steps: [{run: kubectl rollout status deployment/web --timeout=900s}]
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, warning
from generator.languages.node import Map
from generator.languages.shell.script import Command
from generator.languages.word import Word
from generator.system.quantities import seconds
from generator.system.workflows import Step

CODE = "checks/timeouts"
ADVICE = "docs.github.com, Workflow syntax: jobs.<job_id>.timeout-minutes"
_TOOLS = ("kubectl", "helm", "argocd", "oc")
_PROGRAMS = ("timeout", "sleep")  # a number without a unit is one of seconds


def check(context: Context) -> Iterator[Finding]:
    steps = [step for workflow in context.system.workflows for step in workflow.steps]
    if not any("timeout-minutes" in node for step in steps for node in (step.node, step.job.node)):
        raise NotApplicableError("no step or job has timeout-minutes")
    for step in steps:
        for command in step.script.commands:
            word = _waits(command)
            for holder in (step.node, step.job.node) if word else ():
                if word and (found := _found(step, word, holder)):
                    yield found
                    break


def _waits(command: Command) -> Word | None:
    """Return the word for how long a command waits."""
    if command.name in _TOOLS:
        return command.option("--timeout")
    words = command.arguments(("-k", "--kill-after", "-s", "--signal")) if command.name in _PROGRAMS else []
    return words[0] if words else None


def _found(step: Step, word: Word, holder: Map) -> Finding | None:
    """Return a warning if the step or the job that `holder` is ends before the command does."""
    limit = holder.value("timeout-minutes")
    waits = seconds(f"{word.text}s" if word.text.isdigit() else word.text)
    if waits is None or not isinstance(limit, int | float) or isinstance(limit, bool) or waits < limit * 60:
        return None
    what = "step" if holder is step.node else "job"
    note = Note(f"the {what} ends", holder.at_key("timeout-minutes"))
    message = f"the command waits {word.text}, but the {what} ends after {limit} minutes"
    hint = f"make timeout-minutes of the {what} larger than this, or wait for a shorter time"
    return warning(CODE, message, step.place(word.offset, len(word.text)), notes=(note,), hint=hint)
