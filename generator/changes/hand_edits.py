"""What a render would change, and where a change that somebody made by hand would have to be made to last."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import replace

from generator import writer
from generator.changes.diff import LineDiff, line_diff
from generator.changes.diff.files import HEADER
from generator.findings import Note, Span
from generator.pipeline import Pipeline, Proof
from generator.provenance.blame import origin
from generator.provenance.trace import FileMap, Piece, Trace
from generator.values.origins import value_at
from generator.values.source import KeyPath, format_path

_MOST_NOTES = 6


def differences(plan: writer.Plan, shown: str) -> list[LineDiff]:
    """Return the diff of each file that differs from what is made now, hand-edited ones too, sorted by path."""
    found = []
    for status in plan.states:
        if status.state in (writer.State.CURRENT, writer.State.BLOCKED, writer.State.UNREADABLE):
            continue
        if status.state is writer.State.MISSING and not status.wanted:
            continue
        old = None if status.found is None else status.found.decode("utf-8", "replace").replace("\r\n", "\n")
        new = status.wanted.text if status.wanted else None
        mode = None
        if old == new and status.wanted:
            mode = ("100644", "100755") if status.wanted.executable else ("100755", "100644")
        found.append(line_diff(writer.below(shown, status.path), old, new, mode))
    return found


def explain_edits(pipeline: Pipeline, proof: Proof, plan: writer.Plan) -> writer.Plan:
    """Add to each finding about a hand edit where the change would have to be made so that it lasts.

    Of files that the environment of `proof` does not make as they are wanted, nothing is said.
    """
    if not plan.edited or proof.tree is None:
        return plan
    artifacts = {
        artifact.path: artifact
        for artifact in proof.tree.artifacts
        if artifact.path in plan.files and plan.files[artifact.path].text == artifact.text
    }
    trace = pipeline.trace(proof.values)
    maps = {status.path: trace.file(status.path) for status in plan.edited if status.path in artifacts}
    notes = {
        status.path: tuple(_where_to_edit(trace, found, status))
        for status in plan.edited
        if (found := maps.get(status.path))
    }
    findings = []
    for finding in plan.findings:
        path = next((path for path in notes if finding.at and finding.at.path.endswith(f"/{path}")), None)
        if finding.code == "writer/hand-edited" and path:
            finding = replace(finding, notes=(*finding.notes, *notes[path]))
        findings.append(finding)
    return replace(plan, findings=tuple(findings))


def _where_to_edit(trace: Trace, file: FileMap, status: writer.Status) -> Iterator[Note]:
    if not file.certain:
        yield Note(f"to keep it, change templates/{file.template}")
        return
    lines = file.text.split("\n")[:-1]
    found = (status.found or b"").decode("utf-8", "replace").splitlines()
    matcher = difflib.SequenceMatcher(None, lines, found, autojunk=False)
    made = 0
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        for offset in range(max(end - start, 1)):
            if kind != "insert" and HEADER.search(lines[start + offset]):
                continue  # oetgen's own line
            if made == _MOST_NOTES:
                yield Note("and more like these: oetgen diff shows all of it")
                return
            made += 1
            if kind == "insert":
                yield _put_in(trace, file, start, new_end - new_start)
            else:
                edited = found[new_start + offset] if new_start + offset < new_end else None
                yield from _changed(trace, file, start + offset + 1, edited)


def _put_in(trace: Trace, file: FileMap, number: int, count: int) -> Note:
    """Say where new lines behind line `number` (0: before the first) belong."""
    at = origin(trace, file, number)[0]
    what, them = ("the new line", "it") if count == 1 else (f"the {count} new lines", "them")
    if at:
        return Note(f"to keep {what}, put {them} behind this line", at)
    return Note(f"to keep {what}, put {them} into templates/{file.template}")


def _changed(trace: Trace, file: FileMap, number: int, edited: str | None) -> Iterator[Note]:
    """Say which value, or else which template line, makes what stands there now."""
    if edited is not None:
        settings = list(_settings(trace, file, number, edited))
        if settings:
            for path, at, text in settings:
                yield Note(f"to keep it, set {format_path(path)} to {text} here", at)
            return
    template = origin(trace, file, number)[0]
    what = "change this line" if edited is not None else "take this line out"
    if template:
        yield Note(f"to keep it, {what}", template)
    else:
        text = file.text.split("\n")[number - 1].strip()
        yield Note(f"to keep it, change templates/{file.template}, which makes the line {text}")


def _settings(trace: Trace, file: FileMap, number: int, edited: str) -> Iterator[tuple[KeyPath, Span, str]]:
    """Yield each value that would make `edited` of a line: the text around it must be as it was."""
    text = file.text.split("\n")[number - 1]
    pieces = file.lines[number - 1]
    pattern = "".join(
        "(.*?)" if piece.tag.paths else re.escape(text[piece.start : piece.end]) for piece in pieces
    )
    put_out = [piece for piece in pieces if piece.tag.paths]
    after = re.fullmatch(pattern, edited)
    if not after:
        return
    for piece, now in zip(put_out, after.groups(), strict=True):
        if text[piece.start : piece.end] == now:
            continue
        found = _whole_value(trace, piece)
        if found is None:
            return
        yield (*found, now.strip("\"'"))


def _whole_value(trace: Trace, piece: Piece) -> tuple[KeyPath, Span] | None:
    """Return the one value that a `{{ … }}` puts out as it is."""
    for path in sorted(piece.tag.values, key=format_path):
        at = trace.values.at(path)
        if at and value_at(trace.values.data, path) == piece.value:
            return path, at
    return None
