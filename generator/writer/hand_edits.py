"""Findings about files that were changed or created by hand, with the change and what to do."""

from __future__ import annotations

from generator.findings import Finding, Note, Span, error
from generator.project.content import text_of
from generator.writer.state import Status

_MADE_BY = b"Made by oetgen from "
_MOST_LINES = 24  # of a diff in a message; `oetgen diff` shows all of it


def changed(at: Span, status: Status) -> Finding:
    """Return the finding for a file that was changed by hand since it was rendered."""
    if status.wanted is None:
        return error(
            "writer/hand-edited",
            "changed by hand, and no template generates this file any more",
            at,
            hint="move your change into a template, delete the file, or discard the change with --overwrite",
        )
    lines = edit_lines(status)
    line = next(
        (int(text.split("+")[1].split(",")[0].split(" ")[0]) for text in lines if text[:2] == "@@"), 1
    )
    return error(
        "writer/hand-edited",
        "changed by hand since it was rendered",
        Span(at.path, line, 1),
        notes=(Note(_diff(lines)),),
        hint=f"make the change in its template, {status.wanted.template}, or in the values, or discard it with "
        "--overwrite",
    )


def edit_lines(status: Status) -> list[str]:
    """Return the diff from the rendered file to the one on disk, without the two header lines."""
    import difflib  # 3 ms, and hand edits are rare

    wanted = status.wanted.text.splitlines() if status.wanted else []
    found = text_of(status.found or b"").splitlines()
    return list(difflib.unified_diff(wanted, found, n=1, lineterm=""))[2:]


def not_ours(at: Span, status: Status) -> Finding:
    """Return the finding for an untracked file at the path of a rendered one."""
    notes: tuple[Note, ...] = ()
    if _MADE_BY in (status.found or b"")[:1000]:
        notes = (
            Note("its header names oetgen, but .oetgen does not list it: it may have been changed since"),
        )
    return error(
        "writer/foreign-file",
        "a file that oetgen did not write is at the path of a rendered one",
        at,
        notes=notes,
        hint="move it away, or replace it with --overwrite",
    )


def _diff(lines: list[str]) -> str:
    title = "the difference between the rendered file (-) and the one on disk (+):"
    more = len(lines) - _MOST_LINES
    return "\n".join([title, *lines[:_MOST_LINES], *([f"… and {more} more lines"] if more > 0 else [])])
