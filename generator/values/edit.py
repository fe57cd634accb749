"""Edit the text of a values file: comments, order and style of everything else stay as they are.

Libraries that keep comments when they write YAML attach a comment to the value before it, so that a new entry ends up
below the heading of the next section, and join maps of several lines. Here, only the characters of the value change.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import yaml

from generator.findings import OetgenError
from generator.findings.record import record
from generator.languages.yaml import plain
from generator.values.source import KeyPath, format_path, load

_LONGEST = 100  # characters of a map or list on one line
_STEP = 2  # blanks that a map is indented by


class EditError(OetgenError):
    """The text cannot be edited without a person: it uses an alias there, for example."""


@record
class _Place:
    """A key and its value in the text, the rest of the path, and whether it is inside of braces."""

    key: yaml.Node | None
    node: yaml.Node | None
    rest: KeyPath
    in_flow: bool


class Document:
    """The text of a values file, with a line end at its end; each method changes it."""

    def __init__(self, text: str) -> None:
        self.text = text if text.endswith("\n") or not text else f"{text}\n"

    def set(self, path: KeyPath, value: Any) -> None:
        """Give the value at `path`, which is added if missing, another value."""
        place = self._find(path)
        if not place.rest:
            self._replace(place, value)
            return
        for part in reversed(place.rest[1:]):
            value = {str(part): value}
        self._add(path[: len(path) - len(place.rest)], place, str(place.rest[0]), value)

    def remove(self, path: KeyPath) -> None:
        """Remove the entry at `path`, and each map around it that becomes empty."""
        holder = self._map(path)
        pairs = holder.value
        found = [index for index, (key, _) in enumerate(pairs) if key.value == path[-1]]
        if len(pairs) == 1 and len(path) > 1:
            self.remove(path[:-1])
        elif len(pairs) == 1:
            self._cut(pairs[0], "{}\n")
        elif holder.flow_style:
            self._cut_item(pairs, found[0])
        else:
            self._cut(pairs[found[0]], "")

    def copy_entry(self, path: KeyPath, name: str) -> None:
        """Add the entry `name`, with the text of the one at `path`, as the last one of its map."""
        holder = self._map(path)
        pairs = holder.value
        key, node = next(pair for pair in pairs if pair[0].value == path[-1])
        start, end = key.start_mark.index, self._end(node)
        if holder.flow_style:
            self._insert(self._end(pairs[-1][1]), f", {name}{self.text[key.end_mark.index : end]}")
            return
        lines = self.text[start : self._end_of_line(end)]
        entry = name + lines[key.end_mark.index - start :]
        self._insert(self._end_of_line(self._end(pairs[-1][1])), f"\n{' ' * key.start_mark.column}{entry}")

    def _map(self, path: KeyPath) -> yaml.MappingNode:
        """Return the map that has the entry at `path`. Raises EditError if no map has it."""
        holder = self._find(path[:-1])
        if holder.rest or not isinstance(holder.node, yaml.MappingNode) or self._find(path).rest:
            raise _by_hand(path)
        return holder.node

    def _find(self, path: KeyPath) -> _Place:
        """Return the deepest part of `path` that exists."""
        key: yaml.Node | None = None
        node: yaml.Node | None = yaml.compose(self.text, Loader=yaml.SafeLoader)
        in_flow = False
        for position, part in enumerate(path):
            pairs = node.value if isinstance(node, yaml.MappingNode) else []
            found = next((pair for pair in pairs if pair[0].value == part), None)
            if found is None:
                return _Place(key, node, path[position:], in_flow)
            if (
                key is not None and found[1].start_mark.index < key.start_mark.index
            ):  # an alias of what is above
                raise _by_hand(path)
            in_flow = in_flow or bool(isinstance(node, yaml.CollectionNode) and node.flow_style)
            key, node = found
        return _Place(key, node, (), in_flow)

    def _replace(self, place: _Place, value: Any) -> None:
        key, node = place.key, place.node
        if key is None or node is None:
            raise _by_hand(())
        start, end = node.start_mark.index, self._end(node)
        if not place.in_flow and (_is_block(node) or not _is_short(value)):
            after = key.end_mark.index + self.text[key.end_mark.index :].index(":") + 1
            first, *others = self._value(value, key.start_mark.column, is_flow=False).split("\n")
            comment = self.text[end : self._end_of_line(end)].strip()
            first = f"{first} {comment}" if comment else first
            self._put(after, self._end_of_line(end), "\n".join([first, *others]))
            return
        text = inline(value, node.style if isinstance(node, yaml.ScalarNode) else None)
        self._put_in_line(start, end, text if start > key.end_mark.index + 1 else f" {text}")

    def _add(self, path: KeyPath, place: _Place, name: str, value: Any) -> None:
        """Add an entry to the map at `path`, which is at `place`."""
        node = place.node
        if node is None or (isinstance(node, yaml.MappingNode) and not node.value):
            if place.key is not None:
                self._replace(place, {name: value})
            else:
                self._add_first(node, name, value)
            return
        if not isinstance(node, yaml.MappingNode):
            if not path:
                raise _by_hand(path)
            self.set(path, {name: value})
            return
        last = self._end(node.value[-1][1])
        if node.flow_style:
            self._insert(last, f", {_key(name)}: {inline(value)}")
            return
        column = node.value[0][0].start_mark.column
        is_flow = any(isinstance(each, yaml.CollectionNode) and each.flow_style for _, each in node.value)
        entry = f"{_key(name)}:{self._value(value, column, is_flow=is_flow)}"
        self._insert(self._end_of_line(last), f"\n{' ' * column}{entry}")

    def _add_first(self, node: yaml.Node | None, name: str, value: Any) -> None:
        """Add the first entry of a file, which has comments, or `{}`."""
        entry = f"{_key(name)}:{self._value(value, 0, is_flow=False)}"
        if node is not None:
            self._put(node.start_mark.index, node.end_mark.index, entry)
        else:
            self._put(
                len(self.text.rstrip()), len(self.text), f"\n{entry}\n" if self.text.strip() else f"{entry}\n"
            )

    def _value(self, value: Any, column: int, *, is_flow: bool) -> str:
        """Return what follows the colon of a key at `column`: on its line if short, or else below it."""
        text = inline(value)
        if _is_short(value) and (is_flow or not isinstance(value, dict) or not value):
            return f" {text}"
        if isinstance(value, str):
            return _block_text(value, column + _STEP)
        blank = " " * (column + _STEP)
        if isinstance(value, dict):
            return "".join(
                f"\n{blank}{_key(key)}:{self._value(each, column + _STEP, is_flow=True)}"
                for key, each in value.items()
            )
        if isinstance(value, list):
            return "".join(f"\n{' ' * column}- {inline(each)}" for each in value)
        return f" {text}"

    def _cut(self, pair: tuple[yaml.Node, yaml.Node], instead: str) -> None:
        """Remove the lines of an entry."""
        start = self.text.rfind("\n", 0, pair[0].start_mark.index) + 1
        self._put(start, min(self._end_of_line(self._end(pair[1])) + 1, len(self.text)), instead)

    def _cut_item(self, pairs: list[tuple[yaml.Node, yaml.Node]], index: int) -> None:
        """Remove one of several entries of a map in braces, with a comma."""
        if index:
            self._put(self._end(pairs[index - 1][1]), self._end(pairs[index][1]), "")
        else:
            self._put(pairs[0][0].start_mark.index, pairs[1][0].start_mark.index, "")

    def _end(self, node: yaml.Node) -> int:
        """Return where the text of a node ends; the mark of a block is at the next token, after comments."""
        if isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
            last = node.value[-1]
            return self._end(last[1] if isinstance(last, tuple) else last)
        end = node.end_mark.index
        if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
            return len(self.text[:end].rstrip("\n"))
        return int(end)

    def _end_of_line(self, index: int) -> int:
        found = self.text.find("\n", index)
        return len(self.text) if found < 0 else found

    def _insert(self, index: int, text: str) -> None:
        self._put(index, index, text)

    def _put_in_line(self, start: int, end: int, text: str) -> None:
        """Replace a part of a line; a comment after it stays in its column, where there is room."""
        blanks = re.compile(r"( {2,})#").match(self.text, end)
        if blanks:
            width = len(blanks[1]) + (end - start) - len(text)
            text, end = text + " " * max(width, 1), blanks.end(1)
        self._put(start, end, text)

    def _put(self, start: int, end: int, text: str) -> None:
        self.text = self.text[:start] + text + self.text[end:]


def edited(
    text: str, path: str, values: Iterable[tuple[KeyPath, Any]], removed: Iterable[KeyPath] = ()
) -> str:
    """Return the text of the values file at `path` with other values, and without those at `removed`.

    Raises EditError when the result would not hold exactly that.
    """
    wanted = load(text, path).data or {}
    document = Document(text)
    try:
        for place, value in values:
            document.set(place, value)
            wanted = with_value(wanted, place, value)
        for place in removed:
            document.remove(place)
            wanted = without_value(wanted, place)
    except yaml.YAMLError:
        raise EditError(f"{path} cannot be edited", "edit it by hand") from None
    return checked(document.text, path, wanted)


def checked(text: str, path: str, wanted: Any) -> str:
    """Return `text` if it holds exactly `wanted`. Raises EditError."""
    found = load(text, path)
    if found.findings or (found.data or {}) != wanted:
        hint = "edit it by hand: an alias, an anchor or a layout is in the way"
        raise EditError(f"{path} cannot be edited without changing something else", hint)
    return text


def with_value(data: Any, path: KeyPath, value: Any) -> Any:
    """Return `data` with another value at `path`; anything else than a map on the way becomes one."""
    if not path:
        return value
    inner = data if isinstance(data, dict) else {}
    return {**inner, str(path[0]): with_value(inner.get(path[0]), path[1:], value)}


def without_value(data: dict[str, Any], path: KeyPath) -> dict[str, Any]:
    """Return `data` without the entry at `path`, and without each map around it that becomes empty."""
    key = str(path[0])
    inner = without_value(data[key], path[1:]) if len(path) > 1 else {}
    rest = {each: value for each, value in data.items() if each != key}
    return {each: inner if each == key else value for each, value in data.items()} if inner else rest


def inline(value: Any, quote: str | None = None) -> str:
    """Return a value as YAML on one line; a text in the quotes `quote`, or without where it can be."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_key(key)}: {inline(each)}' for key, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(inline, value))}]"
    if not isinstance(value, str):
        return json.dumps(value)
    if quote == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return value if quote != '"' and _is_plain(value) else _quoted(value)


def _quoted(text: str) -> str:
    return f'"{plain.escaped(text)}"'


def _key(name: str) -> str:
    return name if _is_plain(name) else _quoted(name)


def _is_plain(text: str) -> bool:
    """Return whether a text needs no quotes, in any place."""
    if not text.isprintable() or re.search(r"[,\[\]{}]|: |:$| #", text):
        return False
    found = load(f"block: {text}\nflow: [{text}]\n", "")
    return not found.findings and found.data == {"block": text, "flow": [text]}


def _is_short(value: Any) -> bool:
    return len(inline(value)) <= _LONGEST and not (isinstance(value, str) and "\n" in value)


def _is_block(node: yaml.Node) -> bool:
    if isinstance(node, yaml.ScalarNode):
        return node.style in ("|", ">")
    return isinstance(node, yaml.CollectionNode) and not node.flow_style


def _block_text(text: str, column: int) -> str:
    """Return a text as a literal block, or in quotes where a block cannot hold it."""
    lines = text.split("\n")
    body = lines[:-1] if text.endswith("\n") else lines
    is_plain = all(line == line.rstrip() and (line.isprintable() or not line) for line in body)
    if len(body) < 2 or not body[0] or body[0][0] == " " or not body[-1] or not is_plain:
        return f" {_quoted(text)}"
    blank = " " * column
    return (" |" if text.endswith("\n") else " |-") + "".join(
        f"\n{blank}{line}" if line else "\n" for line in body
    )


def _by_hand(path: KeyPath) -> EditError:
    where = format_path(path) if path else "the file"
    return EditError(f"{where} cannot be edited", "edit it by hand: it is not written as a map with this key")
