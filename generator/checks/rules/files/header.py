"""A file must start with its own path, end with one newline, and contain no characters that editors remove.

The path in the comment at the top must be the path of the file. Not allowed: tabs in YAML, carriage returns,
and trailing blanks.

Why: readers of a diff or a mail rely on the comment to find the file. After a rename it points to a file that
does not exist.

Bad:

    # k8s/backend.yaml           (in k8s/backend-deployment.yaml)

Good:

    # k8s/backend-deployment.yaml
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.rule import Context
from generator.findings import Finding, error
from generator.languages.source import Source

CODE = "checks/header"
_LINE = re.compile(r"(?:#|//)\s*/?([\w.{}-]+(?:/[\w.{}-]+)+|[\w.-]+\.(?:ya?ml|tf|sh|ts))(?=$|:|\s|,)")
_TOP = 8  # lines


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    for path, source in system.sources.items():
        yield from _path(path.removesuffix(".example"), source)
        yield from _line_endings(source)


def _path(path: str, source: Source) -> Iterator[Finding]:
    for number, line in enumerate(source.lines[:_TOP], start=1):
        match = _LINE.match(line)
        if match and not line.startswith(("# Made by", "// Made by", "#!")):
            if match[1].removesuffix(".example") != path:
                message = f"the path in the comment is {match[1]}, expected {path}"
                at = source.span(number, match.start(1) + 1, len(match[1]))
                yield error(CODE, message, at, hint=f"write {path}")
            return


def _line_endings(source: Source) -> Iterator[Finding]:
    if not source.text.endswith("\n") or source.text.endswith("\n\n"):
        yield error(
            CODE,
            "the file does not end with exactly one newline",
            source.span(len(source.lines)),
            hint="remove empty lines from the end of the template, or end it with a line of text",
        )
    for number, line in enumerate(source.lines, start=1):
        if "\r" in line:
            yield error(
                CODE,
                "the line ends with a carriage return",
                source.span(number),
                hint="save the template with LF line endings",
            )
            return
