"""Dockerfiles, as Docker's own parser reads them: by stage, and within a stage by instruction."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import dockerfile

from .changes import Change, Pair, ParseError, align, exact, likeness, out_of_order, replaced
from .commands import normalised
from .trees import one_line

LONGEST = 80


@dataclass(frozen=True)
class Instruction:
    """Two instructions are equal when they mean the same; `text` is for the reader."""

    keyword: str
    arguments: tuple[str, ...]
    flags: frozenset[str] = frozenset()
    exec_form: bool = False
    text: str = field(default="", compare=False)


def changes(document: str, rendered: str) -> Iterator[Change]:
    ours, theirs = _stages(document), _stages(rendered)
    for name, instructions in ours.items():
        if name in theirs:
            yield from _stage_changes(name, instructions, theirs[name])
        else:
            yield Change(name, "; ".join(each.text for each in instructions), "")
    last, their_last = list(ours)[-1], list(theirs)[-1]
    if last in theirs and last != their_last:  # what `docker build` makes without --target
        yield Change("last stage", last, their_last)


def _stage_changes(name: str, document: list[Instruction], rendered: list[Instruction]) -> Iterator[Change]:
    def pair(ours: Instruction, theirs: Instruction) -> Pair | None:
        if ours == theirs:
            return exact()
        if ours.keyword != theirs.keyword:
            return None
        change = Change(_place(name, ours), ours.text, theirs.text)
        return replaced([change], likeness(ours.text, theirs.text))

    for ours, match in zip(document, align(document, rendered, pair), strict=True):
        if match is None:
            elsewhere = out_of_order(ours.text) if ours in rendered else ""
            yield Change(_place(name, ours), ours.text, elsewhere)
        else:
            yield from match.changes


def _place(stage: str, instruction: Instruction) -> str:
    text = instruction.text
    return f"{stage}: {text}" if len(text) <= LONGEST else f"{stage}: {text[:LONGEST]} …"


@lru_cache(16)
def _stages(text: str) -> dict[str, list[Instruction]]:
    """Stage by stage name; what stands before the first FROM is no part of a stage."""
    stages: dict[str, list[Instruction]] = {}
    name = ""
    for command in _parse(text):
        if command.cmd == "FROM":
            name = command.value[2] if len(command.value) == 3 else f"stage {len(stages)}"
        if name:
            stages.setdefault(name, []).extend(_instructions(command))
    if not stages:
        raise ParseError("no FROM")
    return stages


def _parse(text: str) -> tuple[dockerfile.Command, ...]:
    try:
        commands: tuple[dockerfile.Command, ...] = dockerfile.parse_string(text)
    except dockerfile.GoParseError as error:
        raise ParseError(str(error)) from error
    return commands


def _instructions(command: dockerfile.Command) -> Iterator[Instruction]:
    values: tuple[str, ...] = command.value
    if command.cmd == "ENV":
        for name, value in zip(values[::2], values[1::2], strict=True):
            yield Instruction("ENV", (name, _unquoted(value)), text=f"ENV {name}={value}")
        return
    yield Instruction(
        f"ONBUILD {command.sub_cmd}" if command.sub_cmd else command.cmd,
        _arguments(command.cmd, command.json, values)
        + tuple(heredoc.content for heredoc in command.heredocs),
        frozenset(command.flags),
        command.json,
        one_line(command.original),
    )


def _arguments(keyword: str, exec_form: bool, values: tuple[str, ...]) -> tuple[str, ...]:
    if keyword == "FROM":
        return tuple("AS" if value.upper() == "AS" else value for value in values)
    if keyword in {"RUN", "CMD", "ENTRYPOINT"} and not exec_form:
        return tuple(normalised(value) for value in values)
    return values


def _unquoted(value: str) -> str:
    """`"a b"` and `a b` set one value; beside a `$` a quote may decide what is expanded."""
    try:
        return value if "$" in value else " ".join(shlex.split(value))
    except ValueError:  # a quote that stands alone
        return value
