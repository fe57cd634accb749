"""Format every line that contains a value or depends on it, as text or as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from generator.provenance.impact import Impact, Reach
from generator.report.text import Paint, line_ranges, plural, shortened, unpainted, wrapped
from generator.report.values import inline, origin_text, settings_data
from generator.values.layers import value_at
from generator.values.origins import history
from generator.values.source import KeyPath, format_path

_FEW_LINES = 20  # that are shown one by one
_MOST_FILES = 25  # whose numbers are shown


def impact_data(path: KeyPath, found: Sequence[Impact]) -> dict[str, Any]:
    """Return the lines that a value affects as data."""
    return {
        "version": 1,
        "value": format_path(path),
        "environments": [
            {
                "environment": impact.env,
                "value": value_at(impact.values.data, path),
                "set": settings_data(history(impact.values, path)),
                "files": [
                    {
                        "path": f"{impact.folder}/{each.path}",
                        "made": bool(each.text),
                        "in": sorted(each.holds),
                        "key_in": sorted(each.names),
                        "decides": sorted(each.decides),
                        "decides_before": sorted(each.before),
                        "whole_file": each.whole,
                    }
                    for each in impact.reaches
                ],
            }
            for impact in found
        ],
    }


def impact_text(
    path: KeyPath, found: Sequence[Impact], paint: Paint = unpainted, width: int = 0, *, verbose: bool = True
) -> str:
    """Return what a value affects: the numbers, then the lines if they are few or wanted, else the files."""
    name = format_path(path)
    reached = [impact for impact in found if impact.reaches]
    lines: list[str] = []
    if not reached:
        where = ", ".join(impact.env for impact in found) or "any environment"
        lines = [f"{name} affects no file of {where}."]
    else:
        files = sum(len(impact.reaches) for impact in reached)
        count = sum(len(each.lines) for impact in reached for each in impact.reaches)
        held = sum(len(each.holds | each.names) for impact in reached for each in impact.reaches)
        where = ", ".join(impact.env for impact in reached)
        answer = f"{name} affects {plural(count, 'line')} in {plural(files, 'file')} of {where}."
        lines.append(wrapped(paint(answer, "bold"), width, "  "))
        lines += [f"{held} contain it, {count - held} depend on it.", ""] if held < count else [""]
        if verbose or count <= _FEW_LINES:
            lines += _every_line(path, reached, paint)
        else:
            lines += (wrapped(line, width, "  ") for line in _values_of(path, reached))
            lines += (shortened(line, width) for line in _files(reached, paint))
    for impact in found:
        for file, reason in impact.unknown:
            lines.append(f"{impact.folder}/{file}: unknown whether it contains the value: {reason}")
    return "\n".join(lines).rstrip()


def _every_line(path: KeyPath, reached: Sequence[Impact], paint: Paint) -> Iterator[str]:
    """Yield lines that contain the value with their text, others by number."""
    yield "in: the line contains the value. key: it contains its name. if: it depends on the value."
    for impact in reached:
        yield ""
        yield paint(f"{impact.env}: {_value(impact, path)}", "bold")
        for each in impact.reaches:
            yield from _file_lines(impact, each, paint)


def _values_of(path: KeyPath, reached: Sequence[Impact]) -> Iterator[str]:
    """Yield a line for each value, with the environments that have it, then an empty one."""
    values: dict[str, list[str]] = {}
    for impact in reached:
        values.setdefault(_value(impact, path), []).append(impact.env)
    yield from (f"{', '.join(names)}: {value}" for value, names in values.items())
    yield ""


def _files(reached: Sequence[Impact], paint: Paint) -> Iterator[str]:
    """Yield a line for each file, the most lines first; environments whose file has as many share one."""
    counts: dict[tuple[str, int, int], list[str]] = {}
    for impact in reached:
        for each in impact.reaches:
            held = len(each.holds | each.names)
            counts.setdefault((each.path, held, len(each.lines) - held), []).append(impact.env)
    rows = sorted(counts.items(), key=lambda each: (-each[0][1] - each[0][2], each[0][0]))
    columns = max(len(path) for path, *_ in counts)
    yield "  contain it  depend on it  lines of the file in each environment"
    for (name, held, decided), names in rows[:_MOST_FILES]:
        yield f"  {held:>10}  {decided:>12}  {paint(f'{name:<{columns}}', 'cyan')}  {', '.join(names)}"
    more = len(rows) - _MOST_FILES
    yield f"… and {more} more" if more > 0 else ""
    yield "each line: --verbose"


def _value(impact: Impact, path: KeyPath) -> str:
    settings = history(impact.values, path)
    value = value_at(impact.values.data, path)
    if not settings:
        return f"{format_path(path)} is not set"
    if isinstance(value, dict):
        return f"{format_path(path)} ({settings[0].at.path}:{settings[0].at.line})"
    return f"{format_path(path)} = {inline(value)} ({origin_text(settings)})"


def _file_lines(impact: Impact, reach: Reach, paint: Paint) -> Iterator[str]:
    yield f"  {paint(f'{impact.folder}/{reach.path}', 'cyan')}"
    if not reach.text:
        yield "    the file depends on it, and is not generated now"
        return
    if reach.whole:
        yield "    the path of the file contains it"
        return
    texts = reach.text.split("\n")
    ranges = [
        (f"{start}" if start == end else f"{start}-{end}", start, end, role)
        for start, end, role in _ranges(reach)
    ]
    width = max((len(numbers) for numbers, *_ in ranges), default=0)
    for numbers, start, end, role in ranges:
        text = next((text for text in texts[start - 1 : end] if text.strip()), "").strip()
        if role == "before":
            text = "text that is omitted before this line depends on it"
        elif end > start:
            text = f"{text} … {plural(end - start + 1, 'line')}"
        yield f"    {numbers:>{width}}  {paint(f'{role:<6}', 'yellow')}  {text}".rstrip()


def _ranges(reach: Reach) -> list[tuple[int, int, str]]:
    """Return the affected lines with their roles: a range for consecutive lines that depend on the value."""
    only_decided = reach.decides - reach.holds - reach.names
    ranges = [(start, end, "if") for start, end in line_ranges(only_decided)]
    ranges += [(number, number, "in") for number in reach.holds]
    ranges += [(number, number, "key") for number in reach.names - reach.holds]
    ranges += [(number, number, "before") for number in reach.before]
    return sorted(ranges)
