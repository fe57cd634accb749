"""Unified diffs of two texts."""

from __future__ import annotations

import difflib

from generator.findings.record import record


@record
class LineDiff:
    """The lines of the unified diff of one file, how many of them are added and removed, and a change of its mode."""

    path: str
    lines: tuple[str, ...]
    added: int
    removed: int
    mode: tuple[str, str] | None = None


def line_diff(path: str, old: str | None, new: str | None, mode: tuple[str, str] | None = None) -> LineDiff:
    """Return the unified diff from `old` to `new`; None stands for a file that does not exist."""
    before, after = _split(old), _split(new)
    names = (f"a/{path}" if old is not None else "/dev/null", f"b/{path}" if new is not None else "/dev/null")
    lines: list[str] = []
    for line in difflib.unified_diff(before, after, *names):
        lines.append(line.rstrip("\n"))
        if not line.endswith("\n"):
            lines.append("\\ No newline at end of file")
    added = sum(line.startswith("+") for line in lines[2:])
    removed = sum(line.startswith("-") for line in lines[2:])
    return LineDiff(path, tuple(lines), added, removed, mode)


def _split(text: str | None) -> list[str]:
    """Split into lines at line feeds alone, as Git does."""
    if not text:
        return []
    lines = [f"{line}\n" for line in text.split("\n")]
    return lines[:-1] if text.endswith("\n") else [*lines[:-1], lines[-1][:-1]]
