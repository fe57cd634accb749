"""What to say of a file that somebody else changed or made: the change itself, and the ways out."""

from __future__ import annotations

from generator.findings import Finding, Note, Span, error
from generator.writer.state import Status

_MADE_BY = b"Made by oetgen from templates/"
_MOST_LINES = 24  # of a diff in a message; `oetgen diff` shows all of it


def changed(at: Span, status: Status) -> Finding:
    """Return the finding for a file that was changed by hand since it was rendered."""
    if status.wanted is None:
        return error(
            "writer/hand-edited",
            "changed by hand, and no template makes this file any more",
            at,
            hint="move your change into a template, or delete the file, or throw the change away with --overwrite",
        )
    lines = edit_lines(status)
    line = next(
        (int(text.split("+")[1].split(",")[0].split(" ")[0]) for text in lines if text[:2] == "@@"), 1
    )
    return error(
        "writer/hand-edited",
        "changed by hand since it was rendered",
        Span(at.path, line, 1),
        notes=(Note(_label(lines)),),
        hint=f"make the change in templates/{status.wanted.template} or in environments/, or throw it away with "
        "--overwrite",
    )


def edit_lines(status: Status) -> list[str]:
    """Return the diff from what the templates make to what is on disk, without its two first lines."""
    import difflib  # 3 ms, and almost never is there a hand edit

    wanted = status.wanted.text.splitlines() if status.wanted else []
    found = (status.found or b"").decode("utf-8", "replace").splitlines()
    return list(difflib.unified_diff(wanted, found, n=1, lineterm=""))[2:]


def not_ours(at: Span, status: Status) -> Finding:
    """Return the finding for a foreign file where a rendered one must go."""
    notes: tuple[Note, ...] = ()
    if _MADE_BY in (status.found or b"")[:1000]:
        notes = (
            Note(
                "it says that oetgen made it, but its line in .oetgen is lost: it may have been changed since"
            ),
        )
    return error(
        "writer/foreign-file",
        "a file that oetgen did not write is where a rendered one must go",
        at,
        notes=notes,
        hint="move it away, or replace it with --overwrite",
    )


def _label(lines: list[str]) -> str:
    title = "what differs, from the rendered file (-) to the one on disk (+):"
    more = len(lines) - _MOST_LINES
    return "\n".join([title, *lines[:_MOST_LINES], *([f"… and {more} lines more"] if more > 0 else [])])
