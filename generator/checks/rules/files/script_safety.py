"""A script must stop at the first error, and before doing anything if a variable is missing.

Required: `#!` on the first line; `set -euo pipefail`; each variable set in the script, or required with
`${NAME:?}`.

Why: without `-u` an unset variable is an empty string, and a secret created from it is empty. Without
`pipefail`, `a | b` succeeds even if `a` fails. A `#!` on the second line is only a comment.

Bad:

    #!/bin/bash
    kubectl create secret generic shop --from-literal=url="$DATABASE_URL"

Good:

    #!/bin/bash
    set -euo pipefail
    : "${DATABASE_URL:?is not set}"
    kubectl create secret generic shop --from-literal=url="$DATABASE_URL"
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence

from generator.checks.data import table, words
from generator.checks.rule import SOURCE, Context, NotApplicableError
from generator.findings import Finding, Note, Span, warning
from generator.findings.suggest import nearest
from generator.languages.shell.script import Command, Script
from generator.system import ShellFile

CODE = "checks/script-safety"
_GIVEN = ("GITHUB_", "INPUT_", "RUNNER_")  # what GitHub sets for the script of an action
_TAIL = re.compile(r"[)}]|\$\w+")  # what a path of a script begins with where it is computed
_DATA = re.compile(r"\.(?:ya?ml|json|conf|toml|ini|properties|tfvars)$")
_EXPANDED = re.compile(r"(?<![\\$])\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
_LATER = re.compile(r"\b(?:envsubst|gomplate|perl|python3?|sed|yq)\b")  # what may replace a variable later
ADVICE = "gnu.org, Bash manual: The Set Builtin"


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.scripts and not system.steps:
        raise NotApplicableError("there are no scripts")
    for step in system.steps:
        yield from _quoted(step.script, step.place, {*step.script.sets, *step.variables})
    sourced = {
        posixpath.basename(word.text)
        for run in system.runs
        if run.command.name in (".", "source")
        for word in run.command.words[1:2]
    }
    for script in system.scripts:
        yield from _quoted(script.script, script.at, script.script.sets)
        if posixpath.basename(script.source.path) in sourced:
            continue  # another script sets its options and variables
        parts, is_whole = _with_sourced(script, system.scripts)
        yield from _start(script, parts)
        if is_whole:
            yield from _variables(script, parts)


def _quoted(script: Script, place: Callable[[int, int], Span], known: set[str]) -> Iterator[Finding]:
    """Yield a warning for a variable of the script in a here-document that is quoted, so that it stays as it is."""
    if _LATER.search(script.text):
        return
    for region in script.regions:
        own = (c for c in script.commands if any(r.target.offset == region.owner for r in c.redirections))
        command = next(own, None) if region.kind == "heredoc_quoted" else None
        if command is None or not _is_data(command):
            continue
        for use in _EXPANDED.finditer(script.text, region.start, region.end):
            name = use[1] or use[2]
            if name in known:
                message = f"${name} stays as it is: the here-document is quoted, so nothing expands it"
                hint = f"write <<{region.note} without quotes, and \\$ for what must stay"
                notes = (Note(f"{SOURCE}gnu.org, Bash manual: Here Documents"),)
                yield warning(CODE, message, place(use.start(), len(use[0])), notes=notes, hint=hint)
                break


def _is_data(command: Command) -> bool:
    """Return whether a command writes or sends its here-document as data that nothing expands later."""
    written = [word.text for word in command.writes]
    written += command.texts[1:] if command.name == "tee" else []
    if any(_DATA.search(text) and "compose" not in text for text in written):
        return True
    return command.name == "kubectl" and any(word.text == "-" for word in command.options("-f", "--filename"))


def _with_sourced(script: ShellFile, scripts: Sequence[ShellFile]) -> tuple[list[ShellFile], bool]:
    """Return a script with the scripts that it sources, and those that they source; False if one is not known."""
    parts, is_whole = [script], True
    for part in parts:
        for command in (*part.script.all("source"), *part.script.all(".")):
            found = _meant(command.texts[1], part, scripts) if command.texts[1:] else None
            is_whole = is_whole and found is not None
            if found and all(found is not each for each in parts):
                parts.append(found)
    return parts, is_whole


def _meant(text: str, by: ShellFile, scripts: Sequence[ShellFile]) -> ShellFile | None:
    """Return the script that a text means: the only one that ends so, or the one beside the script with the text."""
    tail = _TAIL.split(text)[-1].lstrip("./")
    folder = posixpath.dirname(by.source.path)
    found = [each for each in scripts if tail and f"/{each.source.path}".endswith(f"/{tail}")]
    beside = [each for each in found if each.source.path == posixpath.join(folder, tail)]
    return next(iter(beside if len(found) > 1 else found), None)


def _start(script: ShellFile, parts: Sequence[ShellFile]) -> Iterator[Finding]:
    first = script.source.lines[0]
    if not first.startswith("#!"):
        hint = "start the template with #!/bin/bash"
        yield warning(
            CODE,
            "the first line is not a #! line, so the interpreter is unknown",
            script.source.span(1),
            hint=hint,
        )
    missing = _missing(parts, is_bash="bash" in first or not first.startswith("#!"))
    if missing:
        at = script.at(script.script.commands[0].offset) if script.script.commands else script.source.span(1)
        message = f"the script continues after an error: set {' '.join(missing)} is missing"
        yield warning(CODE, message, at, hint="write set -euo pipefail before the first command")


def _missing(parts: Sequence[ShellFile], *, is_bash: bool) -> list[str]:
    letters, long = "", set()
    for command in (command for part in parts for command in part.script.all("set")):
        texts = command.texts[1:]
        letters += "".join(text[1:] for text in texts if text.startswith("-"))
        long |= set(texts)
    wanted = {"-e": "e" in letters or "errexit" in long, "-u": "u" in letters or "nounset" in long}
    if is_bash:
        wanted["-o pipefail"] = "pipefail" in long
    return [name for name, there in wanted.items() if not there]


def _variables(script: ShellFile, parts: Sequence[ShellFile]) -> Iterator[Finding]:
    known = words(table("github")["variables"]).union(*(part.script.sets for part in parts))
    known |= {use.name for part in parts for use in part.script.uses if use.operator in ("?", "=")}
    unset = {
        use.name: use
        for use in reversed(script.script.uses)
        if use.name not in known and use.operator not in ("-", "+") and not use.name.startswith(_GIVEN)
    }
    if not unset:
        return
    names = sorted(unset, key=lambda name: unset[name].offset)
    first = unset[names[0]]
    guards = [other for other in script.script.uses if other.operator == "?"]
    notes = [Note("other variables are required here", script.at(other.offset)) for other in guards[:1]]
    notes += [
        Note(f"${name} is not set either", script.at(unset[name].offset, len(name) + 1)) for name in names[1:]
    ]
    hint = (
        nearest(first.name, sorted(known))
        or f'require it at the start of the script: : "${{{first.name}:?is not set}}"'
    )
    message = f"${first.name} is never set, and the script does not require it"
    yield warning(CODE, message, script.at(first.offset, len(first.name) + 1), notes=tuple(notes), hint=hint)
