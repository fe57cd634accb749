"""Every file must parse, and no key may occur twice in one map.

Checked: YAML, JSON and HCL, with parsers that follow their consumers, and shell code with an operator at its
end. Of two equal keys in YAML, one is lost.

Why: Kubernetes silently uses the second of two `env:` keys, and the variables of the first are lost.

Bad:

    env: [{name: A, value: "1"}]
    env: [{name: B, value: "2"}]

Good:

    env: [{name: A, value: "1"}, {name: B, value: "2"}]
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from generator.checks.rule import Context
from generator.findings import Finding, Note, Span, error
from generator.languages.node import Leaf
from generator.system import System

CODE = "checks/syntax"


_TRAILING = re.compile(r"(?:\n[ \t]*(?:#[^\n]*)?)+\Z")
_DANGLING = re.compile(r"(?:\||&&|\\)\s*\Z")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    for source in system.of_language("compose", "github", "kubernetes", "yaml"):
        for problem in system.documents[source.path].problems:
            notes = (Note("the first", problem.first),) if problem.first else ()
            hint = (
                "keep one of the two"
                if problem.first
                else "check the indentation and quotes here and in the line before"
            )
            what = "" if problem.first else "not YAML: "
            yield error(CODE, f"{what}{problem.message}", problem.at, notes=notes, hint=hint)
    for source in system.of_language("json"):
        try:
            json.loads(source.text)
        except ValueError as found:
            at = source.span(getattr(found, "lineno", 1), getattr(found, "colno", 1), 1)
            yield error(
                CODE,
                f"not JSON: {getattr(found, 'msg', found)}",
                at,
                hint="check brackets, commas and quotes",
            )
    for text, at in _shell(system):
        if _DANGLING.search(text):
            message = "the last command is joined to one that is not there"
            yield error(CODE, message, at, hint="remove the operator at the end, or add the missing command")
    module = system.terraform
    for file in (*module.files, *module.variable_files, *module.test_files):
        if file.problem:
            hint = "check brackets, quotes and line breaks here and in the line before"
            yield error(
                CODE, f"not Terraform's language: {file.problem}", file.source.at(file.problem_at), hint=hint
            )


def _shell(system: System) -> Iterator[tuple[str, Span]]:
    """Yield each piece of shell code without the comments at its end, and the place of its last line."""
    for step in system.steps:
        if step.run and step.is_shell:
            run = step.node.leaf("run") or Leaf()
            text = _TRAILING.sub("", run.text.rstrip())
            start = text.rfind("\n") + 1
            yield text, run.place(start, len(text) - start)
    for script in system.scripts:
        text = _TRAILING.sub("", script.source.text.rstrip())
        yield text, script.source.span(text.count("\n") + 1)
