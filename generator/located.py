"""YAML and JSON text to data, with the place of every key and value.

PyYAML's parser reads; this module builds the data from its events, because a plain loader forgets where things
stood, lets the last of two equal keys win, turns `no` into `False` without a word, and can be made to run out
of memory or stack by a few lines.
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
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # as libyaml counts lines
_MAX_SIZE = 1_000_000  # characters
_MAX_NODES = 100_000  # keys and values, each alias counted with all that it repeats
_MAX_DEPTH = 50

# What plain text means to a reader of YAML 1.1 or 1.2, and the one way of writing it that both read alike.
_MEANINGS = (
    ("null", re.compile(r"~|null|Null|NULL|"), re.compile(r"~|null|")),
    (
        "bool",
        re.compile(r"y|Y|n|N|[Yy]es|YES|[Nn]o|NO|[Tt]rue|TRUE|[Ff]alse|FALSE|[Oo]n|ON|[Oo]ff|OFF"),
        re.compile(r"true|false"),
    ),
    (
        "int",
        re.compile(
            r"[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*|[1-9][0-9_]*(:[0-5]?[0-9])+)|0o[0-7]+",
        ),
        re.compile(r"0|-?[1-9][0-9]*"),
    ),
    (
        "float",
        re.compile(
            r"[-+]?(\.[0-9_]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*"
            r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
        ),
        re.compile(r"-?(0|[1-9][0-9]*)\.([0-9]*[1-9]|0)"),
    ),
    ("date", re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?"), re.compile(r"(?!)")),
)


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
    if len(text) > _MAX_SIZE:
        message = f"the file has {len(text)} characters, expected at most {_MAX_SIZE}"
        return Located(None, findings=(error("located/too-large", message, Span(path, 1), hint="split it"),))
    builder = _Builder(path, lines)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.events.append(event)
            if len(builder.events) > 2 * _MAX_NODES:
                break
        data = builder.document()
    except yaml.YAMLError as problem:
        return Located(None, findings=(_syntax_error(problem, path, lines),))
    except _StopReading:
        data = None
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


class _StopReading(Exception):
    """The rest of the document is not worth reading; the finding has been made."""


class _Builder:
    """Builds the data of one document from the parser's events."""

    def __init__(self, path: str, lines: list[str]) -> None:
        self.events: list[yaml.Event] = []
        self.keys: dict[KeyPath, Span] = {}
        self.values: dict[KeyPath, Span] = {}
        self.findings: list[Finding] = []
        self._path = path
        self._lines = lines
        self._anchors: dict[str, int] = {}
        self._open: set[str] = set()
        self._nodes = 0

    def document(self) -> Any:
        """Return the data of the first document; a second one is a finding."""
        starts = [
            index for index, event in enumerate(self.events) if isinstance(event, yaml.DocumentStartEvent)
        ]
        if not starts:
            return None
        if len(starts) > 1:
            hint = "keep the first document, and take out what follows the line ---"
            self._report("several-documents", "found a second document", self.events[starts[1]], hint)
        return self._node(starts[0] + 1, (), 0)[0]

    def _node(self, index: int, path: KeyPath, depth: int) -> tuple[Any, int]:
        """Return the data of the node whose first event is at `index`, and the index behind it."""
        data: Any
        event: Any = self.events[index]
        self._count(event, depth)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path, depth), index + 1
        self.values[path] = self._span(event)
        if event.anchor:
            self._anchors[event.anchor] = index
        self._open.add(event.anchor or "")
        if isinstance(event, yaml.CollectionStartEvent) and event.tag:
            self._report("tag", f"found the tag {event.tag}", event, "write the value without a tag")
        if isinstance(event, yaml.MappingStartEvent):
            data, behind = self._mapping(index + 1, path, depth)
        elif isinstance(event, yaml.SequenceStartEvent):
            data, behind = self._sequence(index + 1, path, depth)
        else:
            data, behind = self._scalar(event), index + 1
        self._open.discard(event.anchor or "")
        if getattr(event, "flow_style", False):
            self.values[path] = self._span(event, self.events[behind - 1])
        return data, behind

    def _count(self, event: yaml.Event, depth: int) -> None:
        self._nodes += 1
        if self._nodes > _MAX_NODES:
            hint = "aliases that name aliases multiply; write the values out"
            self._report("too-large", f"found more than {_MAX_NODES} keys and values", event, hint)
            raise _StopReading
        if depth > _MAX_DEPTH:
            self._report(
                "too-deep",
                f"found more than {_MAX_DEPTH} levels of maps and lists",
                event,
                "write it flatter",
            )
            raise _StopReading

    def _alias(self, event: yaml.AliasEvent, path: KeyPath, depth: int) -> Any:
        name = str(event.anchor)
        if name in self._open:
            self._report(
                "alias", f"*{name} stands inside of what &{name} names", event, "write the values out"
            )
            return None
        if name not in self._anchors:
            self._report("alias", f"found *{name}, and no &{name} before it", event, "mend the name")
            return None
        return self._node(self._anchors[name], path, depth)[0]

    def _sequence(self, index: int, path: KeyPath, depth: int) -> tuple[list[Any], int]:
        data: list[Any] = []
        while not isinstance(self.events[index], yaml.SequenceEndEvent):
            item, index = self._node(index, (*path, len(data)), depth + 1)
            data.append(item)
        return data, index + 1

    def _mapping(self, index: int, path: KeyPath, depth: int) -> tuple[dict[str, Any], int]:
        data: dict[str, Any] = {}
        while not isinstance(self.events[index], yaml.MappingEndEvent):
            event = self.events[index]
            if isinstance(event, yaml.ScalarEvent) and event.value == "<<" and not event.style:
                index = self._merge(index + 1, data, path, depth)
                continue
            key = self._key(event)
            if key is None or key in data:
                if key is not None:
                    self._duplicate(key, event, self.keys[(*path, key)])
                index = self._node(self._skip(index), ("", *path, len(self.findings)), depth + 1)[1]
                continue
            self.keys[(*path, key)] = self._span(event)
            data[key], index = self._node(index + 1, (*path, key), depth + 1)
        return data, index + 1

    def _key(self, event: yaml.Event) -> str | None:
        """Return the text of a key, or None when it is no text."""
        if not isinstance(event, yaml.ScalarEvent):
            self._report(
                "not-a-key", "found a list, a map or an alias as a key", event, "write one word as the key"
            )
            return None
        meaning = None if event.style else _plain_meaning(event.value)
        if meaning:
            message = f"found the key {event.value}, which YAML readers take for {meaning}"
            self._report("ambiguous-scalar", message, event, f'write "{event.value}" in quotes')
        return str(event.value)

    def _skip(self, index: int) -> int:
        """Return the index behind a key."""
        depth = 0
        while True:
            event = self.events[index]
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            index += 1
            if depth == 0:
                return index

    def _merge(self, index: int, data: dict[str, Any], path: KeyPath, depth: int) -> int:
        """Put the pairs of `<<: *alias` into `data`, as if they stood here."""
        event = self.events[index]
        merged, behind = self._node(index, ("<<", *path, index), depth + 1)
        for source in merged if isinstance(merged, list) else [merged]:
            if not isinstance(source, dict):
                self._report(
                    "not-a-map", "only a map can be merged with <<", event, "name a map with an anchor"
                )
                return behind
            for key, value in source.items():
                if key in data:
                    self._duplicate(key, event, self.keys[(*path, key)])
                    continue
                data[key] = value
                self.keys[(*path, key)] = self._span(event)
                for inner, _ in leaves(value):
                    self.values[(*path, key, *inner)] = self._span(event)
        return behind

    def _duplicate(self, key: str, event: yaml.Event, first: Span) -> None:
        self.findings.append(
            error(
                "located/duplicate-key",
                f'found "{key}" twice in one map',
                self._span(event),
                notes=(Note("the first stands here", first),),
                hint="keep one of the two: YAML readers disagree on which of them wins",
            )
        )

    def _scalar(self, event: yaml.ScalarEvent) -> Any:
        text = event.value
        if event.tag and event.tag != "tag:yaml.org,2002:str":
            self._report("tag", f"found the tag {event.tag}", event, "write the value without a tag")
            return text
        if event.style or event.tag:
            return text
        for kind, looks, is_clear in _MEANINGS:
            if looks.fullmatch(text):
                if is_clear.fullmatch(text) and len(text) < 20:
                    return _value(kind, text)
                meaning = _meaning(kind, text)
                message = f"found {text}, which YAML readers take for {meaning}"
                clear = f", or {meaning.split()[-1]}" if kind in ("bool", "int", "float", "null") else ""
                self._report("ambiguous-scalar", message, event, f'write "{text}" for the text{clear}')
                return text
        return text

    def _report(self, name: str, message: str, event: yaml.Event, hint: str) -> None:
        self.findings.append(error(f"located/{name}", message, self._span(event), hint=hint))

    def _span(self, event: yaml.Event, last: yaml.Event | None = None) -> Span:
        start: Any = event.start_mark
        end: Any = (last or event).end_mark
        text = self._lines[start.line] if start.line < len(self._lines) else ""
        length = (end.column if end.line == start.line else len(text)) - start.column
        return Span(self._path, start.line + 1, start.column + 1, max(length, 1), text)


def _plain_meaning(text: str) -> str:
    """Return what text without quotes means to a reader of YAML, or nothing when it is just text."""
    return next((_meaning(kind, text) for kind, looks, _ in _MEANINGS if looks.fullmatch(text)), "")


def _value(kind: str, text: str) -> Any:
    if kind == "null":
        return None
    return text == "true" if kind == "bool" else int(text) if kind == "int" else float(text)


def _meaning(kind: str, text: str) -> str:
    """Say what readers make of a plain scalar that looks like something else."""
    if kind == "null":
        return "null"
    if kind == "date":
        return "a date"
    if kind == "bool":
        return f"the boolean {'true' if text.lower() in ('y', 'yes', 'on', 'true') else 'false'}"
    if len(text) >= 20:
        return "a number that loses digits"
    digits = text.replace("_", "").lstrip("+")
    try:
        if kind == "float":
            return f"the number {float(digits):g}" if ":" not in digits else "a number to the base of 60"
        if ":" in digits:
            return f"the number {_sexagesimal(digits)}"
        octal = re.fullmatch(r"-?0o?([0-7]+)", digits)
        return f"the number {int(octal[1], 8) if octal else int(digits, 0)}"
    except ValueError:
        return "a number"


def _sexagesimal(digits: str) -> int:
    total = 0
    for part in digits.lstrip("-").split(":"):
        total = total * 60 + int(part)
    return -total if digits.startswith("-") else total


def _syntax_error(problem: yaml.YAMLError, path: str, lines: list[str]) -> Finding:
    if not isinstance(problem, yaml.MarkedYAMLError) or problem.problem_mark is None:
        return _unreadable(problem, path, lines)
    mark = problem.problem_mark
    if problem.context_mark and not "".join(lines[mark.line :]).strip():
        mark = problem.context_mark  # the end of the file says nothing; what is not closed does
    message = f"not YAML: {problem.problem}" + (f" {problem.context}" if problem.context else "")
    text = lines[mark.line] if mark.line < len(lines) else ""
    hint = "check the indentation, colons and quotes of this line and the one before"
    if "\t" in text:
        hint = "indent with spaces; YAML allows no tabs there"
    return error("located/syntax", message, Span(path, mark.line + 1, mark.column + 1, 1, text), hint=hint)


def _unreadable(problem: yaml.YAMLError, path: str, lines: list[str]) -> Finding:
    """Return the finding for a character that YAML allows nowhere."""
    found = (
        (number, re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", line))
        for number, line in enumerate(lines, start=1)
    )
    number, match = next(((number, match) for number, match in found if match), (1, None))
    message = f"not YAML: {getattr(problem, 'reason', None) or problem}"
    column = match.start() + 1 if match else 1
    if match:
        message = f"not YAML: the control character U+{ord(match[0]):04X}"
    return error(
        "located/syntax",
        message,
        Span(path, number, column, 1, lines[number - 1] if lines else ""),
        hint='take it out; inside double quotes it can be written as \\x and its number: "\\x1b"',
    )
