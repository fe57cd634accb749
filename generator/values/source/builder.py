"""Build the data of one document from the parser's events, with the place of every key and value."""

from __future__ import annotations

from typing import Any, NoReturn

import yaml

from generator.findings import Finding, Note, Span, error
from generator.values.source.paths import KeyPath, leaves
from generator.values.source.scalars import ODD_SPACE, clear_value, meaning, short, ways_out

MAX_NODES = 100_000  # keys and values, each alias counted with all that it repeats
MAX_DEPTH = 50


class StopReadingError(Exception):
    """The rest of the document is not read; the finding is reported already."""


def no_value(at: Span) -> Finding:
    """Return the finding for a key, at `at`, without a value: it looks empty, but is null in YAML."""
    message = "found no value, which YAML readers read as null"
    return error("located/ambiguous-scalar", message, at, hint=ways_out(""))


class Builder:
    """Builds data from `events`, which the caller fills."""

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
        """Return the data of the first document; a second one is a finding. Raises StopReadingError."""
        starts = [
            index for index, event in enumerate(self.events) if isinstance(event, yaml.DocumentStartEvent)
        ]
        if not starts:
            return None
        if len(starts) > 1:
            hint = "keep the first document, and remove what follows the line ---"
            self._report("several-documents", "found a second document", self.events[starts[1]], hint)
        return self._node(starts[0] + 1, (), 0)[0]

    def _node(self, index: int, path: KeyPath, depth: int) -> tuple[Any, int]:
        """Return the data of the node whose first event is at `index`, and the index after it."""
        data: Any
        event: Any = self.events[index]
        self._count(event, depth)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path, depth), index + 1
        self.values[path] = self._span(event)
        if event.anchor:
            self._anchors[event.anchor] = index
        self._open.add(event.anchor or "")
        self._refuse_tag(event)
        if isinstance(event, yaml.MappingStartEvent):
            data, after = self._mapping(index + 1, path, depth)
        elif isinstance(event, yaml.SequenceStartEvent):
            data, after = self._sequence(index + 1, path, depth)
        else:
            data, after = self._scalar(event, path), index + 1
        self._open.discard(event.anchor or "")
        if getattr(event, "flow_style", False):
            self.values[path] = self._span(event, self.events[after - 1])
        return data, after

    def too_large(self, event: yaml.Event) -> NoReturn:
        """Report that there are too many values. Raises StopReadingError."""
        hint = "write fewer values; aliases that name aliases multiply"
        self._report("too-large", f"found more than {MAX_NODES:,} keys and values", event, hint)
        raise StopReadingError

    def too_deep(self, event: yaml.Event) -> NoReturn:
        """Report that values are nested too deeply. Raises StopReadingError."""
        message = f"found more than {MAX_DEPTH} levels of maps and lists"
        self._report("too-deep", message, event, "write it flatter, and close every [ and {")
        raise StopReadingError

    def _count(self, event: yaml.Event, depth: int) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self.too_large(event)
        if depth > MAX_DEPTH:
            self.too_deep(event)

    def _alias(self, event: yaml.AliasEvent, path: KeyPath, depth: int) -> Any:
        name = str(event.anchor)
        if name in self._open:
            message = f"*{name} is inside the value that &{name} names"
            self._report("alias", message, event, "write the values instead of the alias")
            return None
        if name not in self._anchors:
            hint = "fix the name, or quote text that begins with *"
            self._report("alias", f"found *{name} without &{name} before it", event, hint)
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
        """Return the text of a key, or None for another kind of key."""
        if not isinstance(event, yaml.ScalarEvent):
            hint = "write a word as the key"
            self._report("not-a-key", "found a list, a map or an alias as a key", event, hint)
            return None
        self._refuse_tag(event)
        if not event.style:
            self._refuse_odd_space(event)
            reading = "" if event.tag else meaning(event.value)
            if reading:
                name = short(event.value) or "without text"
                message = f"found the key {name}, which YAML readers read as {reading}"
                self._report("ambiguous-scalar", message, event, f'quote it: "{short(event.value)}"')
        return str(event.value)

    def _skip(self, index: int) -> int:
        """Return the index after a key."""
        depth = 0
        while True:
            event = self.events[index]
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            index += 1
            if depth == 0:
                return index

    def _merge(self, index: int, data: dict[str, Any], path: KeyPath, depth: int) -> int:
        """Add the pairs of `<<: *alias` to `data`, and return the index after them."""
        event = self.events[index]
        merged, after = self._node(index, ("<<", *path, index), depth + 1)
        for source in merged if isinstance(merged, list) else [merged]:
            if not isinstance(source, dict):
                hint = "name a map with an anchor"
                self._report("not-a-map", "only a map can be merged with <<", event, hint)
                return after
            for key, value in source.items():
                if key in data:
                    self._duplicate(key, event, self.keys[(*path, key)])
                    continue
                data[key] = value
                self.keys[(*path, key)] = self._span(event)
                for inner, _ in leaves(value):
                    self.values[(*path, key, *inner)] = self._span(event)
        return after

    def _duplicate(self, key: str, event: yaml.Event, first: Span) -> None:
        self.findings.append(
            error(
                "located/duplicate-key",
                f'found "{key}" twice in one map',
                self._span(event),
                notes=(Note("the first one is here", first),),
                hint="keep one of the two: YAML readers disagree about which one counts",
            )
        )

    def _scalar(self, event: yaml.ScalarEvent, path: KeyPath) -> Any:
        if event.style or event.tag:
            return event.value
        self._refuse_odd_space(event)
        is_clear, value = clear_value(event.value)
        if is_clear:
            return value
        if not event.value:
            self.findings.append(no_value(self.keys.get(path) or self._span(event)))
            return None
        message = f"found {short(event.value)}, which YAML readers read as {meaning(event.value)}"
        self._report("ambiguous-scalar", message, event, ways_out(event.value))
        return event.value

    def _refuse_tag(self, event: Any) -> None:
        if event.tag and event.tag != "tag:yaml.org,2002:str":
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._report("tag", f"found the tag {tag}", event, "write the value without a tag")

    def _refuse_odd_space(self, event: yaml.ScalarEvent) -> None:
        found = ODD_SPACE.search(str(event.value))
        if found:
            point = ord(found[0])
            message = f"found the character U+{point:04X}, which looks like a space or is invisible"
            hint = f'remove it, or write it as "\\u{point:04x}" in double quotes'
            self._report("unseen-character", message, event, hint)

    def _report(self, name: str, message: str, event: yaml.Event, hint: str) -> None:
        self.findings.append(error(f"located/{name}", message, self._span(event), hint=hint))

    def _span(self, event: yaml.Event, last: yaml.Event | None = None) -> Span:
        start: Any = event.start_mark
        end: Any = (last or event).end_mark
        text = self._lines[start.line] if start.line < len(self._lines) else ""
        length = (end.column if end.line == start.line else len(text)) - start.column
        return Span(self._path, start.line + 1, start.column + 1, max(length, 1), text)
