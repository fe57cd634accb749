"""Dockerfiles as stages and instructions, with the line of each.

Source: docs.docker.com, "Dockerfile reference". Docker's own parser, in the extra `check`, judges the syntax;
this reader says what there is to compare.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from generator.findings import Span
from generator.languages.source import Source

KEYWORDS = frozenset(
    "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER"
    " VOLUME WORKDIR".split()
)

_DIRECTIVE = re.compile(r"#\s*escape\s*=\s*(\S)", re.IGNORECASE)
_HEREDOC = re.compile(r"""<<-?\s*(["']?)([A-Za-z_][\w.-]*)\1""")
_FLAG = re.compile(r"--([a-z-]+)(?:=(\S*))?\s*")
_PAIR = re.compile(r"""([A-Za-z_][\w.-]*)=((?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])*)""")
_VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True)
class Instruction:
    """One instruction: its keyword in capitals, its flags, and its arguments on one line."""

    keyword: str
    arguments: str
    flags: tuple[tuple[str, str], ...]
    source: Source
    line: int
    text: str

    @property
    def at(self) -> Span:
        return self.source.span(self.line)

    def flag(self, name: str) -> str:
        """Return the value of a flag, or ""."""
        return dict(self.flags).get(name, "")

    @cached_property
    def words(self) -> list[str]:
        """The arguments: the items of a JSON list, or words."""
        if self.arguments.startswith("["):
            try:
                items = json.loads(self.arguments)
            except ValueError:
                return self.arguments.split()
            if isinstance(items, list) and all(isinstance(item, str) for item in items):
                return items
        return self.arguments.split()

    def where(self, text: str) -> Span:
        """Return the place of `text` in the instruction, which may go over several lines."""
        for number in range(
            self.line, min(self.line + self.text.count("\n") + 1, len(self.source.lines) + 1)
        ):
            column = self.source.lines[number - 1].find(text)
            if column >= 0:
                return self.source.span(number, column + 1, len(text))
        return self.at


@dataclass
class Stage:
    """A `FROM` and what follows it; `name` is the number as text where it has no name."""

    name: str
    image: str
    start: Instruction
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, *keywords: str) -> list[Instruction]:
        """Return the instructions with one of these keywords."""
        return [each for each in self.instructions if each.keyword in keywords]


@dataclass(frozen=True)
class Dockerfile:
    """A Dockerfile; `folder` is where it stands, the name of the component that it builds."""

    source: Source
    instructions: tuple[Instruction, ...]

    @property
    def folder(self) -> str:
        return self.source.path.rpartition("/")[0]

    @cached_property
    def stages(self) -> list[Stage]:
        found: list[Stage] = []
        for each in self.instructions:
            if each.keyword == "FROM":
                words = each.words
                named = words[2] if len(words) == 3 and words[1].upper() == "AS" else str(len(found))
                found.append(Stage(named, words[0] if words else "", each))
            elif found:
                found[-1].instructions.append(each)
        return found

    def all(self, *keywords: str) -> list[Instruction]:
        return [each for each in self.instructions if each.keyword in keywords]

    def lineage(self, stage: Stage) -> list[Stage]:
        """Return a stage and those that it is built on, the nearest first."""
        chain = [stage]
        before = self.stages[: self.stages.index(stage)]
        while parent := next((each for each in before if each.name.lower() == chain[-1].image.lower()), None):
            chain.append(parent)
            before = before[: before.index(parent)]
        return chain

    def final(self) -> list[Instruction]:
        """Return what the image that runs is made by, in order, from its base on."""
        if not self.stages:
            return []
        return [each for stage in reversed(self.lineage(self.stages[-1])) for each in stage.instructions]


def read(source: Source) -> Dockerfile:
    """Read a Dockerfile."""
    return Dockerfile(source, tuple(_instructions(source)))


def pairs(instruction: Instruction) -> list[tuple[str, str]]:
    """Return the names that an ENV, ARG or LABEL sets, each with its value; an ARG may have none."""
    if instruction.keyword == "ARG":
        given = (word.partition("=") for word in instruction.arguments.split())
        return [(name, _unquoted(value)) for name, _, value in given]
    if _PAIR.match(instruction.arguments):
        return [(name, _unquoted(value)) for name, value in _PAIR.findall(instruction.arguments)]
    words = instruction.arguments.split(maxsplit=1)  # the old way: one name, and all that follows
    return [(words[0], _unquoted(words[1].strip()))] if len(words) == 2 else []


def environment(instructions: list[Instruction]) -> dict[str, Instruction]:
    """Return the instruction that sets each variable of the image."""
    return {name: each for each in instructions if each.keyword == "ENV" for name, _ in pairs(each)}


def variables(text: str) -> list[str]:
    """Return the names of the variables that a text expands."""
    return _VARIABLE.findall(text)


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _instructions(source: Source) -> Iterator[Instruction]:
    lines = source.lines
    escape = _escape(lines)
    number = 0
    while number < len(lines):
        line = lines[number].strip()
        start = number
        number += 1
        if not line or line.startswith("#"):
            continue
        text = line
        while text.endswith(escape) and number < len(lines):
            following = lines[number].strip()
            number += 1
            if following.startswith("#"):
                continue  # a comment between two lines belongs to neither
            text = f"{text[:-1].rstrip()} {following}" if following else text
        keyword, _, rest = text.partition(" ")
        flags, rest = _flags(rest.strip())
        if keyword.upper() in ("RUN", "COPY", "ADD"):
            number = _behind_heredocs(lines, rest, number)
        yield Instruction(keyword.upper(), rest, flags, source, start + 1, "\n".join(lines[start:number]))


def _escape(lines: list[str]) -> str:
    for line in lines:
        if not line.startswith("#"):
            break
        found = _DIRECTIVE.match(line)
        if found:
            return found[1]
    return "\\"


def _flags(rest: str) -> tuple[tuple[tuple[str, str], ...], str]:
    flags = []
    while found := _FLAG.match(rest):
        flags.append((found[1], found[2] or ""))
        rest = rest[found.end() :]
    return tuple(flags), rest


def _behind_heredocs(lines: list[str], rest: str, number: int) -> int:
    for found in _HEREDOC.finditer(rest):
        ends = [at for at in range(number, len(lines)) if lines[at].strip() == found[2]]
        number = ends[0] + 1 if ends else len(lines)
    return number
