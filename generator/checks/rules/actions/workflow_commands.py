"""A step must not use the commands of the log that GitHub has replaced by files.

Why: GitHub ignores `set-env` and `add-path` for security reasons, and warns of `set-output` and `save-state` in every
run (github.blog, "GitHub Actions: Deprecating save-state and set-output commands", and the same of set-env and
add-path).

Bad:

    run: echo "::set-output name=version::1.2"

Good:

    run: echo "version=1.2" >> "$GITHUB_OUTPUT"
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, error, warning

CODE = "checks/workflow-commands"
ADVICE = "docs.github.com, Workflow commands; github.blog, Deprecating save-state and set-output commands"
_COMMAND = re.compile(r"::(?:(save-state|set-output|set-env)\s+name=|(add-path)::)")
_FILES = {
    "set-output": "GITHUB_OUTPUT",
    "save-state": "GITHUB_STATE",
    "set-env": "GITHUB_ENV",
    "add-path": "GITHUB_PATH",
}
_IGNORED = frozenset(["set-env", "add-path"])


def check(context: Context) -> Iterator[Finding]:
    steps = [step for step in context.system.steps if step.run]
    if not steps:
        raise NotApplicableError("no workflow runs commands")
    for step in steps:
        for found in _COMMAND.finditer(step.run):
            command = found[1] or found[2]
            written = "PATH" if command == "add-path" else "NAME=VALUE"
            hint = f'write echo "{written}" >> "${_FILES[command]}"'
            at = step.place(found.start(), len(command) + 2)
            if command in _IGNORED:
                yield error(CODE, f"GitHub ignores the command {command}", at, hint=hint)
            else:
                yield warning(CODE, f"GitHub has deprecated the command {command}", at, hint=hint)
