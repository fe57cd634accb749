"""What made each line of an output file, as plain data: for `--format json`, and for the page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from generator.project import OUT, TEMPLATES
from generator.provenance.trace import Frame, Segment, SourceMap, Trace
from generator.report.values import settings_data
from generator.values.origins import history, value_at
from generator.values.source import KeyPath, format_path


def file_data(trace: Trace, found: SourceMap, numbers: Iterable[int] | None = None) -> dict[str, Any]:
    """Return the map of a file, or of some of its lines, as plain data. Columns count from 1."""
    wanted = list(numbers) if numbers is not None else range(1, len(found.lines) + 1)
    texts = found.text.split("\n")
    used: set[KeyPath] = set(found.decides)
    lines = []
    for number in wanted:
        segments = [
            _segment_data(trace, segment, texts[number - 1], used) for segment in found.lines[number - 1]
        ]
        omissions = [omission for omission in found.omissions if omission.line == number]
        used |= {path for omission in omissions for path in omission.decides}
        gaps = [
            {
                "within": omission.inline,
                "template": _span_data(trace, omission.location),
                "decides": _names(omission.decides),
            }
            for omission in omissions
        ]
        lines.append({"number": number, "text": texts[number - 1], "pieces": segments, "absent": gaps})
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


def _segment_data(trace: Trace, segment: Segment, text: str, used: set[KeyPath]) -> dict[str, Any]:
    used |= segment.tag.paths.union(*(frame.paths for frame in segment.frames))
    return {
        "column": segment.start + 1,
        "end_column": segment.end + 1,
        "text": text[segment.start : segment.end],
        "template": _span_data(trace, segment.location) if segment.location else None,
        "values": _names(segment.tag.values),
        "keys": _names(segment.tag.keys),
        "decides": _names(segment.tag.decides),
        "steps": [_frame_data(trace, frame) for frame in segment.frames],
    }


def _frame_data(trace: Trace, frame: Frame) -> dict[str, Any]:
    at = trace.tracer.line(frame)
    data: dict[str, Any] = {
        "kind": frame.kind,
        "path": at.path,
        "line": at.line,
        "source": at.text.strip(),
        "decides": _names(frame.paths),
    }
    if frame.kind == "branch":
        data["held"] = bool(frame.number)
    elif frame.kind == "loop":
        data |= {"round": frame.number, "item": frame.text}
    elif frame.text:
        data["name"] = frame.text
    return data


def _span_data(trace: Trace, place: tuple[str, int, int, int]) -> dict[str, Any]:
    at = trace.tracer.span(place)
    return {"path": at.path, "line": at.line, "column": at.column, "end_column": at.column + at.length}


def _names(paths: Iterable[KeyPath]) -> list[str]:
    return sorted(format_path(path) for path in paths)
