"""What made each line of an output file, for a person: beside the lines, or the full chain of one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generator.project import ENVIRONMENTS, OUT, TEMPLATES
from generator.provenance.blame import first_segment
from generator.provenance.trace import Frame, Segment, SourceMap, Trace
from generator.report.text import Paint, unpainted
from generator.report.values import abbreviated, origin_text
from generator.values.origins import history, value_at
from generator.values.source import KeyPath, format_path

_WIDEST = 76  # columns; a longer line has its origin below it


def file_text(trace: Trace, found: SourceMap, paint: Paint = unpainted) -> str:
    """Return every line of a file with its place in the template, and the values that it was made from."""
    if not found.certain:
        return _template_only(trace, found)
    if not found.text:
        return "\n".join(_no_file(trace, found, paint))
    lines = found.text.split("\n")[:-1]
    width = max((len(line) for line in lines if len(line) <= _WIDEST), default=0)
    gutter = len(str(len(lines)))
    written = [paint(_title(trace, found), "bold"), ""]
    before: frozenset[KeyPath] = frozenset()
    for number, line in enumerate(lines, start=1):
        deciding = frozenset(path for segment in found.lines[number - 1] for path in segment.decides)
        origin = _origin(trace, found, number, deciding - before, paint)
        before = deciding
        head = f"{paint(f'{number:>{gutter}}', 'bold')}  {line}"
        if len(line) > width:
            written += [head, f"{' ' * (gutter + 2 + width)}  {origin}"]
        else:
            written.append(f"{head}{' ' * (width - len(line))}  {origin}")
    return "\n".join(line.rstrip() for line in written)


def line_text(trace: Trace, found: SourceMap, number: int, column: int = 0, paint: Paint = unpainted) -> str:
    """Return all that led to one line, or to the part of it that `column` (from 1; 0: all parts) is in."""
    if not found.certain:
        return _template_only(trace, found)
    text = found.text.split("\n")[number - 1]
    lines = [paint(f"{OUT}/{trace.env}/{found.path}:{number}", "bold"), f"  {text}"]
    meant = [
        segment
        for segment in found.lines[number - 1]
        if (segment.start < column <= segment.end if column else _shown(text, segment) or not text.strip())
    ]
    is_one_way = len({segment.frames for segment in meant}) == 1
    for segment in meant:
        lines += ["", *_segment_lines(trace, segment, _shown(text, segment) or "an empty line", paint)]
        lines += [] if is_one_way else _way(trace, segment, paint, "  ")
    if is_one_way and meant[0].frames:
        lines += ["", "How it got there", *_way(trace, meant[0], paint, "  ")]
    for omission in found.omissions:
        if omission.line == number and not column:
            where = "In" if omission.inline else "Before"
            lines += ["", f"{where} this line, something else may stand"]
            lines += _place_lines(trace, omission.location, paint, "  ")
            lines += _value_lines(trace, omission.decides, "    it depends on")
    if found.decides and not column:
        lines += ["", "The path of the file depends on", *_value_lines(trace, found.decides, " ")]
    return "\n".join(line.rstrip() for line in lines)


def _title(trace: Trace, found: SourceMap) -> str:
    because = f", for {', '.join(sorted(map(format_path, found.decides)))}" if found.decides else ""
    return f"{OUT}/{trace.env}/{found.path} is made by {TEMPLATES}/{found.template}{because}"


def _template_only(trace: Trace, found: SourceMap) -> str:
    return f"{_title(trace, found)}: template only.\nWhat made which line cannot be told: {found.reason}."


def _no_file(trace: Trace, found: SourceMap, paint: Paint) -> Iterator[str]:
    yield f"{trace.env} has no {found.path}: {TEMPLATES}/{found.template} puts out nothing there."
    for omission in found.omissions:
        yield from _place_lines(trace, omission.location, paint, "  ")
        yield from _value_lines(trace, omission.decides, "    it depends on")


def _origin(trace: Trace, found: SourceMap, number: int, deciding: Iterable[KeyPath], paint: Paint) -> str:
    """Return where a line stands in the templates, the values in it, and those that begin to decide about it."""
    place = first_segment(found, number).location
    if place is None:
        return paint("oetgen", "cyan")
    name, line, *_ = place
    segments = found.lines[number - 1]
    values = {path for segment in segments for path in segment.tag.values}
    keys = {path for segment in segments for path in segment.tag.keys}
    parts = [_short(trace, path) for path in sorted(values, key=format_path)]
    parts += [f"key {_short(trace, path)}" for path in sorted(keys, key=format_path)]
    why = sorted(set(deciding) - values - keys, key=format_path)
    parts += [paint(f"if {_short(trace, path)}", "yellow") for path in why]
    shown = f":{line}" if name == found.template else f"{name}:{line}"
    return f"{paint(shown, 'cyan')}  {', '.join(parts)}"


def _short(trace: Trace, path: KeyPath) -> str:
    """Return a value with what sets it and what that overrode, in few words."""
    places = [
        f"{each.at.path.removeprefix(f'{ENVIRONMENTS}/').removesuffix('.yaml')}:{each.at.line}"
        for each in history(trace.values, path)
    ]
    return f"{format_path(path)} ({' over '.join(places) or 'set nowhere'})"


def _segment_lines(trace: Trace, segment: Segment, shown: str, paint: Paint) -> Iterator[str]:
    if segment.location is None:
        yield f"{paint(shown, 'green')} is what oetgen puts at the top of every file"
        return
    at = trace.tracer.span(segment.location)
    is_text = segment.location[3] == 0
    made = "is text of the template" if is_text else f"is {at.text[at.column - 1 :][: at.length]}"
    yield f"{paint(shown, 'green')} {made}"
    yield f"  {paint(f'{at.path}:{at.line}:{at.column}', 'cyan')}"
    yield from _value_lines(trace, segment.tag.values, "    the value")
    yield from _value_lines(trace, segment.tag.keys, "    the key")
    yield from _value_lines(trace, segment.tag.decides, "    chosen by")


def _shown(text: str, segment: Segment) -> str:
    return text[segment.start : segment.end].strip()


def _way(trace: Trace, segment: Segment, paint: Paint, indent: str) -> Iterator[str]:
    """Yield the includes, macros, loops and branches that led to a segment, the nearest first."""
    for frame in reversed(segment.frames):
        yield f"{indent}{_frame_text(frame)}"
        yield from _place_lines(trace, (frame.template, frame.line, 1, 0), paint, f"{indent}  ")
        yield from _value_lines(trace, frame.paths, f"{indent}    it depends on")


def _frame_text(frame: Frame) -> str:
    texts = {
        "branch": f"here because this {'holds' if frame.number else 'does not hold'}",
        "loop": f"round {frame.number} of this loop: {frame.text}",
        "empty": "here because this loop has no round",
        "macro": f"put out by {frame.text}(), which is called here",
        "include": f"in {TEMPLATES}/{frame.text}, which is included here",
        "text": "in text that is put in here",
    }
    return texts[frame.kind]


def _place_lines(trace: Trace, place: tuple[str, int, int, int], paint: Paint, indent: str) -> Iterator[str]:
    at = trace.tracer.span(place)
    yield f"{indent}{paint(f'{at.path}:{at.line}', 'cyan')}  {at.text.strip()}"


def _value_lines(trace: Trace, paths: Iterable[KeyPath], title: str) -> Iterator[str]:
    """Yield a line for each value: what it is, what sets it and what that overrode."""
    for path in sorted(paths, key=format_path):
        value = value_at(trace.values.data, path)
        is_one = not isinstance(value, dict | list)
        settings = history(trace.values, path)
        what = f" = {abbreviated(value)}" if is_one and settings else ""
        yield f"{title} {format_path(path)}{what}, {origin_text(settings if is_one else settings[:1])}"
