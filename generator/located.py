"""YAML and JSON text to data, with the place of every key and value.

PyYAML's parser does the reading; this module builds the data itself, because a plain loader forgets where
things stood, lets the last of two equal keys win, and turns `no` into `False` without a word.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from generator.findings import Finding, Note, Span, error

KeyPath = tuple[str | int, ...]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_NODES = 100_000
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # as libyaml counts lines
_TAG = "tag:yaml.org,2002:"

# The scalars that YAML 1.1 and YAML 1.2 read alike, and that print back as they were written.
_PLAIN = {
    "null": re.compile(r"null|~|"),
    "bool": re.compile(r"true|false"),
    "int": re.compile(r"0|-?[1-9][0-9]*"),
    "float": re.compile(r"-?(0|[1-9][0-9]*)\.([0-9]*[1-9]|0)"),
}
# Numbers of YAML 1.2 that are text in YAML 1.1: 1e3 and 0o17.
_NEW_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+|0o[0-7]+")


@dataclass(frozen=True, slots=True)
class Located:
    """Data and where it stands: `keys` has the place of each key, `values` that of each value."""

    data: Any
    keys: dict[KeyPath, Span] = field(default_factory=dict)
    values: dict[KeyPath, Span] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def at(self, path: KeyPath) -> Span | None:
        """Return the place of the key at `path`, of its value where it has no key, or of its nearest parent."""
        for end in range(len(path), -1, -1):
            span = self.keys.get(path[:end]) or self.values.get(path[:end])
            if span:
                return span
        return None


def load(text: str, path: str) -> Located:
    """Read one YAML (or JSON) document. What is wrong with it is in `findings`; then `data` may be incomplete."""
    lines = _LINE_BREAK.split(text)
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except (yaml.MarkedYAMLError, yaml.reader.ReaderError) as problem:
        return Located(None, findings=(_syntax_error(problem, path, lines),))
    if node is None:
        return Located(None)
    builder = _Builder(path, lines)
    data = builder.build(node, ())
    return Located(data, builder.keys, builder.values, tuple(builder.findings))


def format_path(path: KeyPath) -> str:
    """Write a key path as people do: `services.backend.ports[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def nearest(word: str, choices: list[str]) -> str:
    """Return the hint that names the most similar of `choices`, or nothing."""
    matches = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    return f'did you mean "{matches[0]}"?' if matches else ""


def leaves(data: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Yield every scalar of `data` with its path, in order."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from leaves(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from leaves(value, (*path, index))
    else:
        yield path, data


class _Builder:
    """Builds the data of one document from PyYAML's nodes."""

    def __init__(self, path: str, lines: list[str]) -> None:
        self.path = path
        self.lines = lines
        self.keys: dict[KeyPath, Span] = {}
        self.values: dict[KeyPath, Span] = {}
        self.findings: list[Finding] = []
        self._nodes = 0

    def build(self, node: yaml.Node, path: KeyPath) -> Any:
        self._nodes += 1
        if self._nodes > _MAX_NODES:
            return None
        if self._nodes == _MAX_NODES:
            self._report("too-large", f"more than {_MAX_NODES} values", node, "aliases repeat what they name")
        self.values[path] = self._span(node)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node) if isinstance(node, yaml.ScalarNode) else None

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in self._pairs(node):
            key = key_node.value
            if not isinstance(key_node, yaml.ScalarNode):
                self._report("not-a-key", "a key must be one word, not a list or map", key_node, "")
                continue
            if key in data:
                first = self.keys[(*path, key)]
                self.findings.append(
                    error(
                        "located/duplicate-key",
                        f'found "{key}" twice in one map',
                        self._span(key_node),
                        notes=(Note("the first stands here", first),),
                        hint="keep one of the two: YAML readers disagree on which of them wins",
                    )
                )
                continue
            self.keys[(*path, key)] = self._span(key_node)
            data[key] = self.build(value_node, (*path, key))
        return data

    def _pairs(self, node: yaml.MappingNode) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        """Yield the pairs of a map, with those of `<<: *alias` in its place."""
        for key, value in node.value:
            if key.tag != _TAG + "merge":
                yield key, value
                continue
            for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                if isinstance(source, yaml.MappingNode):
                    yield from self._pairs(source)
                else:
                    self._report("not-a-map", "only a map can be merged with <<", source, "")

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        text: str = node.value
        kind = node.tag.removeprefix(_TAG)
        if node.style or (kind in ("str", "value") and not _NEW_NUMBER.fullmatch(text)):
            return text
        if kind not in _PLAIN or not _PLAIN[kind].fullmatch(text):
            meaning = _meaning(kind, node)
            message = f"found {text}, which YAML reads as {meaning}"
            self._report(
                "ambiguous-scalar", message, node, f'write "{text}" for the text, or {meaning.split()[-1]}'
            )
            return text
        if kind == "null":
            return None
        if kind == "bool":
            return text == "true"
        return int(text) if kind == "int" else float(text)

    def _report(self, name: str, message: str, node: yaml.Node, hint: str) -> None:
        self.findings.append(error(f"located/{name}", message, self._span(node), hint=hint))

    def _span(self, node: yaml.Node) -> Span:
        start, end = node.start_mark, node.end_mark
        text = self.lines[start.line] if start.line < len(self.lines) else ""
        same_line = end.line == start.line
        length = (end.column if same_line else len(text)) - start.column
        return Span(self.path, start.line + 1, start.column + 1, max(length, 1), text)


def _meaning(kind: str, node: yaml.ScalarNode) -> str:
    """Say what a YAML reader makes of a plain scalar that looks like something else."""
    if kind == "bool":
        return f"the boolean {'true' if node.value.lower() in ('y', 'yes', 'on', 'true') else 'false'}"
    if kind == "null":
        return "null"
    if kind == "timestamp":
        return "a date"
    number = float(node.value) if kind == "str" and "o" not in node.value else yaml.safe_load(node.value)
    return f"the number {int(node.value[2:], 8) if isinstance(number, str) else number}"


def _syntax_error(problem: yaml.YAMLError, path: str, lines: list[str]) -> Finding:
    if not isinstance(problem, yaml.MarkedYAMLError) or problem.problem_mark is None:
        return error(
            "located/syntax",
            f"not readable as YAML: {getattr(problem, 'reason', problem)}",
            Span(path, 1, 1, 1, lines[0] if lines else ""),
            hint="save the file as UTF-8 text without control characters",
        )
    mark = problem.problem_mark
    if problem.context_mark and not "".join(lines[mark.line :]).strip():
        mark = problem.context_mark  # the end of the file says nothing; what is not closed does
    message = f"not YAML: {problem.problem}" + (f" {problem.context}" if problem.context else "")
    text = lines[mark.line] if mark.line < len(lines) else ""
    hint = "check the indentation, colons and quotes of this line and the one before"
    if "\t" in text:
        hint = "indent with spaces; YAML allows no tabs there"
    return error("located/syntax", message, Span(path, mark.line + 1, mark.column + 1, 1, text), hint=hint)
