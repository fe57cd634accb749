"""TypeScript files."""

from __future__ import annotations


def recognise(path: str, text: str) -> bool:
    """Return whether the file ends as TypeScript files do."""
    return path.endswith((".ts", ".mts", ".cts"))


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"// {text}\n"
