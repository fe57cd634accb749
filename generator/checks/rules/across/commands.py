"""The command of a container must name a program, and no shell expands the variables in it.

Checked: `command` of pods, `CMD` and `ENTRYPOINT` of images as JSON lists.

Why: a list is run as it is. `["node dist/index.js"]` is one name with a blank in it, which no file has, and `$PORT`
is passed as these five characters; Kubernetes expands only `$(PORT)`.

Bad:

    CMD ["node", "$ENTRY"]

Good:

    CMD ["sh", "-c", "exec node \"$ENTRY\""]
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Span, error, warning
from generator.system import Container, System

CODE = "checks/commands"
ADVICE = "kubernetes.io, Define a Command and Arguments; docs.docker.com, Dockerfile reference: exec form"
_SHELLS = frozenset("sh bash dash ash zsh ksh busybox cmd cmd.exe powershell pwsh".split())
_VARIABLE = re.compile(r"(?<!\$)\$(?:\{\w+\}|[A-Za-z_]\w*)")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.containers and not system.dockerfiles:
        raise NotApplicableError("there are no containers and no images")
    for container in system.containers:
        yield from _container(container)
    yield from _images(system)


def _container(container: Container) -> Iterator[Finding]:
    for key in ("command", "args"):
        leaves = container.node.seq(key).leaves()
        words = [leaf.text for leaf in leaves]
        program = container.node.seq("command").texts()
        places = [leaf.at for leaf in leaves]
        yield from _words(words, program or words, places, is_program=key == "command")


def _images(system: System) -> Iterator[Finding]:
    for dockerfile in system.dockerfiles:
        entries = [each.texts for each in dockerfile.all("ENTRYPOINT")]
        for each in dockerfile.all("CMD", "ENTRYPOINT"):
            if each.is_json and each.texts:
                program = entries[-1] if entries else each.texts
                places = [each.place(word) for word in each.words]
                yield from _words(each.texts, program, places, is_program=program == each.texts)


def _words(
    words: list[str], program: list[str], places: list[Span], *, is_program: bool
) -> Iterator[Finding]:
    """Yield findings for the words of a list; `program` begins with what runs them."""
    if is_program and words and re.search(r"\S\s+\S", words[0]) and not words[0].startswith("/"):
        parts = ", ".join(f'"{part}"' for part in words[0].split())
        message = f"{words[0]} is the name of one program, with a blank in it"
        yield error(CODE, message, places[0], hint=f"write one item for each word: [{parts}]")
    if not program or posixpath.basename(program[0]) in _SHELLS or program[0].startswith("$"):
        return
    for index, word in enumerate(words):
        if found := _VARIABLE.search(word):
            name = found[0].strip("${}")
            message = f"nothing expands {found[0]} in a list: the program receives these characters"
            hint = f'write $({name}) in Kubernetes, or run it by a shell: ["sh", "-c", "…"]'
            yield warning(CODE, message, places[index], hint=hint)
