"""Dockerfiles to nodes: stages, and the instructions of each.

An instruction that sets something (`ENV PORT=8000`, `USER 1001`) is known by what it sets, the others by their text.
"""

from __future__ import annotations

import re

from generator.languages.node import Leaf, Map, Node, ReadResult, Seq
from generator.languages.source import Source

_INSTRUCTION = re.compile(r"\s*([A-Za-z]+)(?:\s+(.*))?", re.DOTALL)
_HEREDOC = re.compile(r"""<<-?\s*["']?([A-Za-z_]\w*)["']?""")
_STAGE = re.compile(r"(\S+)(?:\s+AS\s+(\S+))?\s*", re.IGNORECASE)
_SEPARATOR = re.compile(r"[=\s]")
_FLAG = re.compile(r"--\S+\s+")
_KEYED = frozenset(["ENV", "ARG", "LABEL"])
_SINGLE = frozenset(["USER", "WORKDIR", "CMD", "ENTRYPOINT", "HEALTHCHECK", "STOPSIGNAL", "SHELL"])


def read(source: Source) -> ReadResult:
    """Return the stages of a Dockerfile by name (of one without a name, its number), each a list of instructions."""
    stages: dict[str, tuple[int, list[Node]]] = {"before the first stage": (1, [])}
    for line, name, rest in _instructions(source.text):
        if name == "FROM":
            found = _STAGE.match(_FLAG.sub("", rest))
            stage = (found[2] if found else None) or str(len(stages) - 1)
            stages[stage] = (line, [_instruction(source, line, "FROM", found[1] if found else rest)])
        else:
            stages[next(reversed(stages))][1].append(_instruction(source, line, name, rest))
    entries = {
        name: Seq(tuple(nodes), source=source, start=source.offset(line))
        for name, (line, nodes) in stages.items()
        if nodes
    }
    return ReadResult(Map(entries, source=source))


def _instruction(source: Source, line: int, name: str, rest: str) -> Leaf:
    """Return an instruction with what it is known by when it changes."""
    text = f"{name} {rest}".strip()
    known = text
    if name in _KEYED:
        known = f"{name} {_SEPARATOR.split(rest, maxsplit=1)[0]}"
    elif name in _SINGLE or name == "FROM":
        known = name
    return Leaf(text, text=text, name=known, source=source, start=source.offset(line))


def _instructions(text: str) -> list[tuple[int, str, str]]:
    """Return line, name and the rest of each instruction, continued lines and here-documents put together."""
    found: list[tuple[int, str, str]] = []
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        start, code = number + 1, ""
        while number < len(lines):
            line = lines[number]
            number += 1
            if line.lstrip().startswith("#") or (code and not line.strip()):
                continue  # a comment, or an empty line inside of an instruction
            code += line.rstrip()
            if not code.endswith("\\"):
                break
            code = code[:-1].rstrip() + " "
        match = _INSTRUCTION.fullmatch(code)
        if not match:
            continue
        body, number = _heredocs(code, lines, number)
        found.append((start, match[1].upper(), " ".join((match[2] or "").split()) + body))
    return found


def _heredocs(code: str, lines: list[str], number: int) -> tuple[str, int]:
    body: list[str] = []
    for word in _HEREDOC.findall(code):
        while number < len(lines):
            line = lines[number]
            number += 1
            body.append(line)
            if line.strip() == word:
                break
    return "".join(f"\n{line}" for line in body), number
