"""Scripts of POSIX shells and bash."""

from __future__ import annotations

import re

_INTERPRETER = r"#![ \t]*(?:\S*/)?(?:env[ \t]+(?:-\S+[ \t]+)*)?(?:\S*/)?(?:ba|da|a|k|z)?sh(?=\s|$)"


def recognise(path: str, text: str) -> bool:
    """Return whether the file ends as scripts do, or its first line names a shell."""
    return path.endswith((".sh", ".bash")) or bool(text.startswith("#!") and re.match(_INTERPRETER, text))


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"# {text}\n"
