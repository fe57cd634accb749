"""What a value reaches: every line of every environment that it is in or decides about, as text or as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from generator.project import OUT
from generator.provenance.impact import Reach
from generator.provenance.trace import SourceMap, Trace
from generator.report.text import Paint, plural, unpainted
from generator.report.values import inline, origin_text, settings_data
from generator.values.origins import history, value_at
from generator.values.source import KeyPath, format_path

Reached = Sequence[tuple[Trace, Sequence[Reach]]]


def impact_data(path: KeyPath, reached: Reached) -> dict[str, Any]:
    """Return what a value reaches as plain data."""
    return {
        "version": 1,
        "value": format_path(path),
        "environments": [
            {
                "environment": trace.env,
                "value": value_at(trace.values.data, path),
                "set": settings_data(history(trace.values, path)),
                "files": [
                    {
                        "path": f"{OUT}/{trace.env}/{each.path}",
                        "made": bool(each.text),
                        "in": sorted(each.holds),
                        "key_in": sorted(each.names),
                        "decides": sorted(each.decides),
                        "decides_before": sorted(each.before),
                        "whole_file": each.whole,
                    }
                    for each in reaches
                ],
            }
            for trace, reaches in reached
        ],
    }


def impact_text(
    path: KeyPath, reached: Reached, unsure: Sequence[tuple[Trace, SourceMap]], paint: Paint = unpainted
) -> str:
    """Return what a value reaches: the lines that hold it with their text, the others by their numbers."""
    name = format_path(path)
    lines: list[str] = []
    for trace, reaches in reached:
        if reaches:
            lines += [paint(f"{trace.env}: {_value(trace, path)}", "bold")]
            for each in reaches:
                lines += _file_lines(trace, each, paint)
            lines.append("")
    if not lines:
        lines = [f"{name} reaches nothing: no file of {_names(reached)} changes with it.", ""]
    else:
        files = sum(len(reaches) for _, reaches in reached)
        count = sum(len(each.lines) for _, reaches in reached for each in reaches)
        where = [trace.env for trace, reaches in reached if reaches]
        lines.append(
            f"{name} reaches {plural(count, 'line')} in {plural(files, 'file')} of {', '.join(where)}."
        )
        lines.append(
            "in: the line holds the value. key: it holds its name. if: the value decides about the line."
        )
    for trace, found in unsure:
        lines.append(f"whether {OUT}/{trace.env}/{found.path} holds it cannot be told: {found.reason}")
    return "\n".join(lines).rstrip()


def _names(reached: Reached) -> str:
    return ", ".join(trace.env for trace, _ in reached) or "any environment"


def _value(trace: Trace, path: KeyPath) -> str:
    settings = history(trace.values, path)
    value = value_at(trace.values.data, path)
    if not settings:
        return f"{format_path(path)} is set nowhere"
    if isinstance(value, dict):
        return f"{format_path(path)} ({settings[0].at.path}:{settings[0].at.line})"
    return f"{format_path(path)} = {inline(value)} ({origin_text(settings)})"


def _file_lines(trace: Trace, reach: Reach, paint: Paint) -> Iterator[str]:
    yield f"  {paint(f'{OUT}/{trace.env}/{reach.path}', 'cyan')}"
    if not reach.text:
        yield "    it decides whether there is this file: now there is none"
        return
    if reach.whole:
        yield "    it is in the path of the file"
        return
    texts = reach.text.split("\n")
    width = 2 * len(str(len(texts))) + 1
    for start, end, role in _runs(reach):
        numbers = f"{start}" if start == end else f"{start}-{end}"
        text = next((text for text in texts[start - 1 : end] if text.strip()), "").strip()
        if role == "before":
            text = "decides that nothing more stands before this line"
        elif end > start:
            text = f"{text} … {plural(end - start + 1, 'line')}"
        yield f"    {numbers:>{width}}  {paint(f'{role:<6}', 'yellow')}  {text}".rstrip()


def _runs(reach: Reach) -> Iterator[tuple[int, int, str]]:
    """Yield the lines that a value reaches: those that hold it one by one, those that it decides about in runs."""
    found = [(number, number, "in") for number in reach.holds]
    found += [(number, number, "key") for number in reach.names - reach.holds]
    runs: list[list[int]] = []
    for number in sorted(reach.decides - reach.holds - reach.names):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    found += [(start, end, "if") for start, end in runs]
    found += [(line, line, "before") for line in reach.before]
    return iter(sorted(found))
