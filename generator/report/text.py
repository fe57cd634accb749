"""Format findings as text: location and message, then the source line with a caret, or what to change and where."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

from generator.findings import IF, SET, USED, Finding, Note, Severity, Span
from generator.report.places import Row, is_located, rows

Paint = Callable[[str, str], str]

# Characters that control a terminal, or that change how a line looks.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")

_PATH = re.compile(r"(\s+\S+ )([\w.\[\]/:-]+)(?=: )")  # of a change, after its sign
_SHORTEST = 24  # characters of such a path
_COLOR = re.compile("\x1b\\[[0-9;]*m")
COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


def unpainted(text: str, color: str) -> str:
    """Return `text` unchanged: the paint function for output without colours."""
    return text


def finding_text(finding: Finding, paint: Paint = unpainted, width: int = 0) -> str:
    """Return all lines of a finding.

    One about the output shows the values that cause it, the other places, the line of the output and the fix, each in
    a line with a label. The source line with a caret is shown where it is what to change: without such a value.
    All but source lines are wrapped to `width` columns, unless that is 0.
    """
    lines = [first_line(finding, paint, width)]
    gutter = len(str(finding.at.line)) if finding.at else 1
    located = rows(finding) if is_located(finding) else []
    if finding.at and not any(row.label in (SET, IF) for row in located):
        lines += _source(finding.at, gutter, paint, COLORS[finding.severity])
    if located:
        return "\n".join([*lines, *_rows(located, paint, width)])
    for note in finding.notes:
        lines += _note(note, gutter, paint, width)
    if finding.environment and not _is_own_file(finding):
        lines += _note(Note(f"in {finding.environment}"), gutter, paint, width)
    if finding.hint:
        hint = wrapped(f"{' ' * (gutter + 4)}= hint: {visible(finding.hint)}", width, " " * (gutter + 6))
        lines.append(hint.replace("hint:", paint("hint:", "bold"), 1))
    return "\n".join(lines)


def first_line(finding: Finding, paint: Paint = unpainted, width: int = 0) -> str:
    """Return the first line of a finding: its location, severity, code and message."""
    location = visible(f"{_location(finding.at)}:") if finding.at else ""
    head = f"{finding.severity}[{finding.code}]"
    text = wrapped(f"{location} {head} {visible(finding.message)}".lstrip(), width, "    ")
    text = text.removeprefix(location)
    return paint(location, "bold") + text.replace(head, paint(head, COLORS[finding.severity]), 1)


def summary(findings: Sequence[Finding], paint: Paint = unpainted) -> str:
    """Return the number of errors and warnings, or an empty string if there are none."""
    counts = [
        (sum(finding.severity is severity for finding in findings), word, COLORS[severity])
        for severity, word in ((Severity.ERROR, "error"), (Severity.WARNING, "warning"))
    ]
    return ", ".join(paint(plural(count, word), color) for count, word, color in counts if count)


def plural(count: int, word: str) -> str:
    """Return `1 file`, `2 files`."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def _is_own_file(finding: Finding) -> bool:
    """Return whether the location itself names the environment."""
    path = finding.at.path if finding.at else ""
    parts = path.removesuffix(".yaml").split("/")
    return path == "--set" or not set(finding.environment.split(", ")).isdisjoint(parts)


def _location(at: Span) -> str:
    return f"{at.path}:{at.line}:{at.column}"


def _source(at: Span, gutter: int, paint: Paint, color: str) -> list[str]:
    if not at.text:
        return []
    text = visible(at.text.expandtabs(1))
    start = at.column - 1
    bar = " " * (gutter + 4) + "|"
    caret = "^" * max(_width(text[start : start + at.length]), 1)
    return [f"{at.line:>{gutter + 3}} | {text}", f"{bar} {' ' * _width(text[:start])}{paint(caret, color)}"]


def wrapped(text: str, width: int, indent: str) -> str:
    """Return text wrapped at blanks to `width` columns, further lines after `indent`; unchanged where that is 0."""
    if not width or _width(text) <= width:
        return text
    first, *words = re.findall(r"\s*\S+", text) or [text]
    lines = [first]
    for word in words:
        blanks = len(word) - len(word.lstrip())
        if _width(lines[-1]) + _width(word) > width and _width(lines[-1]) + blanks > len(indent):
            lines.append(indent + word.lstrip())
        else:
            lines[-1] += word.replace("\n", " ")
    return "\n".join(lines)


def shortened(line: str, width: int) -> str:
    """Return the beginning of a line that has `width` columns with a mark for the rest; unchanged where that is 0.

    Before `a.long.path: old → new` loses what follows the path, the path loses its beginning.
    """
    if not width or _width(line) <= width:
        return line
    path, over = _PATH.match(line), _width(line) - width + 1
    if path and len(path[2]) > _SHORTEST:
        kept = path[2][min(over, len(path[2]) - _SHORTEST) :]
        line = f"{path[1]}…{kept[kept.find('.') + 1 :]}{line[path.end() :]}"
        if _width(line) <= width:
            return line
    kept, left, mark = "", width - 1, "…"
    for part in re.split(f"({_COLOR.pattern})", line):
        if _COLOR.fullmatch(part):
            kept += part  # also after the mark, so that a colour ends
            continue
        for char in part:
            left -= _width(char)
            if left >= 0:
                kept += char
            else:
                kept, mark = kept + mark, ""
    return kept


def reflowed(text: str, width: int) -> str:
    """Return paragraphs wrapped to `width` columns, except those that are indented; unchanged where that is 0."""
    if not width:
        return text
    parts = text.split("\n\n")
    return "\n\n".join(
        part if part.startswith(" ") else wrapped(" ".join(part.split()), width, "") for part in parts
    )


def hanging(line: str, width: int) -> str:
    """Return a line wrapped to `width` columns, the rest four columns further in than its beginning."""
    return wrapped(line, width, " " * (len(line) - len(line.lstrip()) + 4))


def _rows(located: list[Row], paint: Paint, columns: int) -> Iterator[str]:
    shown = [row for row in located if row.label != USED]
    width = max((len(row.label) for row in shown), default=0)
    for row in shown:
        shown_text = visible(row_text(row))
        if columns:
            shown_text = re.sub("   +", " ", shown_text)  # the blanks that align an assignment
        text = wrapped(f"  {row.label:<{width}}  {shown_text}".rstrip(), columns, " " * (width + 4))
        yield text.replace(row.label, paint(row.label, "bold"), 1)


def row_text(row: Row) -> str:
    """Return the place and the text of a row."""
    if row.at is None:
        return row.text
    where = f" (in {row.environment})" if row.environment else ""
    between = " " if row.text.startswith("(") else "  "
    return f"{row.at.path}:{row.at.line}{where}{between}{row.text}".rstrip()


def _note(note: Note, gutter: int, paint: Paint, width: int) -> list[str]:
    location = f"{_location(note.at)}: " if note.at else ""
    first, *more = note.message.split("\n")
    text = wrapped(f"{' ' * (gutter + 4)}= note: {visible(location + first)}", width, " " * (gutter + 6))
    lines = [text.replace("note:", paint("note:", "bold"), 1)]
    lines += [f"{' ' * (gutter + 6)}{visible(line)}" for line in more]
    if note.at and note.at.text:
        lines.append(f"{' ' * (gutter + 6)}{visible(note.at.text.strip())}")
    return lines


def visible(text: str) -> str:
    """Replace each control and invisible character with a visible one; the length stays the same."""
    return _CONTROL.sub(lambda match: chr(0x2400 + ord(match[0])) if match[0] < " " else "\ufffd", text)


def _width(text: str) -> int:
    """Return the number of terminal columns of `text`, whose colours take none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in _COLOR.sub("", text)
    )


def line_ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return the ranges of consecutive line numbers, each with its first and last number."""
    ranges: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return ranges
