"""Mistakes made at random in the real values and templates: each is told at its line, and nothing is written.

A mutation changes one line. What is told has to stand on that line, or where the mistake can only be seen from: the
map that lacks the key, the block that is not closed, the line at which a value that is gone is used.
"""

from __future__ import annotations

import json
import random
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from generator.values.defaults import with_defaults
from generator.values.layers import merge
from tests.conftest import ROOT, Sandbox

_KEY = re.compile(r"( *)([a-z_]+):(?: (.*))?")
_PLACE = re.compile(r"^(\S[^:\n]*):(\d+):\d+: error\[", re.MULTILINE)
_NOTE = re.compile(r"^ +(?:= note:|[a-z]+) +(\S[^:\n]*):(\d+)\b", re.MULTILINE)
_EXPRESSION = re.compile(r"(?<!\$)\{\{ [a-z_]+(\.[a-z_]+)+")  # not the ${{ of GitHub, which is text here


@dataclass(frozen=True, slots=True)
class Mutation:
    """One mistake: the new content of a file, and the lines at which it may be told; `kind` is what was done."""

    kind: str
    path: str
    content: bytes
    lines: frozenset[int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the command said of one mutation: `told` is whether a finding stands on one of its lines."""

    mutation: Mutation
    status: int
    told: bool
    output: str
    untouched: bool

    @property
    def right(self) -> bool:
        """Whether it failed as it should, without a traceback, and wrote nothing."""
        return self.status in (1, 2) and "Traceback" not in self.output and self.untouched


Lines = list[str]
Maker = Callable[[Lines, int], Iterator[tuple[Lines, set[int]]]]


def _drop(lines: Lines, at: int) -> Iterator[tuple[Lines, set[int]]]:
    """Take a line with a key out; the map around it lacks the key."""
    key = _KEY.fullmatch(lines[at])
    if key and key[3]:
        yield lines[:at] + lines[at + 1 :], {_parent(lines, at) or _first(lines)}


def _rename(lines: Lines, at: int) -> Iterator[tuple[Lines, set[int]]]:
    key = _KEY.fullmatch(lines[at])
    if key:
        yield _with(lines, at, f"{key[1]}{key[2]}x:" + (f" {key[3]}" if key[3] else "")), {at + 1}


def _retype(lines: Lines, at: int) -> Iterator[tuple[Lines, set[int]]]:
    key = _KEY.fullmatch(lines[at])
    if key and key[3] and key[3][0] not in "&*|>":
        yield _with(lines, at, f"{key[1]}{key[2]}: [[{{}}]]"), {at + 1}


def _duplicate(lines: Lines, at: int) -> Iterator[tuple[Lines, set[int]]]:
    key = _KEY.fullmatch(lines[at])
    if key and key[3]:
        yield [*lines[: at + 1], lines[at], *lines[at + 1 :]], {at + 2}


def _truncate(lines: Lines, at: int) -> Iterator[tuple[Lines, set[int]]]:
    """End the file within the line: behind a key and before its colon."""
    key = _KEY.fullmatch(lines[at])
    if key:
        yield [*lines[:at], key[1] + key[2]], {at + 1}


def _swap(lines: Lines, at: int) -> Iterator[tuple[Lines, set[int]]]:
    """Exchange a map's first line with the line above, its key."""
    if at + 1 < len(lines):
        first, second = _KEY.fullmatch(lines[at]), _KEY.fullmatch(lines[at + 1])
        if first and second and first[3] is None and second[3] and len(second[1]) > len(first[1]):
            yield [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]], {at + 1, at + 2}


def _corrupt(lines: Lines, at: int) -> Iterator[tuple[Lines, set[int]]]:
    """Put a byte into the line that is no text: it is written as a lone surrogate, and becomes the byte 0xff."""
    if len(lines[at].strip()) > 3:
        middle = len(lines[at]) // 2
        for byte in ("\udcff", "\udc80", "\x07"):
            yield _with(lines, at, lines[at][:middle] + byte + lines[at][middle:]), {at + 1}


def _template_drop(lines: Lines, at: int) -> Iterator[tuple[Lines, set[int]]]:
    """Take an end tag out: the block that it closed is open to the end, or to the tag of the one around it."""
    if re.fullmatch(r"\s*\{% end(if|for) %\}\s*", lines[at]):
        opened = _opened(lines, at)
        rest = lines[:at] + lines[at + 1 :]
        yield rest, {opened + 1} | set(range(at + 1, len(rest) + 1))


def _template_rename(lines: Lines, at: int) -> Iterator[tuple[Lines, set[int]]]:
    if found := _EXPRESSION.search(lines[at]):
        yield _with(lines, at, lines[at][: found.end()] + "x" + lines[at][found.end() :]), {at + 1}


def _template_retype(lines: Lines, at: int) -> Iterator[tuple[Lines, set[int]]]:
    """Put a value through a filter that there is not, or call it."""
    if found := _EXPRESSION.search(lines[at]):
        for more in (" | uper", "()", " | safe"):
            yield _with(lines, at, lines[at][: found.end()] + more + lines[at][found.end() :]), {at + 1}


def _template_duplicate(lines: Lines, at: int) -> Iterator[tuple[Lines, set[int]]]:
    if re.fullmatch(r"\s*\{% (if|for) .*%\}\s*", lines[at]):
        again = [*lines[: at + 1], lines[at], *lines[at + 1 :]]
        yield again, {at + 1, at + 2} | set(range(at + 2, len(again) + 1))


def _template_truncate(lines: Lines, at: int) -> Iterator[tuple[Lines, set[int]]]:
    if found := re.search(r"\{\{ \w+", lines[at]):
        yield [*lines[:at], lines[at][: found.end()]], {at + 1}


def _template_swap(lines: Lines, at: int) -> Iterator[tuple[Lines, set[int]]]:
    """Exchange the two characters that end an expression with those that begin one."""
    if "{{ " in lines[at] and " }}" in lines[at] and "${{" not in lines[at]:
        yield _with(lines, at, lines[at].replace(" }}", " {{", 1)), {at + 1}


_VALUES: dict[str, Maker] = {
    "drop a key": _drop,
    "rename a key": _rename,
    "retype a value": _retype,
    "duplicate a line": _duplicate,
    "truncate a file": _truncate,
    "swap two lines": _swap,
    "corrupt a byte": _corrupt,
}
_TEMPLATES: dict[str, Maker] = {
    "drop an end tag": _template_drop,
    "rename an attribute": _template_rename,
    "change an expression": _template_retype,
    "duplicate a tag": _template_duplicate,
    "truncate a template": _template_truncate,
    "swap braces": _template_swap,
    "corrupt a template's byte": _corrupt,
}


def mutations(count: int, seed: int = 0) -> list[Mutation]:
    """Return `count` mutations, as many of each kind as of the others."""
    chance = random.Random(seed)
    files = [
        *(("values", path) for path in sorted((ROOT / "environments").glob("*.yaml"))),
        *(("template", path) for path in sorted((ROOT / "templates").rglob("*.j2"))),
    ]
    made: dict[str, list[Mutation]] = {kind: [] for kind in (*_VALUES, *_TEMPLATES)}
    for what, path in files:
        lines = path.read_text("utf-8").split("\n")
        shown = path.relative_to(ROOT).as_posix()
        for kind, maker in (_VALUES if what == "values" else _TEMPLATES).items():
            for at in range(len(lines)):
                if lines[at].lstrip().startswith("#"):
                    continue
                for after, told in maker(lines, at):
                    content = "\n".join(after).encode("utf-8", "surrogateescape")
                    made[kind].append(Mutation(kind, shown, content, frozenset(told)))
    for each in made.values():
        chance.shuffle(each)
    share = -(-count // len(made))
    right = (islice(filter(_is_mistake, each), share) for each in made.values())
    return list(islice(chain.from_iterable(right), count))


class Judge:
    """Runs the command on one mutation after the other, in a copy of the project with its output."""

    def __init__(self, folder: Path) -> None:
        self._project = Sandbox(folder)
        for name in ("environments", "templates", "out/prod"):
            shutil.copytree(ROOT / name, folder / name)
        self._before = self._project.snapshot()

    def verdict(self, mutation: Mutation) -> Verdict:
        """Say what became of a mutation."""
        place = self._project.root / mutation.path
        right = place.read_bytes()
        place.write_bytes(mutation.content)
        try:
            name = Path(mutation.path).stem
            values = mutation.path.startswith("environments/") and name != "base"
            result = self._project.oetgen("render", name if values else "prod")
        finally:
            place.write_bytes(right)
        output = result.out + result.err
        told = {(path, int(line)) for pattern in (_PLACE, _NOTE) for path, line in pattern.findall(output)}
        found = any((mutation.path, line) in told for line in mutation.lines)
        before, self._before = self._before, self._project.snapshot()
        return Verdict(mutation, result.status, found, output, self._before == before)


def report(verdicts: list[Verdict]) -> str:
    """Return how many mutations there were of each kind, and the share that was told at its line."""
    every, told = Counter(each.mutation.kind for each in verdicts), Counter[str]()
    told.update(each.mutation.kind for each in verdicts if each.told)
    lines = [f"{told[kind]:4} of {every[kind]:4}  {kind}" for kind in every]
    total, right = sum(told.values()), sum(each.right for each in verdicts)
    lines.append(
        f"{len(verdicts)} mistakes: {right} failed without a traceback and left out/ alone, "
        f"{total} ({total / len(verdicts):.1%}) were told at their line"
    )
    return "\n".join(lines)


def _with(lines: Lines, at: int, line: str) -> Lines:
    return [*lines[:at], line, *lines[at + 1 :]]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _parent(lines: Lines, at: int) -> int:
    """Return the number of the line that holds the map around the line at `at`, or 0."""
    inner = _indent(lines[at])
    above = (
        index for index in range(at, -1, -1) if _KEY.match(lines[index]) and _indent(lines[index]) < inner
    )
    return next(above, -1) + 1


def _first(lines: Lines) -> int:
    """Return the number of the first line with a key."""
    return next(index for index, line in enumerate(lines, start=1) if _KEY.match(line))


def _is_mistake(mutation: Mutation) -> bool:
    """Return whether values without a key are no longer valid: jsonschema decides, about the merged values."""
    if mutation.kind not in ("drop a key", "rename a key"):
        return True
    folder, changed = ROOT / "environments", Path(mutation.path).stem
    data: dict[str, Any] = {}
    for name in dict.fromkeys(("base", *(("prod",) if changed != "dev" else ()), changed)):
        text = mutation.content if changed == name else (folder / f"{name}.yaml").read_bytes()
        try:
            layer = yaml.load(text, yaml.CSafeLoader)
        except yaml.YAMLError:
            return True
        data = merge(data, layer or {})  # an empty overlay changes nothing
    schema = json.loads((folder / "schema.json").read_text("utf-8"))
    return not Draft202012Validator(schema).is_valid(with_defaults(data))


def _opened(lines: Lines, at: int) -> int:
    """Return the index of the line with the tag that the end tag at `at` closes."""
    depth = 0
    for index in range(at, -1, -1):
        depth += len(re.findall(r"\{% end(?:if|for|macro|call) ", lines[index]))
        depth -= len(re.findall(r"\{% (?:if|for|macro|call) ", lines[index]))
        if depth <= 0:
            return index
    return 0
