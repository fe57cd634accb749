"""What made each line of an output file, as plain data: for `--format json`, and for the page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from generator.project import OUT, TEMPLATES
from generator.provenance.trace import FileMap, Piece, Step, Trace
from generator.report.values import settings_data
from generator.values.origins import history, value_at
from generator.values.source import KeyPath, format_path


def file_data(trace: Trace, found: FileMap, numbers: Iterable[int] | None = None) -> dict[str, Any]:
    """Return the map of a file, or of some of its lines, as plain data. Columns count from 1."""
    wanted = list(numbers) if numbers is not None else range(1, len(found.lines) + 1)
    texts = found.text.split("\n")
    used: set[KeyPath] = set(found.decides)
    lines = []
    for number in wanted:
        pieces = [_piece_data(trace, piece, texts[number - 1], used) for piece in found.lines[number - 1]]
        holes = [hole for hole in found.holes if hole.line == number]
        used |= {path for hole in holes for path in hole.decides}
        gaps = [
            {
                "within": hole.inline,
                "template": _span_data(trace, hole.place),
                "decides": _names(hole.decides),
            }
            for hole in holes
        ]
        lines.append({"number": number, "text": texts[number - 1], "pieces": pieces, "absent": gaps})
    return {
        "version": 1,
        "environment": trace.env,
        "path": f"{OUT}/{trace.env}/{found.path}",
        "template": f"{TEMPLATES}/{found.template}",
        "certain": found.certain,
        "reason": found.reason,
        "decides": _names(found.decides),
        "lines": lines,
        "values": {
            format_path(path): {
                "value": value_at(trace.values.data, path),
                "set": settings_data(history(trace.values, path)),
            }
            for path in sorted(used, key=format_path)
        },
    }


def _piece_data(trace: Trace, piece: Piece, text: str, used: set[KeyPath]) -> dict[str, Any]:
    used |= piece.tag.paths.union(*(step.paths for step in piece.steps))
    return {
        "column": piece.start + 1,
        "end_column": piece.end + 1,
        "text": text[piece.start : piece.end],
        "template": _span_data(trace, piece.place) if piece.place else None,
        "values": _names(piece.tag.values),
        "keys": _names(piece.tag.keys),
        "decides": _names(piece.tag.decides),
        "steps": [_step_data(trace, step) for step in piece.steps],
    }


def _step_data(trace: Trace, step: Step) -> dict[str, Any]:
    at = trace.tracer.line(step)
    data: dict[str, Any] = {
        "kind": step.kind,
        "path": at.path,
        "line": at.line,
        "source": at.text.strip(),
        "decides": _names(step.paths),
    }
    if step.kind == "branch":
        data["held"] = bool(step.number)
    elif step.kind == "loop":
        data |= {"round": step.number, "item": step.text}
    elif step.text:
        data["name"] = step.text
    return data


def _span_data(trace: Trace, place: tuple[str, int, int, int]) -> dict[str, Any]:
    at = trace.tracer.span(place)
    return {"path": at.path, "line": at.line, "column": at.column, "end_column": at.column + at.length}


def _names(paths: Iterable[KeyPath]) -> list[str]:
    return sorted(format_path(path) for path in paths)
