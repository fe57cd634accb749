"""pygohcl: parse Terraform files with HashiCorp's own parser.

Why: Terraform cannot load a file that this parser rejects.

Bad:

    name = "a" tags = {}

Good:

    name = "a"
    tags = {}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.validators.work import EXTRA, Work, finding, load, package_version
from generator.findings import Finding

NAME = "pygohcl"
CODES = "pygohcl"
INSTALL = EXTRA
IN_PROCESS = True
READS = ("hcl",)
_PLACE = re.compile(r":(\d+),(\d+)-(?:(\d+),)?(\d+): (.*)", re.DOTALL)


def version(work: Work) -> str | None:
    return package_version(NAME)


def run(work: Work) -> Iterator[Finding]:
    pygohcl = load(NAME)
    for system, source in work.files("hcl"):
        try:
            pygohcl.loads(source.text)
        except pygohcl.HCLParseError as problem:
            place = _PLACE.search(str(problem))
            at = source.span(int(place[1]), int(place[2]), 1) if place else source.span(1)
            message = place[5] if place else str(problem)
            yield finding(system, "pygohcl/syntax", message, at, "check brackets, quotes and line breaks")
