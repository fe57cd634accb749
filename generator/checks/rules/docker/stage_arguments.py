"""A build argument must be declared in the stage that uses it, and before the first `FROM` where a `FROM` uses it.

Why: `ARG` ends with its stage. In another one the variable is an empty string, and the build goes on
(docs.docker.com, "Dockerfile reference", ARG, scope). `FROM` reads only what is declared before the first one:
`node:$VERSION` becomes `node:`, which Docker refuses.

Bad:

    FROM node:24 AS builder
    ARG MODE=production
    FROM node:24
    ENV MODE=${MODE}

Good:

    FROM node:24
    ARG MODE=production
    ENV MODE=${MODE}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, error_if, warning
from generator.findings.suggest import nearest
from generator.languages.dockerfile.instructions import Dockerfile, Instruction, Stage, expanded, pairs
from generator.system.images import image_name, is_image_name

CODE = "checks/stage-arguments"
ADVICE = "docs.docker.com, Build checks: UndefinedVar, UndefinedArgInFrom"
# docs.docker.com, "Dockerfile reference", ARG: automatic platform ARGs and predefined ARGs.
_PREDEFINED = re.compile(
    r"(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT|STAGE)|(?i:(?:https?|ftp|no|all)_proxy)|BUILDKIT_.*"
)
_USE = re.compile(r"(?<![\\$])\$(?:\{(\w+)\}|(\w+))")
_LITERAL = re.compile(r"'[^']*'")
_SETS = r"(?:\b(?:for|read|export|local|declare)\s+(?:-\w+\s+)*|(?<![\w$-])(?=\w+=))"
_EXPANDED = ("ENV", "LABEL", "WORKDIR", "USER", "EXPOSE", "COPY", "ADD", "VOLUME")


def check(context: Context) -> Iterator[Finding]:
    if not context.system.dockerfiles:
        raise NotApplicableError("there is no Dockerfile")
    for dockerfile in context.system.dockerfiles:
        yield from _stages(dockerfile)
        yield from _bases(dockerfile)


def _bases(dockerfile: Dockerfile) -> Iterator[Finding]:
    """Yield a finding for each `FROM` with a variable that no `ARG` before the first one declares."""
    instructions = dockerfile.instructions
    first = next((n for n, each in enumerate(instructions) if each.keyword == "FROM"), 0)
    known = [name for each in instructions[:first] for name in _names(each)]
    for stage in dockerfile.stages:
        missing = [
            name
            for found in _USE.finditer(stage.image)
            if (name := found[1] or found[2]) not in known and not _PREDEFINED.fullmatch(name)
        ]
        empty = dict.fromkeys(known, "x") | dict.fromkeys(missing, "")
        for name in missing:
            image = expanded(stage.image, empty)
            is_refused = "$" not in image and not is_image_name(image)
            message = f"no ARG before the first FROM declares {name}, so it is empty in {stage.image}"
            hint = nearest(name, known) or f"write ARG {name} before the first FROM"
            yield error_if(is_refused, CODE, message, stage.start.at, hint=hint)


def _stages(dockerfile: Dockerfile) -> Iterator[Finding]:
    declared: dict[str, Instruction] = {}
    for each in dockerfile.all("ARG"):
        for name in _names(each):
            declared.setdefault(name, each)
    for stage in dockerfile.stages:
        known: set[str] = set()
        for each in dockerfile.built(stage):
            if each in stage.instructions:
                for name in _used(each, stage):
                    if name in declared and name not in known and not _is_of_base(dockerfile, stage, name):
                        note = Note("the argument is declared here", declared[name].at)
                        message = f"{name} is an argument of another stage, so it is empty here"
                        hint = f"add ARG {name} to this stage"
                        yield warning(CODE, message, each.at, notes=(note,), hint=hint)
            if each.keyword in ("ARG", "ENV"):
                known |= set(_names(each))


def _used(each: Instruction, stage: Stage) -> list[str]:
    """Return the variables that Docker expands in an instruction, or the shell of a `RUN` that does not set them."""
    text = each.arguments if each.keyword in _EXPANDED else ""
    if each.keyword == "RUN" and not each.is_json and not stage.all("SHELL"):
        text = _LITERAL.sub("", each.arguments)
    names = dict.fromkeys(found[1] or found[2] for found in _USE.finditer(text))
    is_run = each.keyword == "RUN"
    return [name for name in names if not (is_run and re.search(rf"{_SETS}{name}\b", text))]


def _is_of_base(dockerfile: Dockerfile, stage: Stage, name: str) -> bool:
    """Return whether the base image may set a variable: node sets NODE_VERSION, and so do others."""
    base = image_name(dockerfile.lineage(stage)[-1].image).repository.rpartition("/")[2]
    return bool(base) and name.lower().startswith(f"{base.lower()}_")


def _names(instruction: Instruction) -> list[str]:
    if instruction.keyword == "ENV":
        return [name for name, _ in pairs(instruction)]
    return [text.partition("=")[0] for text in instruction.texts]
