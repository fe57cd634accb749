"""`terraform fmt`: check the layout of Terraform files.

Why: running it by hand changes generated files, which then differ from their templates.

Bad:

    name = "a"
    description = "b"

Good:

    name        = "a"
    description = "b"
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from generator.checks.validators.work import SHORT, Work, finding
from generator.findings import Finding

NAME = "terraform fmt"
CODES = "terraform-fmt"
INSTALL = "https://developer.hashicorp.com/terraform/install"
IN_PROCESS = False
READS = ("hcl",)
_HUNK = re.compile(r"^@@ -(\d+)")


def version(work: Work) -> str | None:
    return terraform_version(work)


def terraform_version(work: Work) -> str | None:
    """Return the version of Terraform on PATH, or None."""
    path = work.program("terraform")
    return None if path is None else work.version_of(path, lambda: _version(work, path))


def _version(work: Work, path: str) -> str:
    try:
        return str(json.loads(work.call([path, "version", "-json"]).stdout)["terraform_version"])
    except (ValueError, KeyError):
        return "unknown"


def run(work: Work) -> Iterator[Finding]:
    path = work.program("terraform")
    if not work.written("hcl") or path is None:
        return
    done = work.call([path, "fmt", "-check", "-diff", "-no-color", "-recursive"], SHORT)
    name, number, seen = "", 0, set()
    for line in done.stdout.split("\n"):
        hunk = _HUNK.match(line)
        if line.startswith("--- old/"):
            name, number = line.removeprefix("--- old/"), 0
        elif hunk:
            number = int(hunk[1]) - 1
        elif line.startswith("-"):
            number += 1
            if (name, number) not in seen and (name, number - 1) not in seen:
                yield from _finding(work, name, number)
            seen.add((name, number))
        elif line.startswith(" "):
            number += 1


def _finding(work: Work, name: str, line: int) -> Iterator[Finding]:
    where = work.source(name)
    if where:
        system, source = where
        message = "the layout differs from terraform fmt"
        hint = "align equals signs and indent by two blanks, as terraform fmt does"
        yield finding(system, "terraform-fmt/layout", message, source.span(line), hint)
