"""An instruction of a Dockerfile must have an effect, and ports must be such that Docker accepts them.

Checked: `CMD`, `ENTRYPOINT` and `HEALTHCHECK` that a later one of the stage replaces, instructions that a backslash
makes a part of the `RUN` before them, and the numbers, ranges and protocols of `EXPOSE`.

Why: Docker keeps only the last command of a stage, without a word about the others. It refuses a port that is not
one (github.com/docker/go-connections, nat.ParsePortSpec), at the end of the build.

Bad:

    EXPOSE 80800
    CMD ["./migrate"]
    CMD ["./server"]

Good:

    EXPOSE 8080
    CMD ["./server"]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, error, warning
from generator.languages.dockerfile.instructions import KEYWORDS, Instruction

CODE = "checks/instructions"
ADVICE = "docs.docker.com, Build checks: MultipleInstructionsDisallowed, ExposeInvalidFormat"
_LAST_COUNTS = ("CMD", "ENTRYPOINT", "HEALTHCHECK")
_PROTOCOLS = ("tcp", "udp", "sctp")
_LAST_PORT = 65535


def check(context: Context) -> Iterator[Finding]:
    if not context.system.dockerfiles:
        raise NotApplicableError("there is no Dockerfile")
    for dockerfile in context.system.dockerfiles:
        for stage in dockerfile.stages:
            for keyword in _LAST_COUNTS:
                yield from _replaced(stage.all(keyword))
            for each in stage.all("RUN"):
                yield from _continued(each)
            for each in stage.all("EXPOSE"):
                yield from islice(
                    _ports(each), 1
                )  # one for an instruction: often all of its words are a comment


def _replaced(several: list[Instruction]) -> Iterator[Finding]:
    for each in several[:-1]:
        note = Note("this one counts", several[-1].at)
        message = f"a later {each.keyword} of the stage replaces this one"
        yield warning(CODE, message, each.at, notes=(note,), hint="remove it, or join the two")


def _continued(each: Instruction) -> Iterator[Finding]:
    """Yield an error for an instruction that the shell of a `RUN` takes for a command."""
    for word in (word for command in each.script.commands for word in command.words):
        at = each.source.at(word.offset, len(word.text))
        if word.text in KEYWORDS and not each.source.lines[at.line - 1][: at.column - 1].strip():
            message = f"{word.text} is a part of the RUN before it, and no command of a shell"
            yield error(CODE, message, at, hint="remove the backslash, or && and the backslash, above it")


def _ports(each: Instruction) -> Iterator[Finding]:
    for word in each.texts:
        text, slash, protocol = word.strip("\"'").partition("/")
        if "$" in word:
            continue
        if slash and protocol.lower() not in _PROTOCOLS:
            message = f"{protocol or 'nothing'} is no protocol of a port, expected {', '.join(_PROTOCOLS)}"
            yield error(CODE, message, each.where(word), hint="write /tcp or /udp, or nothing")
        problem = _problem(text.rpartition(":")[2])
        if problem:
            hint = "write the port that the program listens on, as in EXPOSE 8080"
            yield error(CODE, f"the port {text} {problem}", each.where(word), hint=hint)
        elif ":" in text:
            message = f"EXPOSE {text} maps a port, which only docker run and Compose can do"
            yield warning(CODE, message, each.where(word), hint=f"write EXPOSE {text.rpartition(':')[2]}")


def _problem(text: str) -> str:
    """Return what is wrong with a port or a range of ports."""
    found = re.fullmatch(r"([0-9]+)(?:-([0-9]+))?", text)
    if not found:
        return "is not a number"
    first, last = int(found[1]), int(found[2] or found[1])
    if first > last:
        return f"begins after its end {last}"
    return f"is above {_LAST_PORT}" if last > _LAST_PORT else ""
