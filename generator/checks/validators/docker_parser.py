"""dockerfile: parse Dockerfiles with Docker's own parser.

Why: Docker does not start a build of a Dockerfile that it cannot parse.

Bad:

    FROM node:24 AS

Good:

    FROM node:24 AS base
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.validators.work import EXTRA, Work, finding, load, package_version
from generator.findings import Finding

NAME = "dockerfile"
CODES = "dockerfile"
INSTALL = EXTRA
IN_PROCESS = True
READS = ("dockerfile",)
_LINE = re.compile(r"line (\d+)")


def version(work: Work) -> str | None:
    return package_version(NAME)


def run(work: Work) -> Iterator[Finding]:
    dockerfile = load(NAME)
    for system, source in work.files("dockerfile"):
        try:
            dockerfile.parse_string(source.text)
        except dockerfile.GoParseError as problem:
            text = str(problem)
            line = _LINE.search(text)
            at = source.span(int(line[1]) if line else 1)
            yield finding(system, "dockerfile/syntax", text, at, "compare it with Docker's reference")
