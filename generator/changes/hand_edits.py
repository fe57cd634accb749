"""What a render would change, and where hand edits belong so that the next render keeps them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import replace

from generator import writer
from generator.changes.diff import LineDiff, line_diff
from generator.changes.diff.files import HEADER
from generator.findings import Note, Span
from generator.project.content import text_of
from generator.provenance.blame import origin
from generator.provenance.trace import Segment, SourceMap, Trace
from generator.values.layers import Values, value_at
from generator.values.source import KeyPath, format_path

_MOST_NOTES = 6


def differences(plan: writer.Plan, label: str) -> list[LineDiff]:
    """Return the diff of each file that differs from what is rendered now, sorted by path."""
    found = []
    for status in plan.states:
        if status.state in (writer.State.CURRENT, writer.State.BLOCKED, writer.State.UNREADABLE):
            continue
        if status.state is writer.State.MISSING and not status.wanted:
            continue
        old = None if status.found is None else text_of(status.found)
        new = status.wanted.text if status.wanted else None
        mode = None
        if (
            old == new
            and status.wanted
            and status.found is not None
            and not status.wanted.is_in(status.found)
        ):
            old, new = map(_with_line_ends, (status.found, status.wanted.data))
        elif old == new and status.wanted:
            mode = ("100644", "100755") if status.wanted.executable else ("100755", "100644")
        found.append(line_diff(writer.below(label, status.path), old, new, mode))
    return found


def _with_line_ends(data: bytes) -> str:
    """Return a text with its line ends and its byte-order mark visible."""
    return data.decode("utf-8", "replace").replace("\r", "\u240d").replace("\ufeff", "<U+FEFF>")


def explain_edits(trace: Trace, plan: writer.Plan) -> writer.Plan:
    """Add to each finding about a hand edit where the edit belongs, if the environment of `trace` makes that file."""
    notes = {
        status.path: tuple(_where_to_edit(trace, found, status))
        for status in plan.edited
        if (found := trace.file(status.path))
        and (found.text == plan.files[status.path].text or not found.certain)
    }
    findings = []
    for finding in plan.findings:
        path = next((path for path in notes if finding.at and finding.at.path.endswith(f"/{path}")), None)
        if finding.code == "writer/hand-edited" and path:
            finding = replace(finding, notes=(*finding.notes, *notes[path]))
        findings.append(finding)
    return replace(plan, findings=tuple(findings))


def _where_to_edit(trace: Trace, file: SourceMap, status: writer.Status) -> Iterator[Note]:
    if not file.certain:
        yield Note(f"to keep it, change {trace.template(file.template)}")
        return
    lines = file.text.split("\n")[:-1]
    found = text_of(status.found or b"").splitlines()
    matcher = difflib.SequenceMatcher(None, lines, found, autojunk=False)
    made = 0
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        for offset in range(max(end - start, 1)):
            if kind != "insert" and HEADER.search(lines[start + offset]):
                continue  # the header
            if made == _MOST_NOTES:
                yield Note("there are more: run oetgen diff to see them all")
                return
            made += 1
            if kind == "insert":
                yield _inserted(trace, file, start, new_end - new_start)
            else:
                edited = found[new_start + offset] if new_start + offset < new_end else None
                yield from _changed(trace, file, start + offset + 1, edited)


def _inserted(trace: Trace, file: SourceMap, number: int, count: int) -> Note:
    """Return where new lines after line `number` (0: before the first) belong."""
    at = origin(trace, file, number)[0]
    what, them = ("the new line", "it") if count == 1 else (f"the {count} new lines", "them")
    if at:
        return Note(f"to keep {what}, add {them} after this line", at)
    return Note(f"to keep {what}, add {them} to {trace.template(file.template)}")


def _changed(trace: Trace, file: SourceMap, number: int, edited: str | None) -> Iterator[Note]:
    """Yield which value, or else which line of the template, has to change."""
    if edited is not None:
        settings = list(_settings(trace, file, number, edited))
        if settings:
            for path, at, text in settings:
                yield Note(
                    f"to keep it, set {format_path(path)} to {text} here{_alone(trace.values, at)}", at
                )
            return
    template = origin(trace, file, number)[0]
    what = "change this line" if edited is not None else "remove this line"
    if template:
        yield Note(f"to keep it, {what}", template)
    else:
        text = file.text.split("\n")[number - 1].strip()
        yield Note(f"to keep it, change {trace.template(file.template)}, which generates the line {text}")


def _alone(values: Values, at: Span) -> str:
    """Return where a value is set for one environment alone, if `at` is a line that others may have, too."""
    return (
        ""
        if at.path == values.path
        else f" for all that have this line, or in {values.path} for {values.env} alone"
    )


def _settings(trace: Trace, file: SourceMap, number: int, edited: str) -> Iterator[tuple[KeyPath, Span, str]]:
    """Yield each value that would change a line to `edited`, provided that the text around it is the same."""
    text = file.text.split("\n")[number - 1]
    segments = file.lines[number - 1]
    pattern = "".join(
        "(.*?)" if segment.tag.paths else re.escape(text[segment.start : segment.end]) for segment in segments
    )
    written = [segment for segment in segments if segment.tag.paths]
    after = re.fullmatch(pattern, edited)
    if not after:
        return
    for segment, now in zip(written, after.groups(), strict=True):
        if text[segment.start : segment.end] == now:
            continue
        found = _whole_value(trace, segment)
        if found is None:
            return
        yield (*found, now.strip("\"'"))


def _whole_value(trace: Trace, segment: Segment) -> tuple[KeyPath, Span] | None:
    """Return the one value that a `{{ … }}` writes as it is."""
    for path in sorted(segment.tag.values, key=format_path):
        at = trace.values.at(path)
        if at and value_at(trace.values.data, path) == segment.value:
            return path, at
    return None
