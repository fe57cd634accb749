"""Shell code that the pipelines of other services than GitHub run, and the recipes of Makefiles, with its places."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from generator.findings import Span
from generator.languages.embedded import Embedded, Path
from generator.languages.node import Leaf, Map, Node, Seq
from generator.languages.shell.read import parse as parse_shell
from generator.languages.shell.script import Script
from generator.languages.source import Source

LANGUAGES = ("circleci", "cloudbuild", "gitlab", "pipeline", "taskfile")
# What the service puts in before the shell sees the text; as long as before, and with the sign of a variable.
_INSERTED = re.compile(r"\{\{.*?\}\}|<<\s*(?:parameters|pipeline)\..*?>>|\$\[\[.*?\]\]|\$\$", re.DOTALL)
_RECIPE = re.compile(r"^\t[@+-]*((?:[^\n\\]|\\.|\\\n)*)", re.MULTILINE)
_PROGRAMS = frozenset("docker gcloud gsutil helm kubectl terraform".split())


@dataclass(frozen=True)
class Code:
    """Shell code, or one command: `place` returns the place of a part."""

    source: Source
    script: Script
    place: Callable[[int, int], Span]


def codes(source: Source, node: Node) -> Iterator[Code]:
    """Yield the shell code in a pipeline."""
    places = dict(_leaves(node))
    document = Embedded(source.language, {path: leaf.text for path, leaf in places.items()})
    for path, leaf in places.items():
        if document.language(path) == "shell":
            yield Code(source, parse_shell(_INSERTED.sub(_variable, leaf.text)), leaf.place)
    if source.language == "cloudbuild" and isinstance(node, Map):
        for step in node.maps("steps"):
            yield from _builder(source, step)


def recipes(source: Source) -> Iterator[Code]:
    """Yield each recipe of a Makefile."""
    for found in _RECIPE.finditer(source.text):
        text = re.sub(r"\$\((\w+)\)", r"${\1}", found[1]).replace("$$", "$ ")
        yield Code(source, parse_shell(text), _after(source, found.start(1)))


def _after(source: Source, start: int) -> Callable[[int, int], Span]:
    def place(offset: int, length: int = 1) -> Span:
        return source.at(start + offset, length)

    return place


def _variable(found: re.Match[str]) -> str:
    return "$" + "x" * (len(found[0]) - 1)


def _leaves(node: Node, path: Path = ()) -> Iterator[tuple[Path, Leaf]]:
    if isinstance(node, Leaf):
        yield path, node
    elif isinstance(node, Map):
        for key, inner in node.entries.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(node, Seq):
        for index, item in enumerate(node.items):
            yield from _leaves(item, (*path, index))


def _builder(source: Source, step: Map) -> Iterator[Code]:
    """Yield the command of a step of Cloud Build whose builder is one program, such as cloud-builders/kubectl."""
    program = step.text("entrypoint") or step.text("name").partition(":")[0].rpartition("/")[2]
    words = step.seq("args").leaves()
    if program not in _PROGRAMS or not words:
        return
    text, starts = program, [(0, words[0])]
    for word in words:
        text += " "
        starts.append((len(text), word))
        text += shlex.quote(word.text)

    def place(offset: int, length: int = 1) -> Span:
        return next(word for start, word in reversed(starts) if start <= offset).at

    yield Code(source, parse_shell(text), place)
