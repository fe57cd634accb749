"""Every file must parse, and no key may occur twice in one map.

Checked: YAML, JSON, HCL, shell and Dockerfiles, with parsers that follow their consumers. Of two equal keys in
YAML, one is lost; JSON takes the last one.

Why: Kubernetes silently uses the second of two `env:` keys, and the variables of the first are lost.

Bad:

    env: [{name: A, value: "1"}]
    env: [{name: B, value: "2"}]

Good:

    env: [{name: A, value: "1"}, {name: B, value: "2"}]
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator

from generator.checks.rule import Context
from generator.findings import Finding, Note, error, warning
from generator.languages import dialects_of
from generator.languages.json import comments
from generator.languages.node import ReadResult
from generator.system import System

CODE = "checks/syntax"
ADVICE = "RFC 8259, 4. Objects"
_COMMENT = re.compile(r'the key "?(?://|_|\$comment)')

# What npm, Composer and Terraform read, which accept no comments.
_STRICT = frozenset(["package.json", "package-lock.json", "composer.json", "terraform.tfvars.json"])
# A directive of Terraform's `templatefile`, which reads the file before YAML does.
_DIRECTIVE = re.compile(r"%\{~?\s*(?:if|for|else|endif|endfor)\b")
_OTHER_SHELL = re.compile(r"#!.*\b(?:zsh|m?ksh|fish)\b")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    charts = {posixpath.dirname(path) for path in system.sources if posixpath.basename(path) == "Chart.yaml"}
    for source in system.of_language(*dialects_of("yaml")):
        if _DIRECTIVE.search(source.text):
            continue
        for problem in system.documents[source.path].problems:
            if problem.first and posixpath.dirname(source.path) in charts:
                continue  # Helm takes the last one
            notes = (Note("the first one is here", problem.first),) if problem.first else ()
            hint = (
                "keep one of them"
                if problem.first
                else "check the indentation and quotes here and in the line before"
            )
            what = "" if problem.first else "not YAML: "
            yield error(CODE, f"{what}{problem.message}", problem.at, notes=notes, hint=hint)
    for source in system.of_language(*dialects_of("json")):
        text = source.text.removeprefix("\ufeff")
        if source.path.endswith(".json5") or not text.strip() or _is_lenient(source.path, text):
            continue
        try:
            json.loads(comments.without(text) if comments.allowed(source.path) else text)
            yield from _repeated(system.read(source.path))
        except ValueError as problem:
            at = source.span(getattr(problem, "lineno", 1), getattr(problem, "colno", 1), 1)
            yield error(
                CODE,
                f"not JSON: {getattr(problem, 'msg', problem)}",
                at,
                hint="check brackets, commas and quotes",
            )
    yield from _shell(system)
    yield from _dockerfiles(system)
    yield from _terraform(system)


def _repeated(result: ReadResult | None) -> Iterator[Finding]:
    """Yield a warning for each key that occurs twice in an object of JSON, but those that stand for comments."""
    for problem in result.problems if result else ():
        if problem.first and not _COMMENT.search(problem.message):
            notes = (Note("the first one is here", problem.first),)
            yield warning(CODE, problem.message, problem.at, notes=notes, hint="keep one of them")


def _is_lenient(path: str, text: str) -> bool:
    """Return whether a file is JSON but for comments and trailing commas, which its consumer may accept."""
    if posixpath.basename(path) in _STRICT:
        return False
    try:
        json.loads(comments.without(text))
    except ValueError:
        return False
    return True


def _terraform(system: System) -> Iterator[Finding]:
    for source in system.of_language("hcl"):
        result = system.read(source.path)
        for problem in result.problems if result else ():
            notes = (Note("the first", problem.first),) if problem.first else ()
            hint = "check brackets, quotes and line breaks here and in the line before"
            what = "" if problem.first else "not HCL: "
            hint = "keep one of the two" if problem.first else hint
            yield error(CODE, f"{what}{problem.message}", problem.at, notes=notes, hint=hint)


def _shell(system: System) -> Iterator[Finding]:
    """Yield an error for each script that bash rejects, or that ends with a backslash."""
    steps = (*system.steps, *(step for action in system.actions for step in action.steps))
    scripts = [(step.script, step.place) for step in steps if step.is_shell]
    scripts += [(each.script, each.at) for each in system.scripts if not _OTHER_SHELL.match(each.source.text)]
    for script, place in scripts:
        problem, end = script.problem, len(script.text.rstrip())
        if problem and not problem.is_limit:
            hint = "check quotes, parentheses and keywords here and in the lines before"
            yield error(
                CODE, f"not shell: {problem.message}", place(min(problem.offset, end - 1), 1), hint=hint
            )
        elif script.text.endswith("\\", 0, end) and not script.text.endswith("\\\\", 0, end):
            hint = "remove the backslash, or add the line that continues the command"
            yield error(
                CODE, "the last line ends with a backslash, but no line follows", place(end - 1, 1), hint=hint
            )


def _dockerfiles(system: System) -> Iterator[Finding]:
    for dockerfile in system.dockerfiles:
        for problem in dockerfile.problems if dockerfile.instructions else ():
            hint = "check quotes, brackets and the ends of lines here and in the line before"
            yield error(CODE, f"not a Dockerfile: {problem.message}", problem.at, hint=hint)
