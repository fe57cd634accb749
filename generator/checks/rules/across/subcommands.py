"""The first word of a command-line tool must be one that it has.

Checked: kubectl, docker, docker compose, terraform and helm, in scripts, workflows and other pipelines. Only a word
that is written like one of theirs is reported: others may be plugins.

Why: the command ends with `unknown command`, often at the end of a long pipeline.

Bad:

    kubectl rolout status deployment/web

Good:

    kubectl rollout status deployment/web
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from generator.checks.data import table, words
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, error
from generator.findings.suggest import misspelt

CODE = "checks/subcommands"


def check(context: Context) -> Iterator[Finding]:
    runs = [run for run in context.system.runs if run.command.name in _tools()]
    if not runs:
        raise NotApplicableError("no command of kubectl, docker, terraform or helm")
    for run in runs:
        tool, rest = run.command.name, run.command.arguments(_with_value(run.command.name))
        while rest and tool in _tools():
            word, *rest = rest
            known = words(_tools()[tool]["words"])
            if word.text not in known:
                meant = misspelt(word.text, known)
                if meant:
                    at = run.place(word.offset, len(word.text))
                    yield error(
                        CODE, f"{tool} has no command {word.text}", at, hint=f'did you mean "{meant}"?'
                    )
                break
            tool = f"{tool} {word.text}"


def _with_value(tool: str) -> frozenset[str]:
    """Return the options of a tool, and of its words, that take a value of their own."""
    names = [name for name in _tools() if name == tool or name.startswith(f"{tool} ")]
    return frozenset(option for name in names for option in words(_tools()[name].get("values", "")))


@cache
def _tools() -> dict[str, Any]:
    tools: dict[str, Any] = table("subcommands")["tools"]
    return tools
