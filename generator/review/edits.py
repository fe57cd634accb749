"""What a render would change, and where a change that somebody made by hand would have to be made to last."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import replace

from generator import writer
from generator.diff import LineDiff, line_diff
from generator.diff.files import HEADER
from generator.engine import Emission, Engine
from generator.findings import Note, Span
from generator.formats.site import MARK
from generator.located import KeyPath, format_path
from generator.origin import origin, value_paths
from generator.pipeline import Pipeline, Proof
from generator.render import Line, trace
from generator.tree import Artifact
from generator.values import Values

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
    notes = {
        status.path: tuple(_where_to_edit(pipeline, proof.values, artifacts[status.path], status))
        for status in plan.edited
        if status.path in artifacts
    }
    findings = []
    for finding in plan.findings:
        path = next((path for path in notes if finding.at and finding.at.path.endswith(f"/{path}")), None)
        if finding.code == "writer/hand-edited" and path:
            finding = replace(finding, notes=(*finding.notes, *notes[path]))
        findings.append(finding)
    return replace(plan, findings=tuple(findings))


def _where_to_edit(
    pipeline: Pipeline, values: Values, artifact: Artifact, status: writer.Status
) -> Iterator[Note]:
    lines = trace(pipeline.engine, values, artifact)
    found = (status.found or b"").decode("utf-8", "replace").splitlines()
    matcher = difflib.SequenceMatcher(None, [line.text for line in lines], found, autojunk=False)
    made = 0
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        for offset in range(max(end - start, 1)):
            if kind != "insert" and HEADER.search(lines[start + offset].text):
                continue  # oetgen's own line
            if made == _MOST_NOTES:
                yield Note("and more like these: oetgen diff shows all of it")
                return
            made += 1
            if kind == "insert":
                yield from _put_in(pipeline, values, artifact, lines, start, new_end - new_start)
            else:
                edited = found[new_start + offset] if new_start + offset < new_end else None
                yield from _changed(pipeline, values, artifact, lines[start + offset], edited)


def _put_in(
    pipeline: Pipeline, values: Values, artifact: Artifact, lines: list[Line], start: int, count: int
) -> Iterator[Note]:
    before = lines[start - 1] if start else None
    at = origin(pipeline.engine, values, artifact, before).template if before else None
    what = "the new line" if count == 1 else f"the {count} new lines"
    if at:
        yield Note(
            f"to keep {what}, put it behind this line"
            if count == 1
            else f"to keep {what}, put them behind this line",
            at,
        )
    else:
        yield Note(f"to keep {what}, put it into templates/{artifact.template}")


def _changed(
    pipeline: Pipeline, values: Values, artifact: Artifact, line: Line, edited: str | None
) -> Iterator[Note]:
    """Say which value, or else which template line, makes what stands there now."""
    if edited is not None:
        settings = list(_settings(pipeline.engine, values, artifact, line, edited))
        if settings:
            for path, at, text in settings:
                yield Note(f"to keep it, set {format_path(path)} to {text} here", at)
            return
    found = origin(pipeline.engine, values, artifact, line)
    what = "change this line" if edited is not None else "take this line out"
    if found.template:
        yield Note(f"to keep it, {what}", found.template)
    else:
        yield Note(
            f"to keep it, change templates/{artifact.template}, which makes the line {line.text.strip()}"
        )


def _settings(
    engine: Engine, values: Values, artifact: Artifact, line: Line, edited: str
) -> Iterator[tuple[KeyPath, Span, str]]:
    """Yield each value that would make `edited` of `line`: the text around it must be as it was."""
    pieces = line.shape.split(MARK)
    before = re.fullmatch("(.*?)".join(map(re.escape, pieces)), line.text)
    after = re.fullmatch("(.*?)".join(map(re.escape, pieces)), edited)
    if not before or not after or len(pieces) != len(line.emissions) + 1:
        return
    for emission, was, now in zip(line.emissions, before.groups(), after.groups(), strict=True):
        if was == now:
            continue
        found = _whole_value(engine, values, artifact, emission)
        if found is None:
            return
        yield (*found, now.strip("\"'"))


def _whole_value(
    engine: Engine, values: Values, artifact: Artifact, emission: Emission
) -> tuple[KeyPath, Span] | None:
    """Return the one value that a `{{ … }}` puts out as it is."""
    for path in value_paths(engine, values, artifact, emission):
        at = values.at(path)
        if at and _at(values.data, path) == emission.value:
            return path, at
    return None


def _at(data: object, path: KeyPath) -> object:
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data
