"""Scripts of POSIX shells and bash."""

from __future__ import annotations

import re

_INTERPRETER = r"#![ \t]*(?:\S*/)?(?:env[ \t]+(?:-\S+[ \t]+)*)?(?:\S*/)?(?:ba|da|a|k|z)?sh(?=\s|$)"


def recognise(path: str, text: str) -> bool:
    """Return whether the first line names a shell, or the file ends as scripts do and it names nothing else."""
    if text.startswith("#!"):
        return bool(re.match(_INTERPRETER, text))
    return path.endswith((".sh", ".bash"))


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"# {text}\n"
