"""Answers in a values file: completion, hover, places of a value, symbols and the lines that a value reaches."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from generator.editor import flow
from generator.editor.place import Range, line_of
from generator.editor.workspace import Snapshot
from generator.findings.record import record
from generator.project import SETTINGS
from generator.render.typecheck.value_type import EACH, Path
from generator.report import markdown
from generator.report.reference import type_text
from generator.report.text import plural
from generator.values.layers import FILE_KEYS, Layer, value_at
from generator.values.origins import history
from generator.values.schema import Schema
from generator.values.schema.declared import choices, declared, keys
from generator.values.settings import settings_schema
from generator.values.source import KeyPath, format_path
from generator.values.source.scalars import clear_value

_KEY = re.compile(r"""(\s*)(?:- )?(?:"([^"]*)"|'([^']*)'|([^\s#:"'][^:#]*?))\s*:(?:\s+(.*)|$)""")


@record
class Item:
    """A suggestion: what is inserted for `at`, a short `detail`, and an explanation in Markdown."""

    label: str
    at: Range
    text: str
    detail: str = ""
    explanation: str = ""


@record
class Symbol:
    """A key in the outline of a file: its range, the number of its last line, and the keys in it."""

    name: str
    detail: str
    at: Range
    last: int
    inner: tuple[Symbol, ...] = ()


def path_at(text: str, line: int, column: int = 0) -> KeyPath:
    """Return the path of the key at a place, by indentation and braces alone: it is known in a broken file, too."""
    above, start = _line_key(text, line)
    return (*above, *flow.path_at(line_of(text, line), start, column))


def _line_key(text: str, line: int) -> tuple[KeyPath, int]:
    """Return the path of the key that a line begins with, or of the map around it, and where its value begins."""
    found = _KEY.match(line_of(text, line))
    if found is None or (found[4] or "")[:1] in ("{", "["):
        return parents(text, line), 0
    return (*parents(text, line), _name(found)), found.end() if found[5] is None else found.start(5)


def parents(text: str, line: int, column: int | None = None) -> KeyPath:
    """Return the path of the map that a line is in; `column` is its indentation when it has no text yet."""
    lines = text.split("\n")
    here = lines[line] if line < len(lines) else ""
    indent = len(here) - len(here.lstrip()) if here.strip() or column is None else column
    path: list[str | int] = []
    for above in reversed(lines[:line]):
        found = _KEY.match(above)
        if found and not above.lstrip().startswith("#") and len(found[1]) < indent:
            indent = len(found[1])
            path.insert(0, _name(found))
    return tuple(path)


def complete(snapshot: Snapshot, path: str, text: str, line: int, column: int) -> Iterator[Item]:
    """Yield the keys that the map at a place may have, or the values that the key on its line may have."""
    schema = settings_schema() if path == SETTINGS else snapshot.schema
    if schema is None:
        return
    before = line_of(text, line)[:column]
    above, begin = _line_key(text, line)
    if begin <= column and (place := flow.place_at(before, begin, column)):
        yield from _in_braces(snapshot, schema, Range(path, line, place.start, column), above, place, text)
        return
    found = _KEY.match(before)
    if found and ":" in before[len(found[1]) :]:
        yield from _values(snapshot, schema, path, (*parents(text, line), _name(found)), line, before)
        return
    start = len(before) - len(before.lstrip())
    inside = parents(text, line, column)
    present = set(_siblings(text, line, inside))
    yield from _keys(schema, inside, present, Range(path, line, start, column), is_line=True)


def _in_braces(
    snapshot: Snapshot, schema: Schema, at: Range, above: KeyPath, place: flow.Place, text: str
) -> Iterator[Item]:
    """Yield what may be typed in a map or list that begins on the line of the key at `above`."""
    whole = line_of(text, at.line)
    if place.key is None:
        present = flow.keys_at(whole, 0, place.inside)
        yield from _keys(schema, (*above, *place.inside), present, at, is_line=False)
    else:
        space = "" if whole[: at.start].endswith((" ", "[")) else " "
        yield from _choices(snapshot, schema, (*above, *place.inside, place.key), at, space)


def _keys(schema: Schema, inside: KeyPath, present: set[str], at: Range, *, is_line: bool) -> Iterator[Item]:
    """Yield the keys that the map at `inside` may have and does not have yet, alone on a line or in braces."""
    for name, (rule, _) in keys(schema, inside).items():
        if name not in present:
            is_map = is_line and rule.get("type") == "object"
            text = f"{name}:" if is_map else f"{name}: "
            yield Item(name, at, text, type_text(schema, dict(rule)), _explained(rule))


def _siblings(text: str, line: int, inside: KeyPath) -> Iterator[str]:
    """Yield the keys of the map at `inside` that other lines have."""
    for number, other in enumerate(text.split("\n")):
        found = _KEY.match(other)
        if (
            found
            and number != line
            and not other.lstrip().startswith("#")
            and parents(text, number) == inside
        ):
            yield _name(found)


def hover(snapshot: Snapshot, text: str, line: int, column: int = 0) -> str:
    """Return what is known of the value at a place, as Markdown; "" if nothing sets a value there."""
    path = path_at(text, line, column)
    return explain(snapshot, path) if path and path[0] not in FILE_KEYS else ""


def explain_setting(text: str, line: int, column: int = 0) -> str:
    """Return what is known of the setting at a place of oetgen.yaml, as Markdown; "" if there is none."""
    path = path_at(text, line, column)
    schema = settings_schema()
    rules = declared(schema, path)[:1] if path else []
    shown = [f"{_explained(rule)}\n\n{type_text(schema, dict(rule))}".strip() for rule, _ in rules]
    return "\n\n".join([f"**{format_path(path)}**", *shown]) if shown else ""


def explain(snapshot: Snapshot, path: KeyPath) -> str:
    """Return what is known of a value: its description, type, value by environment, and the lines it reaches."""
    parts = [f"**{format_path(path)}**"]
    if snapshot.schema:
        for rule, _ in declared(snapshot.schema, path)[:1]:
            parts.append(f"{_explained(rule)}\n\n{type_text(snapshot.schema, dict(rule))}".strip())
    rows = []
    for values in snapshot.values():
        settings = history(values, path)
        if settings:
            at = settings[0].at
            value = value_at(values.data, path)
            shown = json.dumps(value, ensure_ascii=False) if not isinstance(value, dict) else "{…}"
            rows.append((values.env, markdown.code(shown[:60]), f"{at.path}:{at.line}"))
    if rows:
        parts.append(markdown.table(("environment", "value", "set in"), *rows))
    if text := reach_text(snapshot, path):
        parts.append(f"It reaches {text}.")
    return "\n\n".join(parts)


def reach_text(snapshot: Snapshot, path: KeyPath) -> str:
    """Return how many lines a value reaches, as "41 lines in 9 files"; "" while it is unknown."""
    reached = snapshot.reached(path)
    return f"{plural(reached[0], 'line')} in {plural(reached[1], 'file')}" if reached else ""


def declaration(snapshot: Snapshot, path: KeyPath) -> list[Range]:
    """Return where the schema declares a value, in schema.json."""
    if snapshot.schema is None:
        return []
    spans = (snapshot.schema.located.at(place) for _, place in declared(snapshot.schema, path))
    return list(dict.fromkeys(Range.of(span) for span in spans if span))[:1]


def settings(snapshot: Snapshot, path: KeyPath) -> list[Range]:
    """Return where the values files set a value."""
    spans = (layer.located.keys.get(path) for layer in snapshot.layers.values())
    return [Range.of(span) for span in spans if span]


def uses(snapshot: Snapshot, path: KeyPath) -> list[Range]:
    """Return where templates name a value."""
    if snapshot.observations is None:
        return []
    return sorted(
        {Range.of(use.at) for each in generic(path) for _, use in snapshot.observations.reading(each)}
    )


def generic(path: KeyPath) -> Iterator[Path]:
    """Yield the ways in which typecheck writes a path: each key may be any entry of its map."""
    options: list[Path] = [()]
    for part in path:
        options = [
            (*option, name) for option in options for name in ((str(part), EACH) if option else (str(part),))
        ]
    yield from options


def symbols(layer: Layer, path: KeyPath = ()) -> Iterator[Symbol]:
    """Yield the outline of a values file."""
    data = value_at(layer.located.data, path) if path else layer.located.data
    for key, value in data.items() if isinstance(data, dict) else ():
        inside = (*path, key)
        if at := layer.located.keys.get(inside):
            inner = tuple(symbols(layer, inside)) if isinstance(value, dict) else ()
            end = layer.located.values.get(inside, at).line - 1
            last = max([at.line - 1, end, *(each.last for each in inner)])
            detail = (
                "" if isinstance(value, dict | list) else json.dumps(value, ensure_ascii=False, default=str)
            )
            yield Symbol(str(key), detail, Range.of(at), last, inner)


def lenses(snapshot: Snapshot, path: str) -> Iterator[tuple[Range, KeyPath]]:
    """Yield each value of a file whose reach can be shown: those of its top level, and entries of maps of maps."""
    layer = snapshot.layers.get(path)
    if layer is None or not snapshot.project.folders.is_values(path):
        return
    for place, span in layer.located.keys.items():
        if place[0] not in FILE_KEYS and len(place) <= 2:
            yield Range.of(span), place


def _values(
    snapshot: Snapshot, schema: Schema, path: str, key: KeyPath, line: int, before: str
) -> Iterator[Item]:
    typed = before[before.rindex(":") + 1 :].lstrip()
    at = Range(path, line, len(before) - len(typed), len(before))
    yield from _choices(snapshot, schema, key, at, "" if before[: at.start].endswith(" ") else " ")


def _choices(snapshot: Snapshot, schema: Schema, key: KeyPath, at: Range, space: str) -> Iterator[Item]:
    """Yield the values that are known for a key, to be typed after `space`."""
    known: dict[str, str] = {}
    for rule, _ in declared(schema, key):
        for value in choices(rule):
            known.setdefault(_scalar(value), "")
        for value in rule.get("examples", ()):
            if not isinstance(value, dict | list):
                known.setdefault(_scalar(value), "example")
    for values in snapshot.values():
        value = value_at(values.data, key)
        if value is not None and not isinstance(value, dict | list):
            known.setdefault(_scalar(value), f"as in {values.env}")
    for text, detail in known.items():
        yield Item(text, at, space + text, detail)


def _scalar(value: object) -> str:
    """Write a scalar as YAML: text without quotes where it stays text."""
    if (
        isinstance(value, str)
        and re.fullmatch(r"[A-Za-z][\w./-]*", value)
        and clear_value(value) == (True, value)
    ):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _explained(rule: object) -> str:
    return str(rule.get("description", "")) if isinstance(rule, dict) else ""


def _name(found: re.Match[str]) -> str:
    return next(each for each in found.groups()[1:4] if each is not None)
