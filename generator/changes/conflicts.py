"""Why two environments generate different files where only one can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from generator.changes.diff import ValueChange, compare_values
from generator.changes.diff.values import value_text, with_value
from generator.findings import Finding, Note, Span, error
from generator.values.layers import Values
from generator.values.source import format_path
from generator.writer.sync import Conflict

_MOST_CAUSES = 5

RenderFile = Callable[[Values, str, str], str | None]
"""Returns the text of a file, or None without one: from values, the name of the template, and the path."""


def conflict_finding(conflict: Conflict, first: Values, second: Values, render: RenderFile) -> Finding:
    """Return the finding for a conflict of `oetgen sync`, with the values that cause it in both environments."""
    one, other = conflict.files
    before, after = one.text.split("\n"), other.text.split("\n")
    pairs = enumerate(zip(before, after, strict=False), start=1)
    number = next((line for line, (was, now) in pairs if was != now), min(len(before), len(after)))
    notes = [Note(f"in {first.env} the line is this", _line(first, conflict.path, before, number))]
    for change in _causes(conflict, first, second, render):
        for env, value, is_there, at in (
            (first.env, change.old, change.was, change.old_at),
            (second.env, change.new, change.is_there, change.new_at),
        ):
            notes.append(Note(f"{format_path(change.path)} is {value_text(value, is_there)} in {env}", at))
    return error(
        "synced/conflict",
        f"{first.env} and {second.env} generate different content for {conflict.path}, and only one can be copied",
        _line(second, conflict.path, after, number),
        notes=tuple(notes),
        hint="give the values that differ the same value in both, or sync only one of them",
    )


def _line(values: Values, path: str, lines: list[str], number: int) -> Span:
    text = lines[number - 1]
    return Span(f"{values.folder}/{path}", number, 1, len(text) or 1, text)


def _causes(conflict: Conflict, first: Values, second: Values, render: RenderFile) -> list[ValueChange]:
    """Return the values that differ and that change this file."""
    file = conflict.files[1]
    found = []
    for change in compare_values(first, second):
        data = with_value(second.data, change.path, change.old, change.was)
        if render(replace(second, data=data), file.template, conflict.path) != file.text:
            found.append(change)
        if len(found) == _MOST_CAUSES:
            break
    return found
