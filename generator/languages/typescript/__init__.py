"""TypeScript and JavaScript."""

from __future__ import annotations


def recognise(path: str, text: str) -> bool:
    """Return whether the file ends as files of TypeScript or JavaScript do."""
    return path.endswith((".ts", ".mts", ".cts", ".js", ".mjs", ".cjs"))


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"// {text}\n"
