"""zizmor: check workflows for security problems.

The name after the slash names a section of https://docs.zizmor.sh/audits.

Why: it finds an issue title that reaches a shell, a token that stays in the checkout, and an action that
others can change.

Bad:

    - run: echo "${{ github.event.issue.title }}"

Good:

    - run: echo "$TITLE"
      env:
        TITLE: ${{ github.event.issue.title }}
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.validators.work import EXTRA, Work, finding, program_version, reported
from generator.findings import Finding, Severity

NAME = "zizmor"
CODES = "zizmor"
INSTALL = EXTRA
IN_PROCESS = False
READS = ("github",)


def version(work: Work) -> str | None:
    return program_version(work, NAME, NAME)


def run(work: Work) -> Iterator[Finding]:
    files = work.written("github")
    path = work.package_program(NAME, NAME)
    if not files or path is None:
        return
    options = ["--offline", "--no-progress", "--no-config", "--format", "json"]
    done = work.call([path, *options, *(source.label for _, source in files)])
    for each in reported(NAME, done):
        primary = next(
            (place for place in each["locations"] if place["symbolic"]["kind"] == "Primary"),
            each["locations"][0],
        )
        where = work.source(primary["symbolic"]["key"]["Local"]["verbatim_path"])
        if where:
            system, source = where
            start = primary["concrete"]["location"]["start_point"]
            text = primary["concrete"]["feature"].split("\n")[0]
            severity = Severity.ERROR if each["determinations"]["severity"] == "High" else Severity.WARNING
            message = f"{each['desc']}: {primary['symbolic']['annotation']}"
            at = source.span(start["row"] + 1, start["column"] + 1, len(text))
            yield finding(system, f"zizmor/{each['ident']}", message, at, each["url"], severity)
