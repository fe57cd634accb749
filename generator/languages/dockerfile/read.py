"""Dockerfiles to nodes: stages, and the instructions of each.

An instruction that sets something (`ENV PORT=8000`, `USER 1001`) is identified by what it sets, the others by their
text.
"""

from __future__ import annotations

import json
import re

from generator.languages.dockerfile.instructions import Dockerfile, Instruction, parse
from generator.languages.node import Leaf, Map, Node, ReadResult, Seq
from generator.languages.source import Source

_KEYED = frozenset(["ENV", "ARG", "LABEL"])
_SINGLE = frozenset(["CMD", "ENTRYPOINT", "FROM", "HEALTHCHECK", "SHELL", "STOPSIGNAL", "USER", "WORKDIR"])
_SEPARATOR = re.compile(r"[=\s]")
_BLANKS = re.compile(r"""('[^']*'|"(?:\\.|[^"\\])*")|\s+""", re.DOTALL)
_BEFORE = "before the first stage"


def read(source: Source) -> ReadResult:
    """Return the stages of a Dockerfile by name, or by number where one has no name, each a list of instructions."""
    dockerfile = parse(source)
    stages: dict[str, Node] = {}
    before = _before(dockerfile)
    if before:
        stages[_BEFORE] = _sequence(before)
    for stage in dockerfile.stages:
        stages[stage.name] = _sequence([stage.start, *stage.instructions])
    return ReadResult(Map(stages, source=source, end=len(source.text)), dockerfile.problems)


def _before(dockerfile: Dockerfile) -> list[Instruction]:
    instructions = dockerfile.instructions
    first = next((n for n, each in enumerate(instructions) if each.keyword == "FROM"), len(instructions))
    return list(instructions[:first])


def _sequence(instructions: list[Instruction]) -> Seq:
    first, last = instructions[0], instructions[-1]
    return Seq(
        tuple(_leaf(each) for each in instructions), source=first.source, start=first.start, end=last.end
    )


def _leaf(instruction: Instruction) -> Leaf:
    """Return an instruction as one text, with what identifies it when it changes."""
    text, keyword = _text(instruction), instruction.keyword
    name = text
    if keyword in _KEYED:
        name = f"{keyword} {_SEPARATOR.split(instruction.arguments, maxsplit=1)[0]}"
    elif keyword in _SINGLE:
        name = keyword
    return Leaf(
        text, text=text, name=name, source=instruction.source, start=instruction.start, end=instruction.end
    )


def _text(instruction: Instruction) -> str:
    """Return an instruction on one line, with single blanks outside of quotes, and its here-documents."""
    if instruction.inner:
        return f"{instruction.keyword} {_text(instruction.inner)}"
    rest = _BLANKS.sub(lambda found: found[1] or " ", instruction.arguments)
    if instruction.is_json:
        rest = json.dumps(instruction.texts)
    elif instruction.keyword == "FROM":
        rest = "".join(instruction.texts[:1])  # the name of the stage is its key
    bodies = "".join(f"\n{each.body.text}{each.name}" for each in instruction.heredocs)
    return " ".join([instruction.keyword, *(flag.text for flag in instruction.flags), rest]).strip() + bodies
