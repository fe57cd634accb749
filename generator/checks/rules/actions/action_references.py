"""Every use of an action must pin the same commit, with a comment that names its version.

Why: two versions of one action in two workflows are rarely intended. A commit hash alone is unreadable, and
update tools need the version comment after it.

Bad:

    uses: actions/checkout@v4                    # and actions/checkout@v7 in the other workflow

Good:

    uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from generator.checks.agreement import Statement, disagreements
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Severity, error, warning

CODE = "checks/action-references"
ADVICE = "docs.github.com, Secure use reference: Using third-party actions"
_COMMIT = re.compile("[0-9a-f]{40}")
_ACTION = re.compile(r"[^/@:\s]+/[^@\s]+@\S+")
_VERSION = re.compile(r"#\s*v?\d+(?:\.\d+)*")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    uses = [step for step in system.steps if "@" in step.node.text("uses")]
    if not uses:
        raise NotApplicableError("no workflow uses an action")
    for action in dict.fromkeys(step.action for step in uses):
        own = [step for step in uses if step.action == action]
        statements = [
            Statement(
                step.node.text("uses").partition("@")[2], f'the step "{step.name}"', step.node.at_key("uses")
            )
            for step in own
        ]
        for each in disagreements(CODE, f"the version of {action}", statements):
            yield replace(each, severity=Severity.WARNING)
    for step in system.steps:
        text, at = step.node.text("uses"), step.node.at_key("uses")
        if text and "@" not in text and not text.startswith(("./", "docker://")):
            yield error(CODE, f"{text} has no version", at, hint="add @ and a version, or a commit")
        elif _COMMIT.fullmatch(text.partition("@")[2]) and not _VERSION.search(at.text):
            message = f"the commit of {step.action} has no comment with its version"
            yield warning(CODE, message, at, hint="add a comment after it: # v1.2.3")
        elif "@" in text and not text.startswith(("./", "docker://", "${{")) and not _ACTION.fullmatch(text):
            hint = "write OWNER/REPOSITORY@VERSION"
            yield error(CODE, f"{text} does not name an action", at, hint=hint)
