"""Format the origin of each line of an output file as data, for `--format json` and for the page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from generator.provenance.trace import Frame, Segment, SourceMap, Trace
from generator.report.values import settings_data
from generator.values.layers import value_at
from generator.values.origins import history
from generator.values.source import KeyPath, format_path


def file_data(trace: Trace, source_map: SourceMap, numbers: Iterable[int] | None = None) -> dict[str, Any]:
    """Return the origin of all or some lines of a file as data. Columns count from 1."""
    wanted = list(numbers) if numbers is not None else range(1, len(source_map.lines) + 1)
    texts = source_map.text.split("\n")
    return {
        "version": 1,
        "environment": trace.env,
        "path": f"{trace.folder}/{source_map.path}",
        "template": trace.template(source_map.template),
        "certain": source_map.certain,
        "reason": source_map.reason,
        "decides": _names(source_map.decides),
        "lines": [_line_data(trace, source_map, number, texts[number - 1]) for number in wanted],
        "values": {
            format_path(path): {
                "value": value_at(trace.values.data, path),
                "set": settings_data(history(trace.values, path)),
            }
            for path in sorted(_paths(source_map, wanted), key=format_path)
        },
    }


def _paths(source_map: SourceMap, numbers: Iterable[int]) -> frozenset[KeyPath]:
    """Return the values that lines contain or depend on, and those that the whole file depends on."""
    wanted = set(numbers)
    segments = [segment for number in wanted for segment in source_map.lines[number - 1]]
    return source_map.decides.union(
        *(segment.tag.paths for segment in segments),
        *(frame.paths for segment in segments for frame in segment.frames),
        *(omission.decides for omission in source_map.omissions if omission.line in wanted),
    )


def _line_data(trace: Trace, source_map: SourceMap, number: int, text: str) -> dict[str, Any]:
    return {
        "number": number,
        "text": text,
        "pieces": [_segment_data(trace, segment, text) for segment in source_map.lines[number - 1]],
        "absent": [
            {
                "within": omission.inline,
                "template": _span_data(trace, omission.location),
                "decides": _names(omission.decides),
            }
            for omission in source_map.omissions
            if omission.line == number
        ],
    }


def _segment_data(trace: Trace, segment: Segment, text: str) -> dict[str, Any]:
    return {
        "column": segment.start + 1,
        "end_column": segment.end + 1,
        "text": text[segment.start : segment.end],
        "template": _span_data(trace, segment.location) if segment.location else None,
        "values": _names(segment.tag.values),
        "keys": _names(segment.tag.keys),
        "decides": _names(segment.tag.decides),
        "steps": [frame_data(trace, frame) for frame in segment.frames],
    }


def frame_data(trace: Trace, frame: Frame) -> dict[str, Any]:
    """Return a condition, loop, call or include around a part of a line as data."""
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


def _span_data(trace: Trace, location: tuple[str, int, int, int]) -> dict[str, Any]:
    at = trace.tracer.span(location)
    return {"path": at.path, "line": at.line, "column": at.column, "end_column": at.column + at.length}


def _names(paths: Iterable[KeyPath]) -> list[str]:
    return sorted(format_path(path) for path in paths)
