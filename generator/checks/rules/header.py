"""A file says which it is, ends in one line break, and holds nothing that editors would change.

The path in the comment at the top against the file's own; no tabs in YAML, no carriage returns, no blanks at
the end.

Why: the comment is what a reader of a diff or of a mail sees. After a rename it leads to a file that is not
there.

Bad:

    # k8s/backend.yaml           (in k8s/backend-deployment.yaml)

Good:

    # k8s/backend-deployment.yaml
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.findings import Finding, error
from generator.languages.source import Source
from generator.system import Parsed
from generator.values.layers import Values

CODE = "checks/header"
_LINE = re.compile(r"(?:#|//)\s*/?([\w.{}-]+(?:/[\w.{}-]+)+|[\w.-]+\.(?:ya?ml|tf|sh|ts))(?=$|:|\s|,)")
_TOP = 8  # lines


def check(tree: Parsed, values: Values) -> Iterator[Finding]:
    for path, source in tree.sources.items():
        yield from _named(path.removesuffix(".example"), source)
        yield from _form(source)


def _named(path: str, source: Source) -> Iterator[Finding]:
    for number, line in enumerate(source.lines[:_TOP], start=1):
        found = _LINE.match(line)
        if found and not line.startswith(("# Made by", "// Made by", "#!")):
            if found[1].removesuffix(".example") != path:
                message = f"the comment calls the file {found[1]}"
                at = source.span(number, found.start(1) + 1, len(found[1]))
                yield error(CODE, message, at, hint=f"write {path}")
            return


def _form(source: Source) -> Iterator[Finding]:
    if not source.text.endswith("\n") or source.text.endswith("\n\n"):
        yield error(
            CODE,
            "the file does not end in one line break",
            source.span(len(source.lines)),
            hint="end the template with text",
        )
    for number, line in enumerate(source.lines, start=1):
        if "\r" in line:
            yield error(
                CODE,
                "the line ends in a carriage return",
                source.span(number),
                hint="save the template with LF",
            )
            return
