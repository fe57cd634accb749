"""A build argument must be declared in the stage that uses it.

Why: `ARG` ends with its stage. In another one the variable is an empty string, and the build goes on
(docs.docker.com, "Dockerfile reference", ARG, scope).

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
from generator.findings import Finding, Note, warning
from generator.languages.dockerfile.instructions import Dockerfile, Instruction, pairs

CODE = "checks/stage-arguments"
ADVICE = "docs.docker.com, Build checks: UndefinedVar"
_USE = re.compile(r"(?<![\\$])\$(?:\{(\w+)\}|(\w+))")
_EXPANDED = ("ENV", "LABEL", "WORKDIR", "USER", "EXPOSE", "COPY", "ADD", "VOLUME")


def check(context: Context) -> Iterator[Finding]:
    if not context.system.dockerfiles:
        raise NotApplicableError("there is no Dockerfile")
    for dockerfile in context.system.dockerfiles:
        yield from _stages(dockerfile)


def _stages(dockerfile: Dockerfile) -> Iterator[Finding]:
    declared: dict[str, Instruction] = {}
    for each in dockerfile.all("ARG"):
        for name in _names(each):
            declared.setdefault(name, each)
    for stage in dockerfile.stages:
        known: set[str] = set()
        for each in dockerfile.built(stage):
            if each.keyword in _EXPANDED and each in stage.instructions:
                for found in _USE.finditer(each.arguments):
                    name = found[1] or found[2]
                    if name in declared and name not in known:
                        note = Note("the argument is declared here", declared[name].at)
                        message = f"{name} is an argument of another stage, so it is empty here"
                        hint = f"add ARG {name} to this stage"
                        yield warning(CODE, message, each.at, notes=(note,), hint=hint)
            if each.keyword in ("ARG", "ENV"):
                known |= set(_names(each))


def _names(instruction: Instruction) -> list[str]:
    if instruction.keyword == "ENV":
        return [name for name, _ in pairs(instruction)]
    return [text.partition("=")[0] for text in instruction.texts]
