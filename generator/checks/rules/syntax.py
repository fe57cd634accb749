"""Every file is one of its kind: it parses, and no key stands in it twice.

YAML, JSON and Terraform's language, as their readers read them; of two equal keys in YAML one is lost.

Why: Kubernetes takes the second of two `env:` without a word, and the variables of the first are gone.

Bad:

    env: [{name: A, value: "1"}]
    env: [{name: B, value: "2"}]

Good:

    env: [{name: A, value: "1"}, {name: B, value: "2"}]
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from generator.checks.parsed import Parsed
from generator.findings import Finding, Note, error
from generator.values import Values

CODE = "checks/syntax"


def check(tree: Parsed, values: Values) -> Iterator[Finding]:
    for documents in tree.documents.values():
        for problem in documents.problems:
            notes = (Note("the first", problem.first),) if problem.first else ()
            hint = "keep one of the two" if problem.first else "check the indentation and quotes here and in the line before"
            what = "" if problem.first else "not YAML: "
            yield error(CODE, f"{what}{problem.message}", problem.at, notes=notes, hint=hint)
    for source in tree.of_format("json"):
        try:
            json.loads(source.text)
        except ValueError as found:
            at = source.span(getattr(found, "lineno", 1), getattr(found, "colno", 1), 1)
            yield error(CODE, f"not JSON: {getattr(found, 'msg', found)}", at, hint="check brackets, commas and quotes")
    module = tree.terraform
    for file in (*module.files, *module.variable_files, *module.test_files):
        if file.problem:
            hint = "check brackets, quotes and line breaks here and in the line before"
            yield error(CODE, f"not Terraform's language: {file.problem}", file.source.at(file.problem_at), hint=hint)
